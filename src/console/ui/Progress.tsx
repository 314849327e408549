import type { ReactNode } from 'react'
import { num } from './format.ts'
import classes from './Progress.module.css'

/** How far something is that takes longer than a second; what can be done about it stands beside. */
export function Progress(props: {
  label: string
  done: number
  total: number
  children?: ReactNode
}) {
  const { label, done, total, children } = props
  return (
    <div className={classes.progress}>
      <progress aria-label={label} value={done} max={Math.max(1, total)} />
      <span className="sp-num sp-dim">
        {num(done)} of {num(total)}
      </span>
      {children}
    </div>
  )
}
