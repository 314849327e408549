import { Button } from '@mantine/core'
import { useInfiniteQuery, useMutation } from '@tanstack/react-query'
import { Link } from 'react-router'
import type { AuditCheckpoint, AuditPruned } from '../../../contract/audit.ts'
import { fromBase64 } from '../../../proof/bytes.ts'
import { verifyConsistency } from '../../../proof/merkle.ts'
import { call, pages } from '../../api/client.ts'
import { ProblemNotice } from '../../parts/ProblemNotice.tsx'
import { paths } from '../../paths.ts'
import { Copyable } from '../../ui/Copyable.tsx'
import { DataTable, type Column } from '../../ui/DataTable.tsx'
import { Empty } from '../../ui/Empty.tsx'
import { num } from '../../ui/format.ts'
import { Page } from '../../ui/Page.tsx'
import { Status } from '../../ui/Status.tsx'
import { Time } from '../../ui/Time.tsx'

export const handle = { crumb: 'Checkpoints' }

const columns: Column<AuditCheckpoint>[] = [
  { key: 'size', title: 'Events', width: '120px', cell: (row) => num(row.treeSize) },
  {
    key: 'at',
    title: 'Signed',
    width: '150px',
    keep: true,
    cell: (row) => <Time at={row.createdAt} />,
  },
  { key: 'root', title: 'Root', cell: (row) => <Copyable text={row.root} what="root" /> },
  {
    key: 'note',
    title: 'Checkpoint',
    width: '180px',
    keep: true,
    cell: (row) => <Copyable text={row.note} what="signed checkpoint" short />,
  },
]

export function Component() {
  const list = useInfiniteQuery(pages('audit.checkpoints', {}))
  const rows = list.data?.pages.flatMap(({ items }) => items)
  const key = list.data?.pages[0]?.verifierKey
  return (
    <Page
      title="Checkpoints"
      purpose="Signed statements of how many events there are and what they hash to. Keep the key elsewhere and compare."
      aside={<Status is="unknown">Self-attested</Status>}
      action={<Consistency of={rows} />}
      fill
    >
      {key !== undefined && (
        <p>
          Verifier key <Copyable text={key} what="verifier key" />
        </p>
      )}
      <ProblemNotice error={list.error} />
      {list.data?.pages[0]?.pruned.map((each) => (
        <Left key={each.until} pruned={each} />
      ))}
      <DataTable
        label="Checkpoints"
        columns={columns}
        rows={rows}
        rowKey={(row) => String(row.treeSize)}
        more={{
          has: list.hasNextPage,
          loading: list.isFetchingNextPage,
          load: () => void list.fetchNextPage(),
        }}
        empty={
          <Empty title="No checkpoints yet">
            The first is signed a second after the first event.
          </Empty>
        }
      />
    </Page>
  )
}

/** What is not here any more, and what keeps it. */
function Left({ pruned }: { pruned: AuditPruned }) {
  const { first, until, newestAt, pack, prunedAt, event } = pruned
  return (
    <p role="note">
      Events {num(first)} to {num(until - 1)}, the newest of <Time at={newestAt} />, left the record{' '}
      <Link to={paths.auditEvent(event)}>
        <Time at={prunedAt} />
      </Link>
      ; their hashes stay, and every proof with them. The evidence pack that keeps them has the
      SHA-256 <Copyable text={pack} what="SHA-256 of the pack" short />
    </p>
  )
}

/** Proves, here in the browser, that the newest tree shown continues the oldest one shown. */
function Consistency({ of: rows }: { of: readonly AuditCheckpoint[] | undefined }) {
  const prove = useMutation({
    mutationFn: async ([older, newer]: readonly [AuditCheckpoint, AuditCheckpoint]) => {
      const [first, second] = [older.treeSize, newer.treeSize]
      const { proof } = await call('audit.consistency', { first, second })
      const [one, other] = [fromBase64(older.root), fromBase64(newer.root)]
      return verifyConsistency(first, second, one, other, proof.map(fromBase64))
    },
  })
  const [newest, oldest] = [rows?.[0], rows?.at(-1)]
  if (prove.data !== undefined) {
    return prove.data ? (
      <Status is="permitted">The newest continues the oldest shown</Status>
    ) : (
      <Status is="denied">The newest contradicts the oldest shown</Status>
    )
  }
  return (
    <Button
      loading={prove.isPending}
      disabled={!newest || !oldest}
      onClick={() => newest && oldest && prove.mutate([oldest, newest])}
    >
      Prove consistency
    </Button>
  )
}
