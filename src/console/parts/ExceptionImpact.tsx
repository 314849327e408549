import { Link } from 'react-router'
import type { ExceptionImpact as Found } from '../../contract/exceptions.ts'
import { paths } from '../paths.ts'
import { count, num } from '../ui/format.ts'
import classes from './Impact.module.css'
import { Time } from '../ui/Time.tsx'
import { ProblemNotice } from './ProblemNotice.tsx'
import { Turns } from './Turns.tsx'

/** How many of the refusals that it would have permitted are named: all are of the same runs. */
const mostNamed = 5

/** What an exception would have permitted of what was refused, and what something else refuses all the same. */
export function ExceptionImpact(props: { impact: Found | undefined; error: Error | null }) {
  const { impact, error } = props
  return (
    <section aria-label="What it would have permitted">
      <ProblemNotice error={error} />
      <div role="status" className={classes.said}>
        {impact ? <Said impact={impact} /> : error ? '' : 'Asking the last 30 days …'}
      </div>
      {impact && impact.refusedBy.length > 0 && (
        <ul className={classes.by} aria-label="What stays refused">
          {impact.refusedBy.map(({ sentence, count: many, decision }) => (
            <li key={sentence}>
              <Link to={paths.decision(decision)}>
                <span className="sp-num">{num(many)}</span> × {sentence}
              </Link>
            </li>
          ))}
        </ul>
      )}
      {impact && impact.rows.length > 0 && (
        <>
          <p className="sp-dim">The newest that it would have permitted:</p>
          <ul className={classes.by} aria-label="What it would have permitted">
            {impact.rows.slice(0, mostNamed).map(({ decisionId, at }) => (
              <li key={decisionId}>
                <Link to={paths.decision(decisionId)}>
                  refused <Time at={at} />
                </Link>
              </li>
            ))}
          </ul>
        </>
      )}
    </section>
  )
}

function Said({ impact }: { readonly impact: Found }) {
  const { asked, more, days, newlyPermitted, stillRefused, untold } = impact
  return (
    <>
      <p>
        <Turns denied={0} permitted={newlyPermitted} />{' '}
        {asked === 0
          ? `Of the runs it is for, nothing that you may see was refused in ${days} days.`
          : `Of ${more ? 'the newest ' : ''}${count(asked, 'refusal')} of these runs in ${days} days it would have permitted ${num(newlyPermitted)}${
              stillRefused > 0
                ? `; ${num(stillRefused)} would stay refused, by what no exception lifts:`
                : '.'
            }`}
      </p>
      {untold > 0 && (
        <span className="sp-dim">
          {count(untold, 'refusal')} cannot be told: the record lacks what is needed.
        </span>
      )}
    </>
  )
}
