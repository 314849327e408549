import { SegmentedControl } from '@mantine/core'
import { keepPreviousData, useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { query } from '../../api/client.ts'
import { useQueryState } from '../../api/use-query-state.ts'
import { ProblemNotice } from '../../parts/ProblemNotice.tsx'
import { paths } from '../../paths.ts'
import { Empty } from '../../ui/Empty.tsx'
import { num } from '../../ui/format.ts'
import { HeatMap } from '../../ui/HeatMap.tsx'
import { Page } from '../../ui/Page.tsx'
import { Skeletons } from '../../ui/Skeletons.tsx'
import { PrintedRange } from '../../ui/PrintedRange.tsx'
import { TimeRange } from '../../ui/TimeRange.tsx'
import { DecisionTabs } from './DecisionTabs.tsx'

export const handle = { crumb: 'Project × context' }

type Outcome = 'denied' | 'would_deny' | 'permitted'
const outcomes: { value: Outcome; label: string; is: 'denied' | 'would' | 'permitted' }[] = [
  { value: 'denied', label: 'Denied', is: 'denied' },
  { value: 'would_deny', label: 'Would be denied', is: 'would' },
  { value: 'permitted', label: 'Permitted', is: 'permitted' },
]

export function Component() {
  const [range, setRange] = useQueryState('decisions.heatmap')
  const [outcome, setOutcome] = useState<Outcome>('denied')
  const { data, error } = useQuery({
    ...query('decisions.heatmap', range),
    placeholderData: keepPreviousData,
  })
  const shown = outcomes.find(({ value }) => value === outcome)
  const { projects = [], contexts = [], cells = [], others = 0 } = data ?? {}
  const name = (all: readonly { id: string; name: string }[], id: string) =>
    all.find((each) => each.id === id)?.name ?? id
  return (
    <Page
      title="Decisions by project and context"
      purpose="Which projects’ runs were given or refused which contexts. A number leads to the decisions behind it."
      tabs={<DecisionTabs />}
      fill
    >
      <div style={{ display: 'flex', flexWrap: 'wrap', alignItems: 'center', gap: 'var(--sp-3)' }}>
        <SegmentedControl
          aria-label="Outcome"
          data={outcomes}
          value={outcome}
          onChange={setOutcome}
        />
        <TimeRange from={range.from} until={range.until} onChange={setRange} unset="Last 7 days" />
        {others > 0 && (
          <span className="sp-dim">
            {num(others)} decisions of further projects and contexts are not shown
          </span>
        )}
      </div>
      <PrintedRange over={data} />
      <ProblemNotice error={error} />
      {!data && !error && <Skeletons lines={10} />}
      {data && projects.length === 0 && (
        <Empty title="No run asked for a context in this time">
          Choose a longer time, or wait for the first run.
        </Empty>
      )}
      {data && projects.length > 0 && (
        <HeatMap
          label={`${shown?.label} decisions by project and context`}
          rows={projects}
          columns={contexts}
          is={shown?.is ?? 'denied'}
          cells={cells.map(({ project, context, ...counts }) => ({
            row: project,
            column: context,
            value: counts[outcome],
            label: `${name(projects, project)}, ${name(contexts, context)}: ${num(counts[outcome])} ${shown?.label.toLowerCase()} of ${num(counts.permitted + counts.would_deny + counts.denied + counts.failed)}`,
            to: paths.decisions({
              outcome,
              project,
              context,
              from: data.from,
              ...(range.until && { until: range.until }),
            }),
          }))}
        />
      )}
    </Page>
  )
}
