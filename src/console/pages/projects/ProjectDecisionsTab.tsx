import { useInfiniteQuery } from '@tanstack/react-query'
import { Link, useParams } from 'react-router'
import type { Decision } from '../../../contract/decisions.ts'
import { pages } from '../../api/client.ts'
import { ObjectLink } from '../../parts/ObjectLink.tsx'
import { OutcomeBadge } from '../../parts/OutcomeBadge.tsx'
import { ProblemNotice } from '../../parts/ProblemNotice.tsx'
import { Why } from '../../parts/Why.tsx'
import { paths } from '../../paths.ts'
import { DataTable, type Column } from '../../ui/DataTable.tsx'
import { Empty } from '../../ui/Empty.tsx'
import { Time } from '../../ui/Time.tsx'

const columns: Column<Decision>[] = [
  {
    key: 'at',
    title: 'When',
    width: '130px',
    cell: (row) => (
      <Link to={paths.decision(row.id)}>
        <Time at={row.at} />
      </Link>
    ),
  },
  {
    key: 'outcome',
    title: 'Outcome',
    width: '150px',
    keep: true,
    cell: (row) => <OutcomeBadge outcome={row.outcome} />,
  },
  {
    key: 'context',
    title: 'Context',
    width: '200px',
    keep: true,
    cell: (row) => row.context && <ObjectLink kind="context" {...row.context} />,
  },
  { key: 'why', title: 'Why', cell: (row) => <Why sentence={row.sentence} /> },
]

/** What was decided about the project and its runs, newest first. */
export function Component() {
  const { projectId: project = '' } = useParams()
  const list = useInfiniteQuery(pages('decisions.list', { project }))
  return (
    <>
      <ProblemNotice error={list.error} />
      <DataTable
        label="Decisions about the project"
        columns={columns}
        rows={list.data?.pages.flatMap(({ items }) => items)}
        rowKey={(row) => row.id}
        rowHref={(row) => paths.decision(row.id)}
        tools={<Link to={paths.decisions({ project })}>Search them</Link>}
        more={{
          has: list.hasNextPage,
          loading: list.isFetchingNextPage,
          load: () => void list.fetchNextPage(),
        }}
        empty={
          <Empty title="No decisions yet">
            The first run that asks for a context, and every change and refusal, shows here.
          </Empty>
        }
      />
    </>
  )
}
