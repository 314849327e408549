import { useQuery } from '@tanstack/react-query'
import { Link, useParams } from 'react-router'
import type { OutputOf } from '../../../contract/index.ts'
import { query } from '../../api/client.ts'
import { ProblemNotice } from '../../parts/ProblemNotice.tsx'
import { paths } from '../../paths.ts'
import { DataTable, type Column } from '../../ui/DataTable.tsx'
import { Empty } from '../../ui/Empty.tsx'
import { num } from '../../ui/format.ts'

type Row = OutputOf<'projects.contexts'>['items'][number]

const reasons = {
  project: 'restricted to this project',
  team: 'restricted to its team',
  segment: 'restricted to its segment',
  expression: 'restricted by an expression only',
}

const columns: Column<Row>[] = [
  {
    key: 'context',
    title: 'Context',
    cell: (row) => <Link to={paths.context(row.context.id)}>{row.context.name}</Link>,
  },
  { key: 'by', title: 'Reached because it is', width: '280px', cell: (row) => reasons[row.by] },
  {
    key: 'permitted',
    title: 'Permitted, 30 days',
    width: '160px',
    align: 'end',
    keep: true,
    cell: (row) => num(row.permitted),
  },
  {
    key: 'denied',
    title: 'Denied, 30 days',
    width: '150px',
    align: 'end',
    keep: true,
    cell: (row) => num(row.denied),
  },
]

export function Component() {
  const { projectId = '' } = useParams()
  const list = useQuery(query('projects.contexts', { projectId }))
  return (
    <>
      <ProblemNotice error={list.error} />
      <DataTable
        label="Contexts that the project reaches"
        columns={columns}
        rows={list.data?.items}
        rowKey={(row) => row.context.id}
        rowHref={(row) => paths.context(row.context.id)}
        empty={
          <Empty title="It reaches no context">
            Every context has a restriction that leaves this project out, or none at all.
          </Empty>
        }
      />
    </>
  )
}
