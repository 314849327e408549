import type { ReactNode } from 'react'
import classes from './Facts.module.css'

/** Key facts of an object, side by side: `<Facts of={{ Owner: <…/>, Segment: <…/> }} />`. */
export function Facts({ of }: { of: Readonly<Record<string, ReactNode>> }) {
  return (
    <dl className={classes.facts}>
      {Object.entries(of).map(([term, value]) => (
        <div key={term}>
          <dt>{term}</dt>
          <dd>{value ?? '–'}</dd>
        </div>
      ))}
    </dl>
  )
}
