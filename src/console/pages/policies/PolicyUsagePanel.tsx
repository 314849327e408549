import type { PolicyDetail, PolicyUsage } from '../../../contract/policies.ts'
import { DataTable, type Column } from '../../ui/DataTable.tsx'
import { Panel } from '../../ui/Panel.tsx'
import { Time } from '../../ui/Time.tsx'
import { UsageMark } from './UsageMark.tsx'

type Row = PolicyUsage['statements'][number] & { readonly number: number }

const columns: Column<Row>[] = [
  { key: 'number', title: 'Rule', width: '80px', cell: (row) => row.number },
  { key: 'reason', title: 'Reason', cell: (row) => row.reason ?? '–' },
  {
    key: 'use',
    title: 'Denied of what it applies to',
    width: '280px',
    keep: true,
    cell: (row) => <UsageMark usage={row} />,
  },
]

/** Each rule of the version in force, over ninety days of recorded decisions. */
export function PolicyUsagePanel({ policy: { usage } }: { policy: PolicyDetail }) {
  if (!usage) return null
  return (
    <Panel
      title={`What its rules did in ${usage.days} days`}
      aside={
        <span className="sp-dim">
          version {usage.policyVersion}, counted <Time at={usage.computedAt} />
        </span>
      }
      flush
    >
      <DataTable
        label="Rules"
        columns={columns}
        rows={usage.statements.map((statement, at) => ({ ...statement, number: at + 1 }))}
        rowKey={(row) => String(row.number)}
        empty={null}
      />
    </Panel>
  )
}
