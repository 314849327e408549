import type { Permission } from '../../../contract/permissions.ts'
import { PersonLink } from '../../parts/PersonLink.tsx'
import { ProblemNotice } from '../../parts/ProblemNotice.tsx'
import { DataTable, type Column } from '../../ui/DataTable.tsx'
import { Empty } from '../../ui/Empty.tsx'
import { count } from '../../ui/format.ts'
import { Panel } from '../../ui/Panel.tsx'
import { Impact, ReasonForOpening } from '../../parts/Impact.tsx'
import type { RoleImpact as Found } from '../../../contract/roles.ts'
import { useRoleImpact } from './use-role-impact.ts'

type Row = Found['people'][number]

const list = (permissions: readonly Permission[]) =>
  permissions.length === 0 ? '–' : permissions.join(', ')

const columns: Column<Row>[] = [
  {
    key: 'person',
    title: 'Person',
    width: '200px',
    cell: (row) => <PersonLink person={row.person} />,
  },
  { key: 'scope', title: 'Where', width: '200px', cell: (row) => row.scope.name },
  {
    key: 'via',
    title: 'By',
    width: '160px',
    cell: (row) => (row.via.kind === 'team' ? `team ${row.via.name}` : 'directly'),
  },
  { key: 'gains', title: 'Gains', keep: true, cell: (row) => <code>{list(row.gains)}</code> },
  {
    key: 'loses',
    title: 'Loses',
    width: '30%',
    keep: true,
    cell: (row) => <code>{list(row.loses)}</code>,
  },
]

/** Who would gain or lose what, before it is saved; what somebody holds by another grant as well is not counted. */
export function RoleImpact(props: {
  roleId: string
  permissions: readonly Permission[]
  reason: string
  onReason: (reason: string) => void
  refused: Error | null
}) {
  const { roleId, reason, onReason } = props
  const impact = useRoleImpact(roleId, props.permissions)
  const { people, total = 0 } = impact.data ?? {}
  return (
    <>
      <Impact impact={impact.data?.uses} error={impact.error} what="actions" />
      <ReasonForOpening
        refused={props.refused}
        impact={impact.data?.uses}
        value={reason}
        onChange={onReason}
      />
      <Panel
        title="Who would gain or lose what"
        aside={<span role="status">{impact.data ? count(total, 'change') : 'Working it out'}</span>}
        flush
      >
        <ProblemNotice error={impact.error} />
        <DataTable
          label="Impact of the change"
          columns={columns}
          rows={people}
          rowKey={(row) => `${row.person.id} ${row.scope.id ?? ''} ${row.via.id}`}
          empty={<Empty title="Nobody gains or loses anything">Nobody holds it differently.</Empty>}
        />
      </Panel>
    </>
  )
}
