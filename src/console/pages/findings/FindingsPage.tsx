import { Button } from '@mantine/core'
import { keepPreviousData, useInfiniteQuery, useQuery } from '@tanstack/react-query'
import { lazy, Suspense, useState } from 'react'
import { Link } from 'react-router'
import { cicdRisks } from '../../../contract/cicd-risks.ts'
import type { FindingRow } from '../../../contract/findings.ts'
import { pages, query } from '../../api/client.ts'
import { useQueryState } from '../../api/use-query-state.ts'
import { findFilter } from '../../parts/find-filter.ts'
import { ObjectLink } from '../../parts/ObjectLink.tsx'
import { ExportMenu } from '../../parts/ExportMenu.tsx'
import { ProblemNotice } from '../../parts/ProblemNotice.tsx'
import { paths } from '../../paths.ts'
import { DataTable, type Column } from '../../ui/DataTable.tsx'
import { Empty, NoResults } from '../../ui/Empty.tsx'
import { FilterBar } from '../../ui/FilterBar.tsx'
import { Page } from '../../ui/Page.tsx'
import { Status } from '../../ui/Status.tsx'
import { Time } from '../../ui/Time.tsx'
import { FindingStateBadge } from './FindingStateBadge.tsx'
import { FindingTabs } from './FindingTabs.tsx'

export const handle = { crumb: 'Findings' }

const MuteFindings = lazy(() =>
  import('./MuteFindings.tsx').then((module) => ({ default: module.MuteFindings })),
)

const columns: Column<FindingRow>[] = [
  {
    key: 'severity',
    title: 'Severity',
    width: '110px',
    cell: (row) => <Status is={row.severity} />,
  },
  {
    key: 'finding',
    title: 'Finding',
    keep: true,
    cell: (row) => (
      <Link to={paths.finding(row.id)} title={row.says}>
        {row.says}
      </Link>
    ),
  },
  { key: 'detection', title: 'Kind', width: '260px', optional: true, cell: (row) => row.title },
  {
    key: 'about',
    title: 'About',
    width: '210px',
    keep: true,
    cell: ({ subject }) => <ObjectLink {...subject} />,
  },
  {
    key: 'state',
    title: 'State',
    width: '120px',
    cell: (row) => <FindingStateBadge state={row.state} />,
  },
  { key: 'since', title: 'Since', width: '130px', cell: (row) => <Time at={row.openedAt} /> },
  {
    key: 'until',
    title: 'Until',
    width: '130px',
    optional: true,
    cell: (row) => <Time at={row.until} never="–" />,
  },
  {
    key: 'owner',
    title: 'Owner',
    width: '160px',
    optional: true,
    cell: (row) => row.owner?.name ?? '–',
  },
]

const cleared = {
  state: '',
  severity: '',
  detection: '',
  risk: '',
  person: '',
  project: '',
  context: '',
  segment: '',
}

export function Component() {
  const [{ limit: _, cursor: __, ...filters }, setFilters] = useQueryState('findings.list')
  const [selected, setSelected] = useState<ReadonlySet<string>>(new Set())
  const [asked, setAsked] = useState(false)
  const list = useInfiniteQuery(pages('findings.list', filters))
  const facets = useQuery({
    ...query('findings.facets', filters),
    placeholderData: keepPreviousData,
  }).data
  const rows = list.data?.pages.flatMap(({ items }) => items)
  const filtered = Object.values(filters).some((value) => value !== undefined)
  const mutable = rows?.filter(
    ({ id, state, allowed }) =>
      selected.has(id) && state !== 'resolved' && allowed.includes('finding:update'),
  )
  return (
    <Page
      title="Findings"
      purpose="What is at risk now, the worst first: each with its proof and its fix. It ends by itself when what proves it has gone."
      tabs={<FindingTabs />}
      fill
    >
      <FilterBar
        filters={[
          { key: 'severity', label: 'Severity', options: facets?.severity ?? [] },
          { key: 'detection', label: 'Kind', options: facets?.detection ?? [] },
          {
            key: 'state',
            label: 'State',
            options: [...(facets?.state ?? []), { value: 'any', label: 'Any' }],
          },
          {
            key: 'risk',
            label: 'Risk',
            options: Object.entries(cicdRisks).map(([value, label]) => ({
              value,
              label: `${value} ${label}`,
            })),
          },
          findFilter('project', 'project', 'Project'),
          findFilter('context', 'context', 'Context'),
          findFilter('person', 'person', 'Person'),
        ]}
        value={filters}
        onChange={setFilters}
      />
      <ProblemNotice error={list.error} />
      <DataTable
        label="Findings"
        columns={columns}
        rows={rows}
        rowKey={(row) => row.id}
        rowHref={(row) => paths.finding(row.id)}
        tools={<ExportMenu what="findings" noun="findings" query={filters} paper />}
        selection={{
          selected,
          onChange: setSelected,
          name: (row) => row.says,
          actions: (
            <Button
              variant="default"
              disabled={!mutable?.length || mutable.length < selected.size}
              onClick={() => setAsked(true)}
            >
              Mute findings
            </Button>
          ),
        }}
        more={{
          has: list.hasNextPage,
          loading: list.isFetchingNextPage,
          load: () => void list.fetchNextPage(),
        }}
        empty={
          filtered ? (
            <NoResults noun="findings" onClear={() => setFilters(cleared)} />
          ) : (
            <Empty title="Nothing stands open">
              Everything that is looked for is in order where you may see it. Detections says what
              is looked for, and when it was last.
            </Empty>
          )
        }
      />
      {asked && (
        <Suspense>
          <MuteFindings
            ids={[...selected]}
            onClose={() => setAsked(false)}
            onDone={() => {
              setSelected(new Set())
              setAsked(false)
            }}
          />
        </Suspense>
      )}
    </Page>
  )
}
