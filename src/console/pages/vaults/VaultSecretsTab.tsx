import { useInfiniteQuery } from '@tanstack/react-query'
import { Link, useParams } from 'react-router'
import type { OutputOf } from '../../../contract/index.ts'
import { pages } from '../../api/client.ts'
import { ProblemNotice } from '../../parts/ProblemNotice.tsx'
import { paths } from '../../paths.ts'
import { DataTable, type Column } from '../../ui/DataTable.tsx'
import { Empty } from '../../ui/Empty.tsx'
import { Time } from '../../ui/Time.tsx'

type Reference = OutputOf<'contexts.references'>['items'][number]

const columns: Column<Reference>[] = [
  {
    key: 'context',
    title: 'Context',
    width: '220px',
    cell: ({ context }) => <Link to={paths.context(context.id)}>{context.name}</Link>,
  },
  {
    key: 'name',
    title: 'Secret',
    width: '220px',
    keep: true,
    cell: ({ name }) => <code title={name}>{name}</code>,
  },
  {
    key: 'place',
    title: 'Refers to',
    cell: ({ mount, path, field }) => {
      const text = `${mount}/${path}#${field}`
      return <code title={text}>{text}</code>
    },
  },
  {
    key: 'updated',
    title: 'Set',
    width: '130px',
    cell: ({ updatedAt }) => <Time at={updatedAt} />,
  },
  {
    key: 'used',
    title: 'Last used',
    width: '130px',
    keep: true,
    cell: ({ lastUsedAt }) => <Time at={lastUsedAt} />,
  },
]

/** What would no longer be read if the server were away. */
export function Component() {
  const { vaultId = '' } = useParams()
  const list = useInfiniteQuery(pages('contexts.references', { vault: vaultId }))
  return (
    <>
      <ProblemNotice error={list.error} />
      <DataTable
        label="Secrets that refer into it"
        columns={columns}
        rows={list.data?.pages.flatMap(({ items }) => items)}
        rowKey={({ id }) => id}
        rowHref={({ context }) => paths.context(context.id)}
        more={{
          has: list.hasNextPage,
          loading: list.isFetchingNextPage,
          load: () => void list.fetchNextPage(),
        }}
        empty={
          <Empty title="No secret refers into it">
            In a context, a secret may refer to a value here instead of being stored. Only those of
            contexts that you may see are listed.
          </Empty>
        }
      />
    </>
  )
}
