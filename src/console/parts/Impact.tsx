import { lazy, Suspense, useState } from 'react'
import type { Impact as Found } from '../../contract/impact.ts'
import { ApiError } from '../api/problem.ts'
import { count, num } from '../ui/format.ts'
import { Panel } from '../ui/Panel.tsx'
import { ProseField } from '../ui/ProseField.tsx'
import { impactSentence, type Asked } from './impact-words.ts'
import classes from './Impact.module.css'
import { ProblemNotice } from './ProblemNotice.tsx'
import { Turns } from './Turns.tsx'

const ImpactTable = lazy(() =>
  import('./ImpactTable.tsx').then((module) => ({ default: module.ImpactTable })),
)

/** What a change would have done to what was decided, before it is saved. `short`: for a dialogue, without the rows. */
export function Impact(props: {
  impact: Found | null | undefined
  error?: Error | null
  what: Asked
  short?: boolean
}) {
  const { impact, error, what, short } = props
  if (impact === null) return null
  const said = (
    <div role="status" className={classes.said}>
      {impact ? (
        <>
          <p>
            <Turns denied={impact.newlyDenied} permitted={impact.newlyPermitted} />{' '}
            {impactSentence(impact, what)}
          </p>
          {impact.untold > 0 && (
            <span className="sp-dim">
              {count(impact.untold, 'decision')} cannot be told: the record lacks what is needed.
            </span>
          )}
        </>
      ) : error ? (
        ''
      ) : (
        'Asking the last 30 days …'
      )}
    </div>
  )
  if (short) {
    return (
      <>
        <ProblemNotice error={error ?? null} />
        {said}
        {impact && <By impact={impact} />}
      </>
    )
  }
  return (
    <Panel title="What it would have changed" flush={Boolean(impact?.rows.length)}>
      <ProblemNotice error={error ?? null} />
      <div className={impact?.rows.length ? classes.padded : undefined}>{said}</div>
      {impact && impact.rows.length > 0 && (
        <Suspense>
          <ImpactTable
            rows={impact.rows}
            of={impact.newlyDenied + impact.newlyPermitted}
            empty={null}
          />
        </Suspense>
      )}
    </Panel>
  )
}

function By({ impact }: { impact: Found }) {
  const lines = [...impact.permittedBy, ...impact.deniedBy].slice(0, 5)
  if (lines.length === 0) return null
  return (
    <ul className={classes.by}>
      {lines.map(({ id, name, count: many }) => (
        <li key={id}>
          {name} <span className="sp-dim sp-num">{num(many)}</span>
        </li>
      ))}
    </ul>
  )
}

/**
 * What newly permits something asks for a reason, which stands in the event; also where the server knows more of it. While a
 * change is asked about anew, what was known of it before holds: a field is not taken from whoever writes in it.
 */
export function ReasonForOpening(props: {
  impact: Found | null | undefined
  /** Of the change. */
  refused: Error | null
  value: string
  onChange: (reason: string) => void
}) {
  const { impact, refused, value, onChange } = props
  const [opens, setOpens] = useState(false)
  if (impact !== undefined && opens !== Boolean(impact?.newlyPermitted)) setOpens(!opens)
  const wanted = refused instanceof ApiError && refused.problem.code === 'reason_required'
  if (!wanted && !value && !opens) return null
  return (
    <ProseField
      label="Why it is opened"
      description="It newly permits what was refused. The audit trail keeps the reason."
      required
      minRows={2}
      value={value}
      onChange={onChange}
    />
  )
}
