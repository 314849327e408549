import { useInfiniteQuery } from '@tanstack/react-query'
import { Link, useParams } from 'react-router'
import type { Context } from '../../../contract/contexts.ts'
import type { Project } from '../../../contract/projects.ts'
import { pages } from '../../api/client.ts'
import { ProblemNotice } from '../../parts/ProblemNotice.tsx'
import { paths } from '../../paths.ts'
import { DataTable, type Column } from '../../ui/DataTable.tsx'
import { Empty } from '../../ui/Empty.tsx'
import { num } from '../../ui/format.ts'
import { Panel } from '../../ui/Panel.tsx'
import { Status } from '../../ui/Status.tsx'
import { Time } from '../../ui/Time.tsx'

const projectColumns: Column<Project>[] = [
  {
    key: 'name',
    title: 'Name',
    cell: (row) => <Link to={paths.project(row.id)}>{row.name}</Link>,
  },
  {
    key: 'team',
    title: 'Team',
    width: '200px',
    keep: true,
    cell: (row) => row.team && <Link to={paths.team(row.team.id)}>{row.team.name}</Link>,
  },
  {
    key: 'repository',
    title: 'Repository',
    width: '360px',
    cell: (row) => <span className="sp-mono">{row.repository}</span>,
  },
]

const contextColumns: Column<Context>[] = [
  {
    key: 'name',
    title: 'Name',
    cell: (row) => <Link to={paths.context(row.id)}>{row.name}</Link>,
  },
  {
    key: 'closed',
    title: 'Restrictions',
    width: '160px',
    keep: true,
    cell: (row) => (row.closed ? <Status is="denied">Closed</Status> : num(row.restrictions)),
  },
  {
    key: 'secrets',
    title: 'Secrets',
    width: '110px',
    align: 'end',
    cell: (row) => num(row.secrets),
  },
  { key: 'used', title: 'Last used', width: '150px', cell: (row) => <Time at={row.lastUsedAt} /> },
]

/** What is placed in the segment, as far as one may see it. */
export function Component() {
  const { segmentId = '' } = useParams()
  const projects = useInfiniteQuery(pages('projects.list', { segmentId }))
  const contexts = useInfiniteQuery(pages('contexts.list', { segmentId }))
  return (
    <>
      <Panel
        flush
        title="Projects"
        aside={<Link to={paths.projects({ segmentId })}>Search them</Link>}
      >
        <ProblemNotice error={projects.error} />
        <DataTable
          label="Projects in the segment"
          columns={projectColumns}
          rows={projects.data?.pages.flatMap(({ items }) => items)}
          rowKey={(row) => row.id}
          rowHref={(row) => paths.project(row.id)}
          more={moreOf(projects)}
          empty={
            <Empty title="No project is placed here">
              A project is placed in a segment on its own page.
            </Empty>
          }
        />
      </Panel>
      <Panel
        flush
        title="Contexts"
        aside={<Link to={paths.contexts({ segmentId })}>Search them</Link>}
      >
        <ProblemNotice error={contexts.error} />
        <DataTable
          label="Contexts in the segment"
          columns={contextColumns}
          rows={contexts.data?.pages.flatMap(({ items }) => items)}
          rowKey={(row) => row.id}
          rowHref={(row) => paths.context(row.id)}
          more={moreOf(contexts)}
          empty={
            <Empty title="No context is placed here">
              A context is placed in a segment when it is created, or later by its settings.
            </Empty>
          }
        />
      </Panel>
    </>
  )
}

interface Listed {
  readonly hasNextPage: boolean
  readonly isFetchingNextPage: boolean
  readonly fetchNextPage: () => Promise<unknown>
}

const moreOf = (list: Listed) => ({
  has: list.hasNextPage,
  loading: list.isFetchingNextPage,
  load: () => void list.fetchNextPage(),
})
