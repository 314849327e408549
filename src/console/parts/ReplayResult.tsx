import { useInfiniteQuery, useQuery } from '@tanstack/react-query'
import { lazy, Suspense, useState } from 'react'
import type { ImpactRow } from '../../contract/impact.ts'
import type { ReplayDetail } from '../../contract/replays.ts'
import { pages, query, useChange } from '../api/client.ts'
import { Empty } from '../ui/Empty.tsx'
import { Facets } from '../ui/Facets.tsx'
import { count, num } from '../ui/format.ts'
import { Progress } from '../ui/Progress.tsx'
import { SideDrawer } from '../ui/SideDrawer.tsx'
import { Skeletons } from '../ui/Skeletons.tsx'
import { Status } from '../ui/Status.tsx'
import { Time } from '../ui/Time.tsx'
import { AllowedAction } from './AllowedAction.tsx'
import { ImpactTable } from './ImpactTable.tsx'
import { ProblemNotice } from './ProblemNotice.tsx'
import { isOpen, pollReplay } from './replay-state.ts'
import classes from './ReplayResult.module.css'
import { Turns } from './Turns.tsx'

const ReplayTrace = lazy(() =>
  import('./ReplayTrace.tsx').then((module) => ({ default: module.ReplayTrace })),
)

/** What a replay found, while it runs too: how far it is, what turns by project, context and person, and each decision. */
export function ReplayResult({ replayId, short }: { replayId: string; short?: boolean }) {
  const { data: replay, error } = useQuery(pollReplay(replayId))
  if (!replay) return error ? <ProblemNotice error={error} /> : <Skeletons lines={4} />
  return (
    <div className={classes.result}>
      <ProblemNotice error={error} />
      <Head replay={replay} />
      {!short && replay.newlyDenied + replay.newlyPermitted > 0 && <Turned replay={replay} />}
    </div>
  )
}

function Head({ replay }: { replay: ReplayDetail }) {
  const cancel = useChange('replays.cancel')
  const me = useQuery(query('me.view', {}))
  const { state, done, total, newlyDenied, newlyPermitted, untold, finishedAt, fault } = replay
  return (
    <>
      {isOpen(state) && (
        <Progress label="Decisions asked" done={done} total={total}>
          <AllowedAction
            allowed={me.data?.may.map(({ permission }) => permission) ?? []}
            may="policy:update"
            loading={cancel.isPending}
            onClick={() => cancel.mutate({ input: { replayId: replay.id } })}
          >
            Cancel replay
          </AllowedAction>
        </Progress>
      )}
      <ProblemNotice error={cancel.error} />
      <div role="status" className={classes.said}>
        {state === 'waiting' && <p>It waits for its turn.</p>}
        {state === 'failed' && (
          <p>
            <Status is="denied">Failed</Status> {fault}
          </p>
        )}
        {state !== 'waiting' && (
          <p>
            {state === 'cancelled' ? (
              <Status is="plain">Cancelled</Status>
            ) : (
              state === 'done' && <Turns denied={newlyDenied} permitted={newlyPermitted} />
            )}{' '}
            {num(newlyDenied)} of {count(done, 'decision')} would newly be denied,{' '}
            {num(newlyPermitted)} newly permitted.
          </p>
        )}
        <span className="sp-dim">
          {finishedAt && (
            <>
              Worked out <Time at={finishedAt} />,{' '}
            </>
          )}
          over the {count(daysOf(replay), 'day')} until <Time at={replay.until} />
          {replay.project && `, project ${replay.project.name}`}
          {replay.context && `, context ${replay.context.name}`}
          {replay.action && `, ${replay.action}`}; beside what was enforced then.
          {untold > 0 && ` ${count(untold, 'decision')} could not be asked again.`}
        </span>
      </div>
    </>
  )
}

const daysOf = ({ from, until }: ReplayDetail) =>
  Math.round((Date.parse(until) - Date.parse(from)) / 86_400_000)

type Narrow = { project?: string; context?: string; actor?: string; change?: ImpactRow['change'] }

function Turned({ replay }: { replay: ReplayDetail }) {
  const [narrow, setNarrow] = useState<Narrow>({})
  const [opened, setOpened] = useState<ImpactRow>()
  const list = useInfiniteQuery({
    ...pages('replays.changed', { replayId: replay.id, limit: 50, ...narrow }),
    refetchInterval: isOpen(replay.state) ? 2_000 : false,
  })
  const option = ({
    id,
    name,
    newlyDenied,
    newlyPermitted,
  }: ReplayDetail['groups']['project'][number]) => ({
    value: id,
    label: name,
    count: newlyDenied + newlyPermitted,
  })
  const { project, context, person } = replay.groups
  const facets = [
    {
      key: 'change',
      label: 'Would be',
      options: [
        { value: 'newly_denied', label: 'Denied', count: replay.newlyDenied },
        { value: 'newly_permitted', label: 'Permitted', count: replay.newlyPermitted },
      ].filter((one) => one.count > 0),
    },
    { key: 'project', label: 'Project', options: project.map(option) },
    { key: 'context', label: 'Context', options: context.map(option) },
    { key: 'actor', label: 'Person', options: person.map(option) },
  ]
  return (
    <div className={classes.columns}>
      <Facets
        facets={facets.filter(({ options }) => options.length > 0)}
        value={narrow}
        onChange={(patch) => {
          const next = Object.entries({ ...narrow, ...patch })
          setNarrow(Object.fromEntries(next.filter(([, value]) => value !== undefined)))
        }}
      />
      <div className={classes.rows}>
        <ProblemNotice error={list.error} />
        <ImpactTable
          rows={list.data?.pages.flatMap(({ items }) => items)}
          onOpen={setOpened}
          more={{
            has: list.hasNextPage,
            loading: list.isFetchingNextPage,
            load: () => void list.fetchNextPage(),
          }}
          empty={<Empty title="Nothing turns here">Choose another project or context.</Empty>}
        />
      </div>
      {opened && (
        <SideDrawer title="Before and after" opened wide onClose={() => setOpened(undefined)}>
          <Suspense fallback={<Skeletons lines={8} />}>
            <ReplayTrace replay={replay} decisionId={opened.decisionId} />
          </Suspense>
        </SideDrawer>
      )}
    </div>
  )
}
