import { useInfiniteQuery } from '@tanstack/react-query'
import { Link } from 'react-router'
import type { OutputOf } from '../../../contract/index.ts'
import { pages } from '../../api/client.ts'
import { ProblemNotice } from '../../parts/ProblemNotice.tsx'
import { paths } from '../../paths.ts'
import { DataTable, type Column } from '../../ui/DataTable.tsx'
import { Empty } from '../../ui/Empty.tsx'
import { num } from '../../ui/format.ts'
import { Page } from '../../ui/Page.tsx'
import { SegmentTabs } from './SegmentTabs.tsx'

export const handle = { crumb: 'People' }

type Row = OutputOf<'reach.everybody'>['items'][number]

const columns: Column<Row>[] = [
  {
    key: 'person',
    title: 'Person',
    width: '240px',
    cell: ({ person }) => <Link to={paths.person(person.id, 'reach')}>{person.name}</Link>,
  },
  {
    key: 'production',
    title: 'Contexts of production',
    width: '200px',
    align: 'end',
    keep: true,
    cell: ({ production }) => num(production),
  },
  {
    key: 'contexts',
    title: 'Contexts',
    width: '130px',
    align: 'end',
    keep: true,
    cell: ({ contexts }) => num(contexts),
  },
  {
    key: 'secrets',
    title: 'Secrets in them',
    width: '150px',
    align: 'end',
    cell: ({ secrets }) => num(secrets),
  },
  {
    key: 'grants',
    title: 'By live grants',
    width: '150px',
    align: 'end',
    cell: ({ grants }) => num(grants),
  },
]

export function Component() {
  const list = useInfiniteQuery(pages('reach.everybody', {}))
  return (
    <Page
      title="What people reach"
      purpose="How many contexts each person’s live grants let them use or change, and how many secrets lie in them; who reaches most of production first. Their own page says by which way, and what of it they used."
      tabs={<SegmentTabs />}
      fill
    >
      <ProblemNotice error={list.error} />
      <DataTable
        label="What people reach"
        columns={columns}
        rows={list.data?.pages.flatMap(({ items }) => items)}
        rowKey={({ person }) => person.id}
        rowHref={({ person }) => paths.person(person.id, 'reach')}
        more={{
          has: list.hasNextPage,
          loading: list.isFetchingNextPage,
          load: () => void list.fetchNextPage(),
        }}
        empty={
          <Empty title="Nobody is known yet">
            People come with their first sign-in, or with an import.
          </Empty>
        }
      />
    </Page>
  )
}
