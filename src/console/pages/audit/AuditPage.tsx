import { lazy, Suspense } from 'react'
import { Button, Group, Menu } from '@mantine/core'
import { IconDownload, IconPlayerPause, IconPlayerPlay } from '@tabler/icons-react'
import { useInfiniteQuery, useQuery } from '@tanstack/react-query'
import { Link } from 'react-router'
import { parseAuditQuery, toggleAuditTerm } from '../../../contract/audit-query.ts'
import type { AuditEvent, AuditSearch } from '../../../contract/audit.ts'
import { pages, query } from '../../api/client.ts'
import { shapeOf } from '../../api/shapes.ts'
import { outcomes } from '../../parts/outcomes.ts'
import { OutcomeBadge } from '../../parts/OutcomeBadge.tsx'
import { ProblemNotice } from '../../parts/ProblemNotice.tsx'
import { useBackgroundExport } from '../../parts/use-background-export.ts'
import { paths } from '../../paths.ts'
import { DataTable, type Column } from '../../ui/DataTable.tsx'
import { Empty, NoResults } from '../../ui/Empty.tsx'
import { Facets } from '../../ui/Facets.tsx'
import { Page } from '../../ui/Page.tsx'
import { SideDrawer } from '../../ui/SideDrawer.tsx'
import { Status } from '../../ui/Status.tsx'
import { Skeletons } from '../../ui/Skeletons.tsx'
import { Time } from '../../ui/Time.tsx'
import { secondsLater } from '../../ui/format.ts'
import { TimeChart } from '../../ui/TimeChart.tsx'
import { TimeRange } from '../../ui/TimeRange.tsx'
import { useUrlState } from '../../ui/use-url-state.ts'
import classes from './AuditPage.module.css'
import { useExport } from './use-export.ts'
import { useTail } from './use-tail.ts'

const AuditQueryBox = lazy(() =>
  import('./AuditQueryBox.tsx').then((module) => ({ default: module.AuditQueryBox })),
)
const AuditViewsMenu = lazy(() =>
  import('./AuditViewsMenu.tsx').then((module) => ({ default: module.AuditViewsMenu })),
)
const AuditEventBody = lazy(() =>
  import('./AuditEventBody.tsx').then((module) => ({ default: module.AuditEventBody })),
)

export const handle = { crumb: 'Audit trail' }

/** The search, the event that is open, and whether new ones are followed. */
const params = { ...shapeOf('audit.timeline').query, event: 'id', live: ['on'] } as const
type Url = Partial<AuditSearch> & { readonly event?: string; readonly live?: 'on' }

const columns: Column<AuditEvent>[] = [
  { key: 'at', title: 'When', width: '130px', cell: (row) => <Time at={row.occurredAt} /> },
  { key: 'actor', title: 'Actor', width: '180px', keep: true, cell: (row) => row.actor.name },
  {
    key: 'action',
    title: 'Action',
    width: '200px',
    keep: true,
    cell: (row) => <span className="sp-mono">{row.action}</span>,
  },
  { key: 'object', title: 'Object', cell: (row) => row.resource?.name ?? '–' },
  {
    key: 'outcome',
    title: 'Outcome',
    width: '150px',
    keep: true,
    cell: (row) => <OutcomeBadge outcome={row.outcome} />,
  },
  {
    key: 'ip',
    title: 'From',
    width: '140px',
    cell: (row) => <span className="sp-mono">{row.ip ?? '–'}</span>,
  },
  {
    key: 'index',
    title: 'Place',
    width: '100px',
    align: 'end',
    cell: (row) => row.index ?? <Status is="unknown">Pending</Status>,
  },
]

const series = [
  { key: 'permitted', label: 'Permitted', is: 'permitted' },
  { key: 'would_deny', label: 'Would be denied', is: 'would' },
  { key: 'denied', label: 'Denied', is: 'denied' },
  { key: 'failed', label: 'Failed', is: 'unknown' },
] as const

const titles: Readonly<Record<string, string>> = {
  outcome: 'Outcome',
  actor: 'Actor',
  action: 'Action',
  kind: 'Kind of object',
  project: 'Project',
  context: 'Context',
}

export function Component() {
  const [{ event, live, ...search }, setUrl] = useUrlState<Url>(params)
  const list = useInfiniteQuery(pages('audit.list', { ...search, limit: 200 }))
  const timeline = useQuery(query('audit.timeline', search))
  const counts = useQuery(query('audit.facets', search))
  const tail = useTail(search.q, live === 'on')
  const rows = rowsOf(tail.events, list.data?.pages)
  const filtered = Boolean(search.q ?? search.from ?? search.until)
  const terms = parseAuditQuery(search.q ?? '')
  const chosen =
    'terms' in terms ? terms.terms.map(({ field, value }) => [field, value] as const) : []
  return (
    <Page
      title="Audit trail"
      purpose="Everything that changed, was refused or was read, in the order that a Merkle tree proves."
      aside={<Link to={paths.checkpoints()}>Self-attested</Link>}
      action={
        <AuditActions
          search={search}
          live={live === 'on'}
          onLive={(on) => setUrl({ live: on ? 'on' : undefined })}
        />
      }
      fill
    >
      <Group gap="xs">
        <Suspense fallback={<div className={classes.box} />}>
          <AuditQueryBox
            value={search.q ?? ''}
            facets={counts.data?.facets}
            onChange={(q) => setUrl({ q })}
          />
        </Suspense>
        <TimeRange from={search.from} until={search.until} onChange={setUrl} />
        <Suspense>
          <AuditViewsMenu
            search={search}
            onOpen={(view) => setUrl({ q: undefined, from: undefined, until: undefined, ...view })}
          />
        </Suspense>
      </Group>
      <ProblemNotice error={list.error ?? tail.error} />
      <TimeChart
        title="Events, by outcome"
        kind="bar"
        height={140}
        series={series}
        points={timeline.data?.points}
        bucketSeconds={timeline.data?.bucketSeconds}
        // The last of what was brushed is in it.
        onRange={(from, until) =>
          setUrl({ from, until: secondsLater(until, timeline.data?.bucketSeconds ?? 0) })
        }
        onPick={(outcome) => setUrl({ q: toggleAuditTerm(search.q ?? '', 'outcome', outcome) })}
      />
      <div className={classes.columns}>
        <Facets
          facets={(counts.data?.facets ?? [])
            .filter(({ values }) => values.length > 0)
            .map(({ field, values }) => ({
              key: field,
              label: titles[field] ?? field,
              options:
                field === 'outcome'
                  ? values.map((each) => ({ ...each, label: outcomeWord(each.value) }))
                  : values,
            }))}
          value={Object.fromEntries(chosen)}
          onChange={(patch) => {
            const [[field, value] = ['', undefined]] = Object.entries(patch)
            const before = chosen.find(([each]) => each === field)?.[1]
            const without =
              before === undefined
                ? (search.q ?? '')
                : toggleAuditTerm(search.q ?? '', field, before)
            setUrl({ q: value === undefined ? without : toggleAuditTerm(without, field, value) })
          }}
        />
        <DataTable
          label="Audit events"
          columns={columns}
          rows={rows}
          rowKey={(row) => row.id}
          onOpen={(row) => setUrl({ event: row.id })}
          more={{
            has: list.hasNextPage,
            loading: list.isFetchingNextPage,
            load: () => void list.fetchNextPage(),
          }}
          empty={
            filtered ? (
              <NoResults
                noun="events"
                onClear={() => setUrl({ q: undefined, from: undefined, until: undefined })}
              />
            ) : (
              <Empty title="No events yet">The first change, refusal or sign-in shows here.</Empty>
            )
          }
        />
      </div>
      <SideDrawer
        title="Event"
        wide
        opened={event !== undefined}
        onClose={() => setUrl({ event: undefined })}
      >
        {event !== undefined && (
          <Suspense fallback={<Skeletons lines={6} />}>
            <AuditEventBody eventId={event} />
          </Suspense>
        )}
      </SideDrawer>
    </Page>
  )
}

type Listed = { items: AuditEvent[]; pending?: AuditEvent[] | undefined }

/** What came live stands before what was listed; an event that was pending is shown once. */
function rowsOf(live: readonly AuditEvent[], listed: readonly Listed[] | undefined) {
  if (!listed) return undefined
  const all = [...live, ...listed.flatMap(({ items }) => items)]
  const placed = new Map(all.map((event) => [event.id, event]))
  const pending = (listed[0]?.pending ?? []).filter(({ id }) => !placed.has(id))
  return [...pending, ...placed.values()]
}

const outcomeWord = (value: string) => outcomes[value as AuditEvent['outcome']].word

function AuditActions({
  search,
  live,
  onLive,
}: {
  search: AuditSearch
  live: boolean
  onLive: (on: boolean) => void
}) {
  const take = useExport(search)
  const { busy, ask } = useBackgroundExport()
  return (
    <Group gap="xs">
      <Button
        variant="default"
        aria-pressed={live}
        leftSection={live ? <IconPlayerPause size={15} /> : <IconPlayerPlay size={15} />}
        onClick={() => onLive(!live)}
      >
        {live ? 'Pause live events' : 'Follow live events'}
      </Button>
      <Menu position="bottom-end">
        <Menu.Target>
          <Button
            variant="default"
            loading={take.isPending || busy}
            leftSection={<IconDownload size={15} />}
          >
            Export events
          </Button>
        </Menu.Target>
        <Menu.Dropdown>
          <Menu.Label>Now</Menu.Label>
          <Menu.Item onClick={() => take.mutate('audit.export')}>
            As CSV, for spreadsheets
          </Menu.Item>
          <Menu.Item onClick={() => take.mutate('audit.exportLines')}>
            As NDJSON, whole events
          </Menu.Item>
          <Menu.Item onClick={() => take.mutate('audit.evidence')}>
            As an evidence pack, verified offline
          </Menu.Item>
          <Menu.Label>In the background</Menu.Label>
          <Menu.Item onClick={() => ask('audit', 'csv', search)}>CSV</Menu.Item>
          <Menu.Item onClick={() => ask('audit', 'ndjson', search)}>NDJSON</Menu.Item>
          <Menu.Item onClick={() => ask('evidence', 'zip', search)}>Evidence pack</Menu.Item>
        </Menu.Dropdown>
      </Menu>
    </Group>
  )
}
