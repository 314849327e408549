import { keepPreviousData, useQuery } from '@tanstack/react-query'
import { cicdRisks } from '../../../contract/cicd-risks.ts'
import type { Heat } from '../../../contract/risk.ts'
import { query } from '../../api/client.ts'
import { ProblemNotice } from '../../parts/ProblemNotice.tsx'
import { paths } from '../../paths.ts'
import { count, num, signed } from '../../ui/format.ts'
import { HeatMap } from '../../ui/HeatMap.tsx'
import { Panel } from '../../ui/Panel.tsx'
import { PrintedRange } from '../../ui/PrintedRange.tsx'
import { Skeletons } from '../../ui/Skeletons.tsx'
import { Status } from '../../ui/Status.tsx'
import { Time } from '../../ui/Time.tsx'
import { CsvButton } from './CsvButton.tsx'
import classes from './risk.module.css'
import type { TrendProps } from './use-risk-range.ts'

type Cell = Heat['cells'][number]

const title = 'Open findings, by project and kind of risk'

const change = ({ count: open, before }: Cell) =>
  before === null || open === before ? undefined : signed(open - before)

const worded = ({ count: open, before, worst }: Cell) =>
  [
    count(open, 'open finding'),
    worst && `the worst ${worst}`,
    before !== null && `${num(before)} when the time began`,
  ]
    .filter(Boolean)
    .join(', ')

function rowsOf({ cells }: Heat, nameOf: (id: string) => string) {
  const head = ['project', 'risk', 'open at the end', 'open at the beginning', 'worst']
  return [
    head,
    ...cells.map(({ project, risk, count: open, before, worst }) => [
      nameOf(project),
      `${risk} ${cicdRisks[risk]}`,
      open,
      before ?? 'unavailable',
      worst ?? '',
    ]),
  ]
}

/** Which projects are at risk of what, by OWASP's Top 10 CI/CD Security Risks, and whether that became more. */
export function FindingHeat({ range }: Pick<TrendProps, 'range'>) {
  const { data, error } = useQuery({
    ...query('risk.heat', range),
    placeholderData: keepPreviousData,
  })
  if (error) return <ProblemNotice error={error} />
  if (!data) return <Skeletons lines={8} />
  const { projects, cells, others, until, at } = data
  const nameOf = (id: string) => projects.find((one) => one.id === id)?.name ?? id
  const risks = Object.entries(cicdRisks)
    .filter(([id]) => cells.some(({ risk }) => risk === id))
    .map(([id, name]) => ({ id, name }))
  // The list says what is open now; of another time it has those that are over, too.
  const state = at < until ? {} : { state: 'any' as const }
  return (
    <Panel title={title} aside={<CsvButton name={title} rows={rowsOf(data, nameOf)} />}>
      <div className={classes.stack}>
        <PrintedRange over={data} />
        <Told heat={data} />
        {projects.length > 0 && (
          <HeatMap
            label={title}
            is="denied"
            rows={projects}
            columns={risks}
            cells={cells.map((cell) => ({
              row: cell.project,
              column: cell.risk,
              value: cell.count,
              change: change(cell),
              label: `${nameOf(cell.project)}, ${cicdRisks[cell.risk]}: ${worded(cell)}`,
              to: paths.findings({
                project: cell.project,
                risk: cell.risk,
                ...(cell.count === 0 ? { state: 'any' } : state),
              }),
            }))}
          />
        )}
        {others > 0 && (
          <p className="sp-dim">{count(others, 'finding')} of further projects are not shown.</p>
        )}
      </div>
    </Panel>
  )
}

/** All of it in a sentence, and what it is compared with. */
function Told({ heat }: { readonly heat: Heat }) {
  const { total, totalBefore, from, until, at, unavailable, beforeUnavailable } = heat
  if (unavailable) {
    return (
      <p>
        <Status is="unknown">Unavailable</Status> {unavailable}
      </p>
    )
  }
  const found = total === 0 ? 'No finding of a project' : count(total, 'finding')
  const verb = total === 1 || total === 0 ? ['is', 'was'] : ['are', 'were']
  return (
    <>
      <p className="sp-dim">
        {at < until ? `${found} ${verb[0]} open now` : `${found} ${verb[1]} open at its end`}
        {totalBefore === null ? (
          '.'
        ) : (
          <>
            , {num(totalBefore)} when it began (<Time at={from} />
            ): {signed(total - totalBefore)}. The small figure in a field is its change.
          </>
        )}
      </p>
      {beforeUnavailable && (
        <p className="sp-dim">
          <Status is="unknown">Unavailable</Status> What was open when it began. {beforeUnavailable}
        </p>
      )}
    </>
  )
}
