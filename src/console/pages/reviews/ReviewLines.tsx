import { Button } from '@mantine/core'
import { useInfiniteQuery } from '@tanstack/react-query'
import { lazy, Suspense, useMemo, useState } from 'react'
import { pathSaid, recommendationOf, recommended } from '../../../contract/review-words.ts'
import type { ReviewDecision, ReviewLine } from '../../../contract/reviews.ts'
import { pages } from '../../api/client.ts'
import { useQueryState } from '../../api/use-query-state.ts'
import { ProblemNotice } from '../../parts/ProblemNotice.tsx'
import { DataTable, type Column } from '../../ui/DataTable.tsx'
import { NoResults } from '../../ui/Empty.tsx'
import { FilterBar } from '../../ui/FilterBar.tsx'
import { num } from '../../ui/format.ts'
import { Status } from '../../ui/Status.tsx'
import { Time } from '../../ui/Time.tsx'
import { LineDetail } from './LineDetail.tsx'
import { answerSaid } from './review-words.ts'
import classes from './reviews.module.css'
import { asSaid, useAnswers, type Said } from './use-answers.ts'

const Delegate = lazy(() => import('./Delegate.tsx').then((m) => ({ default: m.Delegate })))
const DecideMany = lazy(() => import('./DecideMany.tsx').then((m) => ({ default: m.DecideMany })))

/** A line, and whether it is the first about its person. */
interface Row {
  readonly line: ReviewLine
  readonly first: boolean
}

/** Rows as they were drawn: a line that is the same has the same row, which is then not drawn anew. */
const drawn = new WeakMap<ReviewLine, Row>()

function rowOf(line: ReviewLine, first: boolean): Row {
  const before = drawn.get(line)
  if (before?.first === first) return before
  const row = { line, first }
  drawn.set(line, row)
  return row
}

/** Of thousands, and asked for with each key: only what is being answered makes another row. */
function useRows(
  read: readonly { readonly items: readonly ReviewLine[] }[] | undefined,
  saying: ReadonlyMap<string, Said>,
): readonly Row[] | undefined {
  const rows = useMemo(() => {
    const lines = read?.flatMap(({ items }) => items)
    return lines?.map((line, at) => rowOf(line, lines[at - 1]?.person.id !== line.person.id))
  }, [read])
  const places = useMemo(() => new Map(rows?.map(({ line }, at) => [line.id, at])), [rows])
  return useMemo(() => {
    if (!rows || saying.size === 0) return rows
    const next = [...rows]
    for (const [id, said] of saying) {
      const at = places.get(id)
      const row = at === undefined ? undefined : rows[at]
      if (row && at !== undefined) next[at] = rowOf(asSaid(row.line, said), row.first)
    }
    return next
  }, [rows, places, saying])
}

const columns: Column<Row>[] = [
  {
    key: 'person',
    title: 'Person',
    width: '150px',
    cell: ({ line, first }) => (
      <span className={first ? classes.first : 'sp-dim'}>{line.person.name}</span>
    ),
  },
  { key: 'role', title: 'Role', width: '120px', keep: true, cell: ({ line }) => line.role.name },
  { key: 'where', title: 'Where', cell: ({ line }) => line.scope.name },
  {
    key: 'risk',
    title: 'Risk',
    width: '100px',
    cell: ({ line }) => <Status is={line.risk.level} />,
  },
  {
    key: 'recommended',
    title: 'Recommended',
    width: '110px',
    cell: ({ line }) => recommended[recommendationOf(line).decision],
  },
  {
    key: 'answer',
    title: 'Answer',
    width: '120px',
    keep: true,
    cell: ({ line }) => {
      const { is, word } = answerSaid(line)
      return <Status is={is}>{word}</Status>
    },
  },
  {
    key: 'by',
    title: 'By',
    width: '130px',
    optional: true,
    cell: ({ line }) => pathSaid(line),
  },
  {
    key: 'used',
    title: 'Last used',
    width: '120px',
    optional: true,
    cell: ({ line }) => <Time at={line.lastUsedAt} />,
  },
  {
    key: 'uses',
    title: 'Uses',
    width: '70px',
    align: 'end',
    optional: true,
    cell: ({ line }) => num(line.uses),
  },
]

const filters = [
  { key: 'mine', label: 'Whose', options: [{ value: 'true', label: 'Mine' }] },
  {
    key: 'answer',
    label: 'Answer',
    options: [
      { value: 'open', label: 'Open' },
      { value: 'keep', label: 'Keep' },
      { value: 'revoke', label: 'Revoke' },
    ],
  },
]

/** The lines by person: worked through by j and k, a, r, d and u, or several at once. */
export function ReviewLines({ reviewId }: { readonly reviewId: string }) {
  const [{ limit: _, cursor: __, ...chosen }, setChosen] = useQueryState('reviews.lines')
  const list = useInfiniteQuery(pages('reviews.lines', { reviewId, limit: 200, ...chosen }))
  const { say, saying } = useAnswers(reviewId)
  const [activeId, setActiveId] = useState<string>()
  const [selected, setSelected] = useState<ReadonlySet<string>>(new Set())
  const [many, setMany] = useState<ReviewDecision>()
  const [delegated, setDelegated] = useState<ReviewLine>()
  const { data } = list
  const rows = useRows(data?.pages, saying)
  const active = (rows?.find(({ line }) => line.id === activeId) ?? rows?.[0])?.line
  const chosenLines = rows?.filter(({ line }) => selected.has(line.id)).map(({ line }) => line)
  const answerable = chosenLines?.filter(({ mayDecide }) => mayDecide) ?? []
  const answering = (said: ReviewDecision) => (row: Row) => {
    if (!row.line.mayDecide) return 'stay' as const
    say(row.line, said)
    return 'next' as const
  }
  const any = rows?.some(({ line }) => line.mayDecide || line.mayUndo) ?? false
  return (
    <>
      <FilterBar filters={filters} value={chosen} onChange={setChosen} />
      <ProblemNotice error={list.error} />
      <div className={classes.work}>
        <div className={classes.lines}>
          <DataTable
            label="Lines"
            columns={columns}
            rows={rows}
            rowKey={({ line }) => line.id}
            onActive={({ line }) => setActiveId(line.id)}
            onOpen={({ line }) => setActiveId(line.id)}
            keys={{
              a: answering('keep'),
              r: answering('revoke'),
              u({ line }) {
                if (line.mayUndo) say(line, 'undo')
                return 'stay'
              },
              d({ line }) {
                if (line.mayDecide && !line.decision) setDelegated(line)
                return 'stay'
              },
            }}
            {...(any && {
              selection: {
                selected,
                onChange: setSelected,
                name: ({ line }: Row) => `${line.person.name}, ${line.role.name}`,
                actions: (
                  <>
                    <Button disabled={answerable.length === 0} onClick={() => setMany('keep')}>
                      Keep selected
                    </Button>
                    <Button
                      color="red"
                      disabled={answerable.length === 0}
                      onClick={() => setMany('revoke')}
                    >
                      Revoke selected
                    </Button>
                  </>
                ),
              },
            })}
            more={{
              has: list.hasNextPage,
              loading: list.isFetchingNextPage,
              load: () => void list.fetchNextPage(),
            }}
            empty={<NoResults noun="lines" onClear={() => setChosen({ mine: '', answer: '' })} />}
          />
        </div>
        <div className={classes.side}>
          {active && (
            <LineDetail
              line={active}
              onSay={(said, note) => say(active, said, note)}
              onDelegate={() => setDelegated(active)}
            />
          )}
        </div>
      </div>
      <Suspense>
        {many && (
          <DecideMany
            reviewId={reviewId}
            decision={many}
            lines={answerable}
            onClose={() => setMany(undefined)}
            onDone={() => {
              setMany(undefined)
              setSelected(new Set())
            }}
          />
        )}
        {delegated && (
          <Delegate reviewId={reviewId} line={delegated} onClose={() => setDelegated(undefined)} />
        )}
      </Suspense>
    </>
  )
}
