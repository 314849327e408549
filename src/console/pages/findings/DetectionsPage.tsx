import { useQuery } from '@tanstack/react-query'
import { Link } from 'react-router'
import type { Detection } from '../../../contract/findings.ts'
import { query } from '../../api/client.ts'
import { ProblemNotice } from '../../parts/ProblemNotice.tsx'
import { paths } from '../../paths.ts'
import { DataTable, type Column } from '../../ui/DataTable.tsx'
import { Empty } from '../../ui/Empty.tsx'
import { num } from '../../ui/format.ts'
import { Page } from '../../ui/Page.tsx'
import { Status } from '../../ui/Status.tsx'
import { Time } from '../../ui/Time.tsx'
import { FindingTabs } from './FindingTabs.tsx'

export const handle = { crumb: 'Detections' }

/** Read in full: there are few rows, and each is a sentence or two. */
const whole = { whiteSpace: 'normal', paddingBlock: 'var(--sp-1)' } as const

const columns: Column<Detection>[] = [
  {
    key: 'title',
    title: 'Looked for',
    width: '260px',
    cell: (row) => (
      <div style={whole}>
        {row.title}
        <br />
        <code className="sp-dim">{row.id}</code>
      </div>
    ),
  },
  {
    key: 'severity',
    title: 'Severity',
    width: '110px',
    keep: true,
    cell: (row) => <Status is={row.severity} />,
  },
  {
    key: 'open',
    title: 'Open',
    width: '80px',
    align: 'end',
    keep: true,
    cell: (row) =>
      row.open > 0 ? (
        <Link
          to={paths.findings({ detection: row.id })}
          aria-label={`${row.open} open: ${row.title}`}
        >
          {num(row.open)}
        </Link>
      ) : (
        '0'
      ),
  },
  {
    key: 'why',
    title: 'Why',
    keep: true,
    cell: (row) => <div style={whole}>{row.why}</div>,
  },
  {
    key: 'risk',
    title: 'OWASP',
    width: '120px',
    cell: (row) => <code>{row.cicdRisk}</code>,
  },
  {
    key: 'controls',
    title: 'Controls',
    width: '300px',
    optional: true,
    cell: (row) => <div style={whole}>{row.controls.join(', ')}</div>,
  },
  {
    key: 'looked',
    title: 'All looked at',
    width: '150px',
    cell: (row) =>
      row.fault ? (
        <Status is="high">Failed</Status>
      ) : row.silentUntil ? (
        <span title="The record does not go back far enough yet to say that something was not used.">
          silent until <Time at={row.silentUntil} />
        </span>
      ) : (
        <Time at={row.lookedAt} never="not yet" />
      ),
  },
]

export function Component() {
  const list = useQuery(query('findings.detections', {}))
  return (
    <Page
      title="Detections"
      purpose="What is looked for: after each change at what it concerns, and each night at everything."
      tabs={<FindingTabs />}
      fill
    >
      <ProblemNotice error={list.error} />
      <DataTable
        label="Detections"
        columns={columns}
        rows={list.data?.items}
        rowKey={(row) => row.id}
        rowHref={(row) => paths.findings({ detection: row.id, state: 'any' })}
        empty={<Empty title="Nothing is looked for">This version has no detections.</Empty>}
      />
    </Page>
  )
}
