import type { ReactNode } from 'react'
import { Link } from 'react-router'
import classes from './Stat.module.css'
import { num } from './format.ts'
import type { Meaning } from './Status.tsx'

/** A number with its name that links to the list that makes it; `is` colours it by meaning, `note` explains it. */
export function Stat({
  label,
  value,
  to,
  is,
  note,
}: {
  label: string
  value: number
  to: string
  is?: Meaning
  note?: ReactNode
}) {
  return (
    <Link className={classes.stat} to={to} data-is={value > 0 ? is : undefined}>
      <span className={classes.label}>{label}</span>
      <span className={classes.value}>{num(value)}</span>
      {note && <span className={classes.note}>{note}</span>}
    </Link>
  )
}
