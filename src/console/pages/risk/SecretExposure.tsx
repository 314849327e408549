import { useQuery } from '@tanstack/react-query'
import { Link } from 'react-router'
import { query } from '../../api/client.ts'
import { ProblemNotice } from '../../parts/ProblemNotice.tsx'
import { paths } from '../../paths.ts'
import { DataList } from '../../ui/DataList.tsx'
import { count, num } from '../../ui/format.ts'
import { HeatMap } from '../../ui/HeatMap.tsx'
import { Panel } from '../../ui/Panel.tsx'
import { Skeletons } from '../../ui/Skeletons.tsx'
import { Status } from '../../ui/Status.tsx'
import { Time } from '../../ui/Time.tsx'
import { CsvButton } from './CsvButton.tsx'
import classes from './risk.module.css'

const ages = [
  { id: 'month', name: 'up to 30 days' },
  { id: 'quarter', name: '30 to 90 days' },
  { id: 'half', name: '90 to 180 days' },
  { id: 'year', name: '180 days to a year' },
  { id: 'older', name: 'older than a year' },
]
const reaches = [
  { id: 'none', name: 'no project' },
  { id: 'one', name: '1 project' },
  { id: 'few', name: '2 to 5' },
  { id: 'some', name: '6 to 10' },
  { id: 'many', name: 'more than 10' },
]
const nameOf = (all: readonly { id: string; name: string }[], id: string) =>
  all.find((one) => one.id === id)?.name ?? id

const title = 'Secrets, by age and by how many projects reach them'
const worstTitle = 'The oldest that most projects reach'

/** How old secrets are, beside how many projects could take each. */
export function SecretExposure() {
  const { data, error } = useQuery(query('risk.secrets', {}))
  if (error) return <ProblemNotice error={error} />
  if (!data) return <Skeletons lines={8} />
  const { cells, total, worst } = data
  return (
    <>
      <Panel
        title={title}
        aside={
          <CsvButton
            name={title}
            rows={[
              ['age', 'projects', 'secrets'],
              ...cells.map(({ age, reach, count: n }) => [
                nameOf(ages, age),
                nameOf(reaches, reach),
                n,
              ]),
            ]}
          />
        }
      >
        <div className={classes.stack}>
          <p className="sp-dim">
            As it is now, whatever the time. <Status is="unknown">Unavailable</Status> Its change:
            of another time neither what was removed since nor who reached it then is kept.
          </p>
          {total === 0 ? (
            <p className="sp-dim">No secret is stored where you may see it.</p>
          ) : (
            <HeatMap
              label={title}
              is="would"
              rows={ages}
              columns={reaches}
              cells={cells.map(({ age, reach, count: n }) => ({
                row: age,
                column: reach,
                value: n,
                label: `${nameOf(ages, age)}, ${nameOf(reaches, reach)}: ${count(n, 'secret')}`,
                // Of what is young nothing is found; the list of contexts has the age of each.
                to:
                  age === 'month' || age === 'quarter'
                    ? paths.contexts()
                    : paths.findings({ detection: 'secrets-old', state: 'any' }),
              }))}
            />
          )}
        </div>
      </Panel>
      {worst.length > 0 && (
        <Panel
          title={worstTitle}
          aside={
            <CsvButton
              name={worstTitle}
              rows={[
                ['context', 'secrets', 'projects', 'oldest'],
                ...worst.map(({ context, secrets, projects, oldestAt }) => [
                  context.name,
                  secrets,
                  projects,
                  oldestAt,
                ]),
              ]}
            />
          }
          flush
        >
          <DataList
            label={worstTitle}
            heads={['Context', 'Secrets', 'Projects', 'Oldest']}
            numbers={['Secrets', 'Projects']}
            rows={worst.map(({ context, secrets, projects, oldestAt }) => ({
              key: context.id,
              cells: {
                Context: <Link to={paths.context(context.id)}>{context.name}</Link>,
                Secrets: num(secrets),
                Projects: num(projects),
                Oldest: <Time at={oldestAt} />,
              },
            }))}
          />
        </Panel>
      )}
    </>
  )
}
