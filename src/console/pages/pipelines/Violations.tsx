import type { Violation } from '../../../contract/pipelines.ts'
import { ModeBadge } from '../../parts/ModeBadge.tsx'
import { ObjectLink } from '../../parts/ObjectLink.tsx'
import { DataTable, type Column } from '../../ui/DataTable.tsx'
import { Empty } from '../../ui/Empty.tsx'
import { Status } from '../../ui/Status.tsx'
import { levels } from './check-status.ts'
import classes from './pipelines.module.css'

interface Props {
  readonly violations: readonly Violation[]
  readonly more: number
  /** Beside the text there is room for the reason only. */
  readonly brief?: boolean
}

const columns: Column<Violation>[] = [
  {
    key: 'line',
    title: 'Line',
    width: '70px',
    cell: ({ line }) => <a href={`#line-${line}`}>{line}</a>,
  },
  {
    key: 'level',
    title: 'Does',
    width: '130px',
    keep: true,
    cell: ({ level, mode }) =>
      mode === 'evaluate' ? (
        <Status is="would">Would fail</Status>
      ) : (
        <Status is={levels[level].is}>{levels[level].word}</Status>
      ),
  },
  {
    key: 'reason',
    title: 'Why',
    keep: true,
    cell: ({ reason }) => <span title={reason}>{reason}</span>,
  },
  {
    key: 'rule',
    title: 'Rule',
    width: '190px',
    cell: ({ rule }) => <span className="sp-mono">{rule}</span>,
  },
  {
    key: 'policy',
    title: 'Policy',
    width: '300px',
    cell: ({ policy, mode }) => (
      <span className={classes.policy}>
        <ObjectLink kind="policy" id={policy.id} name={policy.name} /> <ModeBadge mode={mode} />
      </span>
    ),
  },
]

/** Every broken rule by line; the line leads to its place in the file. */
export function Violations({ violations, more, brief }: Props) {
  const numbered = violations.map((one, index) => ({ ...one, key: `${index}` }))
  return (
    <DataTable
      label={brief ? 'Broken rules so far' : 'Broken rules'}
      columns={brief ? columns.slice(0, 3) : columns}
      rows={numbered}
      rowKey={(row) => (row as Violation & { key: string }).key}
      {...(more > 0 && {
        total: `${violations.length} rows, and ${more} more that are not listed`,
      })}
      empty={
        <Empty title="No rule is broken">Every rule holds on every part of this config.</Empty>
      }
    />
  )
}
