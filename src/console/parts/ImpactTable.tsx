import type { ImpactRow } from '../../contract/impact.ts'
import { paths } from '../paths.ts'
import { DataTable, type Column, type DataTableProps } from '../ui/DataTable.tsx'
import { num } from '../ui/format.ts'
import { Status } from '../ui/Status.tsx'
import { Time } from '../ui/Time.tsx'
import { ObjectLink } from './ObjectLink.tsx'
import { Why } from './Why.tsx'

const columns: Column<ImpactRow>[] = [
  {
    key: 'change',
    title: 'Would be',
    width: '150px',
    keep: true,
    cell: ({ change }) =>
      change === 'newly_denied' ? (
        <Status is="denied">Denied</Status>
      ) : (
        <Status is="permitted">Permitted</Status>
      ),
  },
  { key: 'at', title: 'Was asked', width: '120px', cell: (row) => <Time at={row.at} /> },
  {
    key: 'who',
    title: 'By',
    width: '160px',
    keep: true,
    cell: (row) => row.project?.name ?? row.actor.name,
  },
  {
    key: 'action',
    title: 'Action',
    width: '130px',
    cell: (row) => <span className="sp-mono">{row.action}</span>,
  },
  {
    key: 'object',
    title: 'Object',
    width: '150px',
    cell: ({ resource }) => <ObjectLink {...resource} />,
  },
  {
    key: 'why',
    title: 'Why',
    keep: true,
    cell: (row) => <Why sentence={row.sentence} />,
  },
]

type Given = Pick<DataTableProps<ImpactRow>, 'rows' | 'onOpen' | 'more' | 'empty'> & {
  /** How many turn in all, where fewer are listed. */
  readonly of?: number
}

/** Recorded decisions that a change would turn: of a preview, or of a replay whose rows open their traces. */
export function ImpactTable({ of, ...props }: Given) {
  const listed = props.rows?.length ?? 0
  return (
    <DataTable
      label="Decisions that would turn"
      columns={columns}
      rowKey={(row) => row.decisionId}
      {...(!props.onOpen && { rowHref: (row: ImpactRow) => paths.decision(row.decisionId) })}
      {...(of !== undefined && of > listed && { total: `${num(listed)} of ${num(of)}` })}
      {...props}
    />
  )
}
