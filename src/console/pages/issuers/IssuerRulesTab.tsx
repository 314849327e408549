import { useQuery } from '@tanstack/react-query'
import { useParams } from 'react-router'
import { query } from '../../api/client.ts'
import { AllowedAction } from '../../parts/AllowedAction.tsx'
import { TrustRuleTable } from '../../parts/TrustRuleTable.tsx'
import { paths } from '../../paths.ts'
import { Empty } from '../../ui/Empty.tsx'

/** The rules that say whose the issuer's tokens are. */
export function Component() {
  const { issuerId = '' } = useParams()
  const me = useQuery(query('me.view', {}))
  const add = (
    <AllowedAction
      primary
      allowed={me.data?.may.map(({ permission }) => permission) ?? []}
      may="trustRule:create"
      to={paths.trustRuleNew({ issuerId })}
    >
      Add trust rule
    </AllowedAction>
  )
  return (
    <TrustRuleTable
      of={{ issuerId }}
      without="issuer"
      tools={add}
      empty={
        <Empty title="Its tokens are nobody’s yet" action={add}>
          A rule binds claims to a project. Without one, every token of this issuer is refused.
        </Empty>
      }
    />
  )
}
