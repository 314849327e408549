import { Button } from '@mantine/core'
import { useInfiniteQuery } from '@tanstack/react-query'
import { useState } from 'react'
import type { Session } from '../../contract/sessions.ts'
import { pages, useChange } from '../api/client.ts'
import { formErrors } from '../api/problem.ts'
import { EndSessions } from './EndSessions.tsx'
import { PersonLink } from './PersonLink.tsx'
import { ProblemNotice } from './ProblemNotice.tsx'
import { ConfirmDanger } from '../ui/ConfirmDanger.tsx'
import { DataTable, type Column } from '../ui/DataTable.tsx'
import { Empty } from '../ui/Empty.tsx'
import { Status } from '../ui/Status.tsx'
import { Time } from '../ui/Time.tsx'
import { toast } from '../ui/toasts.ts'

/** "Firefox on Linux", as far as the user agent tells. */
function browserOf(userAgent: string): string {
  const browser = /(Edg|Firefox|Chrome|Safari)\//.exec(userAgent)?.[1] ?? 'A program'
  const system = /(Windows|Mac OS X|Android|iPhone|Linux)/.exec(userAgent)?.[1]
  return `${browser === 'Edg' ? 'Edge' : browser}${system ? ` on ${system}` : ''}`
}

const columnsFor = (everyone: boolean, revoke: (row: Session) => void): Column<Session>[] => [
  ...(everyone
    ? [
        {
          key: 'person',
          title: 'Person',
          keep: true,
          cell: (row: Session) => <PersonLink person={row.person} />,
        },
      ]
    : []),
  { key: 'browser', title: 'Browser', keep: true, cell: (row) => browserOf(row.userAgent) },
  {
    key: 'ip',
    title: 'Address',
    width: '150px',
    cell: (row) => <span className="sp-mono">{row.lastIp ?? row.ip}</span>,
  },
  {
    key: 'started',
    title: 'Signed in',
    width: '130px',
    cell: (row) => <Time at={row.startedAt} />,
  },
  {
    key: 'seen',
    title: 'Last seen',
    width: '130px',
    keep: true,
    cell: (row) => <Time at={row.lastSeenAt} />,
  },
  {
    key: 'key',
    title: 'Key',
    width: '150px',
    cell: (row) => (row.bound ? 'Bound to browser' : 'Not bound'),
  },
  {
    key: 'state',
    title: 'State',
    width: '130px',
    keep: true,
    cell: ({ state, current }) => {
      if (state === 'live') return <Status is="permitted">{current ? 'This one' : 'Live'}</Status>
      if (state === 'expired') return <Status is="unknown">Expired</Status>
      return <Status is="denied">Ended</Status>
    },
  },
  {
    key: 'ends',
    title: 'Ends',
    width: '180px',
    cell: (row) => (
      <>
        <Time at={row.endedAt ?? row.endsAt} />
        {row.endReason && <div className="sp-dim">{row.endReason}</div>}
      </>
    ),
  },
  {
    key: 'revoke',
    title: 'Action',
    width: '120px',
    keep: true,
    cell: (row) =>
      row.revocable && (
        <Button
          size="compact-xs"
          variant="default"
          aria-label={`Revoke the session of ${row.person.name}, ${browserOf(row.userAgent)}`}
          onClick={() => revoke(row)}
        >
          Revoke
        </Button>
      ),
  },
]

interface Props {
  readonly of: 'sessions.mine' | 'sessions.list'
  readonly ended: boolean
  /** Of everyone's, those of one person alone. */
  readonly person?: string
  /** Whether to end all of the person's is asked about at once. */
  readonly end?: boolean
}

export function SessionList({ of, ended, person, end = false }: Props) {
  const list = useInfiniteQuery(pages(of, { ended, ...(person !== undefined && { person }) }))
  const revoke = useChange('sessions.revoke')
  const [asked, setAsked] = useState<Session>()
  const columns = columnsFor(of === 'sessions.list' && person === undefined, setAsked)
  const confirm = (session: Session) =>
    revoke.mutate(
      { input: { sessionId: session.id } },
      {
        onSuccess: () => {
          setAsked(undefined)
          toast(`The session of ${session.person.name} has ended.`)
        },
      },
    )
  const rows = list.data?.pages.flatMap(({ items }) => items)
  // Where they are all of one person.
  const other =
    of === 'sessions.mine' || person !== undefined
      ? rows?.find(({ revocable, current }) => revocable && !current)
      : undefined
  return (
    <>
      <ProblemNotice error={list.error} />
      <DataTable
        label="Sessions"
        columns={columns}
        rows={rows}
        tools={
          other && (
            <EndSessions
              person={other.person}
              own={of === 'sessions.mine' || rows?.some(({ current }) => current) === true}
              asked={end}
            />
          )
        }
        rowKey={(row) => row.id}
        more={{
          has: list.hasNextPage,
          loading: list.isFetchingNextPage,
          load: () => void list.fetchNextPage(),
        }}
        empty={<Empty title="No sessions">Whoever signs in is listed here.</Empty>}
      />
      {asked && (
        <ConfirmDanger
          opened
          title="Revoke session"
          verb="Revoke session"
          busy={revoke.isPending}
          errors={formErrors(revoke.error)}
          onClose={() => setAsked(undefined)}
          onConfirm={() => confirm(asked)}
        >
          {asked.person.name} is cut off at the very next request in {browserOf(asked.userAgent)}
          {asked.current ? ', which is this window' : ''}, and can sign in again.
        </ConfirmDanger>
      )}
    </>
  )
}
