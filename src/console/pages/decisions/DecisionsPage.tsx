import { useInfiniteQuery, useQuery } from '@tanstack/react-query'
import type { Decision, DecisionFilter } from '../../../contract/decisions.ts'
import { pages, query } from '../../api/client.ts'
import { useQueryState } from '../../api/use-query-state.ts'
import { layerNames } from '../../parts/layers.ts'
import { ObjectLink } from '../../parts/ObjectLink.tsx'
import { ExportMenu } from '../../parts/ExportMenu.tsx'
import { outcomes } from '../../parts/outcomes.ts'
import { OutcomeBadge } from '../../parts/OutcomeBadge.tsx'
import { ProblemNotice } from '../../parts/ProblemNotice.tsx'
import { Why } from '../../parts/Why.tsx'
import { paths } from '../../paths.ts'
import { DataTable, type Column } from '../../ui/DataTable.tsx'
import { Empty, NoResults } from '../../ui/Empty.tsx'
import { Facets } from '../../ui/Facets.tsx'
import { FilterBar, type Filter } from '../../ui/FilterBar.tsx'
import { num, secondsLater } from '../../ui/format.ts'
import { Page } from '../../ui/Page.tsx'
import { Time } from '../../ui/Time.tsx'
import { TimeChart } from '../../ui/TimeChart.tsx'
import { TimeRange } from '../../ui/TimeRange.tsx'
import classes from './DecisionsPage.module.css'
import { DecisionTabs } from './DecisionTabs.tsx'

export const handle = { crumb: 'Decisions' }

const columns: Column<Decision>[] = [
  { key: 'at', title: 'When', width: '110px', cell: (row) => <Time at={row.at} /> },
  {
    key: 'outcome',
    title: 'Outcome',
    width: '120px',
    keep: true,
    cell: (row) => <OutcomeBadge outcome={row.outcome} />,
  },
  { key: 'actor', title: 'Actor', width: '160px', keep: true, cell: (row) => row.actor.name },
  { key: 'object', title: 'Object', width: '160px', keep: true, cell: (row) => row.resource.name },
  { key: 'why', title: 'Why', cell: (row) => <Why sentence={row.sentence} /> },
  // Nearly all are one action, which the facets beside them count: its room is the reason's.
  {
    key: 'action',
    title: 'Action',
    width: '120px',
    optional: true,
    cell: (row) => <span className="sp-mono">{row.action}</span>,
  },
  {
    key: 'project',
    title: 'Project',
    width: '160px',
    optional: true,
    cell: (row) => row.project && <ObjectLink kind="project" {...row.project} />,
  },
]

const facets = [
  ['outcome', 'Outcome'],
  ['action', 'Action'],
  ['actor', 'Actor'],
  ['project', 'Project'],
  ['context', 'Context'],
] as const
const cleared = {
  ...Object.fromEntries(facets.map(([key]) => [key, undefined])),
  cause: undefined,
  policy: undefined,
  policyMode: undefined,
  from: undefined,
  until: undefined,
}
const causes = Object.entries(layerNames).map(([value, label]) => ({ value, label }))
const modes = [
  { value: 'enforce', label: 'enforced' },
  { value: 'evaluate', label: 'evaluated only' },
]
const series = [
  { key: 'permitted', label: 'Permitted', is: 'permitted' },
  { key: 'would_deny', label: 'Would be denied', is: 'would' },
  { key: 'denied', label: 'Denied', is: 'denied' },
  { key: 'failed', label: 'Failed', is: 'unknown' },
] as const
const wordOf = (value: string) => outcomes[value as Decision['outcome']].word

export function Component() {
  const [{ limit: _, cursor: __, ...filters }, setFilters] = useQueryState('decisions.list')
  const list = useInfiniteQuery(pages('decisions.list', { ...filters, limit: 100 }))
  const counts = useQuery(query('decisions.facets', filters))
  const timeline = useQuery(query('decisions.timeline', filters)).data
  const policy = useQuery({
    ...query('policies.view', { policyId: filters.policy ?? '' }),
    enabled: filters.policy !== undefined,
  })
  const filtered = Object.values(filters).some((value) => value !== undefined)
  const narrow: Filter[] = facets.map(([key, label]) => ({
    key,
    label,
    options: (counts.data?.[key] ?? []).map(({ value, name, count }) => ({
      value,
      label: key === 'outcome' ? wordOf(value) : name,
      count,
    })),
  }))
  return (
    <Page
      title="Decisions"
      purpose="Every refusal, every permitted change and every pipeline run, with what decided it."
      aside={counts.data && <Counted total={counts.data.total} more={counts.data.more} />}
      tabs={<DecisionTabs />}
      fill
    >
      <FilterBar
        filters={[
          ...narrow,
          { key: 'cause', label: 'Refused by', options: causes },
          ...ofPolicy(filters, policy.data?.name),
        ]}
        value={filters}
        onChange={setFilters}
      >
        <TimeRange from={filters.from} until={filters.until} onChange={setFilters} />
      </FilterBar>
      <ProblemNotice error={list.error} />
      <TimeChart
        title={timeline?.more ? 'The newest 10,000 decisions, by outcome' : 'Decisions, by outcome'}
        kind="bar"
        height={110}
        series={series}
        points={timeline?.points}
        bucketSeconds={timeline?.bucketSeconds}
        onRange={(from, until) =>
          setFilters({ from, until: secondsLater(until, timeline?.bucketSeconds ?? 0) })
        }
        onPick={(outcome, { at }) =>
          setFilters({ outcome, from: at, until: secondsLater(at, timeline?.bucketSeconds ?? 0) })
        }
      />
      <div className={classes.columns}>
        <Facets
          facets={narrow.filter(({ options }) => options.length > 0)}
          value={filters}
          onChange={setFilters}
        />
        <DataTable
          label="Decisions"
          columns={columns}
          rows={list.data?.pages.flatMap(({ items }) => items)}
          rowKey={(row) => row.id}
          rowHref={(row) => paths.decision(row.id)}
          tools={<ExportMenu what="decisions" noun="decisions" query={filters} />}
          more={{
            has: list.hasNextPage,
            loading: list.isFetchingNextPage,
            load: () => void list.fetchNextPage(),
          }}
          empty={
            filtered ? (
              <NoResults noun="decisions" onClear={() => setFilters(cleared)} />
            ) : (
              <Empty title="No decisions yet">
                The first refusal, change or pipeline run shows here.
              </Empty>
            )
          }
        />
      </div>
    </Page>
  )
}

/** There are too many policies to choose from here: one comes from a policy's page, and can be dropped. */
function ofPolicy({ policy, policyMode }: DecisionFilter, name = 'one policy'): Filter[] {
  if (policy === undefined) return []
  const one: Filter = { key: 'policy', label: 'Policy', options: [{ value: policy, label: name }] }
  return policyMode ? [one, { key: 'policyMode', label: 'Which was', options: modes }] : [one]
}

function Counted({ total, more }: { total: number; more: boolean }) {
  return (
    <span className="sp-dim sp-num">
      {more ? `newest ${num(total)} counted` : `${num(total)} match`}
    </span>
  )
}
