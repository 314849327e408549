import { useQuery } from '@tanstack/react-query'
import { Link } from 'react-router'
import type { FlowMatrix as Matrix, SegmentFlow } from '../../../contract/segments.ts'
import { query } from '../../api/client.ts'
import { PersonLink } from '../../parts/PersonLink.tsx'
import { ProblemNotice } from '../../parts/ProblemNotice.tsx'
import { paths } from '../../paths.ts'
import { DataTable, type Column } from '../../ui/DataTable.tsx'
import { Empty } from '../../ui/Empty.tsx'
import { Page } from '../../ui/Page.tsx'
import { Panel } from '../../ui/Panel.tsx'
import { Skeletons } from '../../ui/Skeletons.tsx'
import { Time } from '../../ui/Time.tsx'
import { ChangeFlows } from './ChangeFlows.tsx'
import { SegmentTabs } from './SegmentTabs.tsx'

export const handle = { crumb: 'Allowed flows' }

export function Component() {
  const { data: matrix, error } = useQuery(query('segments.flows', {}))
  return (
    <Page
      title="Allowed flows"
      purpose="From which segments runs may use the contexts of which others. What is not allowed is denied; within a segment nothing need be allowed."
      tabs={<SegmentTabs />}
    >
      <ProblemNotice error={error} />
      {!matrix && !error && <Skeletons lines={8} />}
      {matrix && matrix.segments.length < 2 && (
        <Empty title="There are not two segments to flow between">
          Create a segment per zone, then say from where runs may reach it.
        </Empty>
      )}
      {matrix && matrix.segments.length >= 2 && (
        <>
          <ChangeFlows matrix={matrix} />
          <Panel title="Why they are allowed" flush>
            <DataTable
              label="Allowed flows"
              columns={columnsOf(matrix)}
              rows={matrix.flows}
              rowKey={({ from, to }) => `${from} ${to}`}
              empty={
                <Empty title="No flow is allowed">
                  A run uses the contexts of the segment that it takes place in, and no others.
                </Empty>
              }
            />
          </Panel>
        </>
      )}
    </Page>
  )
}

function columnsOf({ segments }: Matrix): Column<SegmentFlow>[] {
  const names = new Map(segments.map(({ id, name }) => [id, name]))
  const link = (id: string) => <Link to={paths.segment(id)}>{names.get(id)}</Link>
  return [
    { key: 'from', title: 'From', width: '180px', keep: true, cell: (row) => link(row.from) },
    { key: 'to', title: 'To', width: '180px', keep: true, cell: (row) => link(row.to) },
    {
      key: 'why',
      title: 'Why',
      keep: true,
      cell: ({ reason }) => <span title={reason ?? ''}>{reason}</span>,
    },
    { key: 'at', title: 'Allowed', width: '130px', cell: (row) => <Time at={row.createdAt} /> },
    {
      key: 'by',
      title: 'By',
      width: '160px',
      cell: (row) => <PersonLink person={row.createdBy} />,
    },
  ]
}
