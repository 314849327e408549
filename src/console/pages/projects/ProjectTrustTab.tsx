import { useQuery } from '@tanstack/react-query'
import { useParams } from 'react-router'
import { query } from '../../api/client.ts'
import { AllowedAction } from '../../parts/AllowedAction.tsx'
import { TrustRuleTable } from '../../parts/TrustRuleTable.tsx'
import { paths } from '../../paths.ts'
import { Empty } from '../../ui/Empty.tsx'

/** The rules by which tokens are told to be this project's. */
export function Component() {
  const { projectId = '' } = useParams()
  const me = useQuery(query('me.view', {}))
  const add = (
    <AllowedAction
      primary
      allowed={me.data?.may.map(({ permission }) => permission) ?? []}
      may="trustRule:create"
      to={paths.trustRuleNew({ projectId })}
    >
      Add trust rule
    </AllowedAction>
  )
  return (
    <TrustRuleTable
      of={{ projectId }}
      without="project"
      tools={add}
      empty={
        <Empty title="No token is told to be this project’s" action={add}>
          Its runs are refused at the exchange until a rule binds a CI system’s claims to it.
        </Empty>
      }
    />
  )
}
