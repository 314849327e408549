import { Link } from 'react-router'
import type { FirstStep, Overview } from '../../../contract/overview.ts'
import { paths } from '../../paths.ts'
import { Panel } from '../../ui/Panel.tsx'
import { Status } from '../../ui/Status.tsx'
import classes from './overview.module.css'

const steps: readonly (readonly [FirstStep, to: string, what: string, why: string])[] = [
  ['issuer', paths.issuerNew(), 'Trust a CI system', 'Its jobs bring tokens that it signed.'],
  ['project', paths.projectNew(), 'Add a project', 'Runs are known as a project’s.'],
  ['rule', paths.trustRuleNew(), 'Add a trust rule', 'It says by which claims they are.'],
  ['secret', paths.contextNew(), 'Create a context, store a secret', 'Runs ask for contexts.'],
  [
    'restriction',
    paths.contexts({ closed: true }),
    'Restrict it',
    'Without a restriction it is closed to everybody.',
  ],
  [
    'lease',
    paths.projects(),
    'Give a job its lines',
    'They stand under “Use it” of each project, filled in.',
  ],
]

/** Where a company begins that has nothing yet; gone once its first job was given a secret. */
export function FirstSteps({ taken }: { taken: Overview['firstSteps'] }) {
  if (steps.every(([step]) => taken[step])) return null
  return (
    <Panel title="Where to begin" flush>
      <ol className={classes.list}>
        {steps.map(([step, to, what, why], at) => (
          <li key={step}>
            <span>
              {at + 1}. <Link to={to}>{what}</Link> <span className="sp-dim">{why}</span>
            </span>
            <span>
              {taken[step] ? (
                <Status is="good">done</Status>
              ) : (
                <span className="sp-dim">to do</span>
              )}
            </span>
          </li>
        ))}
      </ol>
    </Panel>
  )
}
