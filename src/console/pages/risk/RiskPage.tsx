import { keepPreviousData, useQuery } from '@tanstack/react-query'
import { Link } from 'react-router'
import type { Score } from '../../../contract/scores.ts'
import { query } from '../../api/client.ts'
import { useQueryState } from '../../api/use-query-state.ts'
import { findFilter } from '../../parts/find-filter.ts'
import { ObjectLink } from '../../parts/ObjectLink.tsx'
import { ProblemNotice } from '../../parts/ProblemNotice.tsx'
import { paths } from '../../paths.ts'
import { DataList } from '../../ui/DataList.tsx'
import { Facts } from '../../ui/Facts.tsx'
import { FilterBar } from '../../ui/FilterBar.tsx'
import { count, hundredths, num } from '../../ui/format.ts'
import { Page } from '../../ui/Page.tsx'
import { Panel } from '../../ui/Panel.tsx'
import { Skeletons } from '../../ui/Skeletons.tsx'
import { Status } from '../../ui/Status.tsx'
import { RiskRange } from './RiskRange.tsx'
import { RiskTabs } from './RiskTabs.tsx'
import { ScoreChart } from './ScoreChart.tsx'
import { useOwnPlace } from './use-own-place.ts'
import { useRiskRange } from './use-risk-range.ts'

export const handle = { crumb: 'Risk' }

const places = [
  findFilter('segment', 'segment', 'Segment'),
  findFilter('project', 'project', 'Project'),
  findFilter('context', 'context', 'Context'),
  findFilter('person', 'person', 'Person'),
]
const none = { segment: '', project: '', context: '', person: '' }

export function Component() {
  const [asked, setPlace] = useQueryState('scores.view')
  const own = useOwnPlace()
  const place = Object.keys(asked).length > 0 ? asked : own
  const { data: score, error } = useQuery({
    ...query('scores.view', place ?? {}),
    enabled: place !== undefined,
  })
  return (
    <Page
      title="Risk"
      tabs={<RiskTabs />}
      action={<RiskRange />}
      purpose="How much of what is looked for is in order, of 100, with its arithmetic: every point that is missing is a finding."
    >
      <FilterBar
        filters={places}
        value={place ?? {}}
        // One place at a time.
        onChange={(next) => setPlace({ ...none, ...next })}
      />
      <ProblemNotice error={error} />
      {score ? <Shown score={score} /> : !error && <Skeletons lines={8} />}
    </Page>
  )
}

function Shown({ score }: { readonly score: Score }) {
  const { place, parts } = score
  const partly = parts.flatMap(({ title, untold }) =>
    untold ? [{ title: `${title}: ${num(untold.objects)} untold`, why: untold.why }] : [],
  )
  const without = [...partly, ...score.without]
  const within = place.id ? { [place.kind]: place.id } : {}
  const worst = parts.filter(({ lost }) => lost > 0)
  const listOf = (detection: string) => paths.findings({ detection, ...within })
  return (
    <>
      <Facts
        of={{
          Of:
            place.id === undefined ? (
              place.name
            ) : (
              <ObjectLink kind={place.kind} id={place.id} name={place.name} />
            ),
          Score:
            score.score === null ? (
              <Status is="unknown">Unavailable</Status>
            ) : (
              <strong className="sp-num">{num(score.score)} of 100</strong>
            ),
          'Looked for': count(parts.length, 'kind of risk', 'kinds of risk'),
          Weights: num(score.weights),
        }}
      />
      {score.unavailable && <p role="status">{score.unavailable}</p>}
      <Panel title="What would raise it most" flush>
        {worst.length === 0 ? (
          <p style={{ padding: 'var(--sp-3) var(--sp-4)' }}>
            Nothing of what is looked for stands open here.
          </p>
        ) : (
          <DataList
            label="What would raise it most"
            heads={['Mend', 'Severity', 'Gives']}
            numbers={['Gives']}
            rows={worst.slice(0, 5).map(({ detection, title, severity, lost }) => ({
              key: detection,
              cells: {
                Mend: <Link to={listOf(detection)}>{title}</Link>,
                Severity: <Status is={severity} />,
                Gives: `+${hundredths(lost)}`,
              },
            }))}
          />
        )}
      </Panel>
      <Trend place={place} />
      <Panel title="The arithmetic" flush>
        <DataList
          label="The arithmetic"
          heads={['Looked for', 'Weight', 'Found of', 'Takes']}
          numbers={['Weight', 'Found of', 'Takes']}
          rows={parts.map(({ detection, title, weight, objects, affected, untold, lost }) => ({
            key: detection,
            cells: {
              'Looked for': affected > 0 ? <Link to={listOf(detection)}>{title}</Link> : title,
              Weight: num(weight),
              'Found of': (
                <>
                  {num(affected)} of {num(objects)}
                  {untold && <span className="sp-dim">, {num(untold.objects)} untold</span>}
                </>
              ),
              Takes: lost === 0 ? '0' : `−${hundredths(lost)}`,
            },
          }))}
        />
      </Panel>
      <p className="sp-dim">
        Each line takes its weight × the share of what it was found of ÷ the sum of all weights.
        What is muted does not count; an accepted risk does. What is untold, since nothing is on
        record of it, does not count either.
      </p>
      {without.length > 0 && (
        <Panel title="What does not count" flush>
          <DataList
            label="What does not count"
            heads={['Looked for', 'Why']}
            rows={without.map(({ title, why }) => ({
              key: title,
              cells: { 'Looked for': title, Why: why },
            }))}
          />
        </Panel>
      )}
    </>
  )
}

function Trend({ place }: Pick<Score, 'place'>) {
  const { range, onRange } = useRiskRange()
  const { data, error } = useQuery({
    ...query('risk.posture', { ...range, ...(place.id && { [place.kind]: place.id }) }),
    placeholderData: keepPreviousData,
  })
  if (error) return <ProblemNotice error={error} />
  return <ScoreChart of="Score" posture={data} onRange={onRange} />
}
