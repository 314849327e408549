import { useQuery } from '@tanstack/react-query'
import type { GrantCreate } from '../../../contract/grants.ts'
import type { CatalogueRole } from '../../../contract/requests.ts'
import { query } from '../../api/client.ts'
import { PermissionList } from '../../parts/PermissionList.tsx'
import { ProblemNotice } from '../../parts/ProblemNotice.tsx'
import { Panel } from '../../ui/Panel.tsx'
import { Time } from '../../ui/Time.tsx'
import { Approvers } from './Approvers.tsx'
import { ruleSentence } from './rule-words.ts'

interface Props {
  readonly role: CatalogueRole
  readonly scope: GrantCreate['scope']
}

/** What the role would newly permit there, and who would decide. */
export function RequestPreview({ role, scope }: Props) {
  const { data, error } = useQuery(
    query('requests.preview', {
      roleId: role.id,
      scope: scope.kind,
      ...('id' in scope && { scopeId: scope.id }),
    }),
  )
  if (!data) return error ? <ProblemNotice error={error} /> : null
  const { difference, approvers, heldUntil } = data
  return (
    <>
      {heldUntil !== undefined && (
        <p role="note">
          You hold {role.name} there already, until <Time at={heldUntil} never="it is revoked" />.
        </p>
      )}
      <Panel title="What you could newly do there">
        {difference.gains.length > 0 ? (
          <PermissionList permissions={difference.gains} />
        ) : (
          <p>Nothing: you hold everything that this role permits there.</p>
        )}
      </Panel>
      <Panel title="Who would decide">
        <p>{ruleSentence(role.rule)}</p>
        <Approvers approvers={approvers} />
      </Panel>
    </>
  )
}
