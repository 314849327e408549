import { useQuery } from '@tanstack/react-query'
import { cicdRisks } from '../../../contract/cicd-risks.ts'
import { query } from '../../api/client.ts'
import { ProblemNotice } from '../../parts/ProblemNotice.tsx'
import { paths } from '../../paths.ts'
import { count } from '../../ui/format.ts'
import { HeatMap } from '../../ui/HeatMap.tsx'
import { Panel } from '../../ui/Panel.tsx'
import { Skeletons } from '../../ui/Skeletons.tsx'
import { CsvButton } from './CsvButton.tsx'

const title = 'Open findings, by project and kind of risk'

/** Which projects are at risk of what, by OWASP's Top 10 CI/CD Security Risks. */
export function FindingHeat() {
  const { data, error } = useQuery(query('risk.heat', {}))
  if (error) return <ProblemNotice error={error} />
  if (!data) return <Skeletons lines={8} />
  const { projects, cells, others } = data
  const nameOf = (id: string) => projects.find((one) => one.id === id)?.name ?? id
  const risks = Object.entries(cicdRisks)
    .filter(([id]) => cells.some(({ risk }) => risk === id))
    .map(([id, name]) => ({ id, name }))
  return (
    <Panel
      title={title}
      aside={
        <CsvButton
          name={title}
          rows={[
            ['project', 'risk', 'open findings', 'worst'],
            ...cells.map(({ project, risk, count: open, worst }) => [
              nameOf(project),
              `${risk} ${cicdRisks[risk]}`,
              open,
              worst,
            ]),
          ]}
        />
      }
    >
      {projects.length === 0 ? (
        <p className="sp-dim">No finding of a project stands open.</p>
      ) : (
        <HeatMap
          label={title}
          is="denied"
          rows={projects}
          columns={risks}
          cells={cells.map(({ project, risk, count: open, worst }) => ({
            row: project,
            column: risk,
            value: open,
            label: `${nameOf(project)}, ${cicdRisks[risk]}: ${count(open, 'open finding')}, the worst ${worst}`,
            to: paths.findings({ project, risk }),
          }))}
        />
      )}
      {others > 0 && (
        <p className="sp-dim">{count(others, 'finding')} of further projects are not shown.</p>
      )}
    </Panel>
  )
}
