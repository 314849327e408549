import type { PolicyDetail } from '../../../contract/policies.ts'
import { ModeBadge } from '../../parts/ModeBadge.tsx'
import { TriedUntil } from './TriedUntil.tsx'
import classes from './ModeSteps.module.css'

const steps = [
  { mode: 'draft', says: 'Nothing asks it. Write until it validates.' },
  { mode: 'evaluate', says: 'Every decision asks it, and records what it would deny.' },
  { mode: 'enforce', says: 'It denies. Two people agreed on the version.' },
] as const

/** The way of a policy, and where it stands. */
export function ModeSteps({ policy }: { policy: PolicyDetail }) {
  return (
    <ol className={classes.steps} aria-label="The way of a policy">
      {steps.map(({ mode, says }) => (
        <li key={mode} aria-current={policy.mode === mode ? 'step' : undefined}>
          <ModeBadge mode={mode} />
          <span>{says}</span>
          {policy.mode === mode && policy.versionInForce !== null && (
            <strong>Version {policy.versionInForce}</strong>
          )}
          {mode === 'evaluate' && policy.mode === mode && (
            <span>
              Until: <TriedUntil policy={policy} />
            </span>
          )}
        </li>
      ))}
    </ol>
  )
}
