import type { ReactNode } from 'react'
import classes from './Status.module.css'

export type Meaning =
  | 'permitted'
  | 'denied'
  | 'would'
  | 'unknown'
  | 'critical'
  | 'high'
  | 'medium'
  | 'low'
  | 'good'
  | 'info'
  | 'plain'

/** Meaning has a fixed colour and a shape, and always stands with a word: never colour alone. */
const shape: Record<Meaning, string> = {
  permitted: '●',
  denied: '■',
  would: '◆',
  unknown: '○',
  critical: '▲',
  high: '◆',
  medium: '▬',
  low: '▽',
  good: '✓',
  info: 'i',
  plain: '',
}
const word: Partial<Record<Meaning, string>> = {
  permitted: 'Permitted',
  denied: 'Denied',
  would: 'Would be denied',
  unknown: 'Unknown',
  critical: 'Critical',
  high: 'High',
  medium: 'Medium',
  low: 'Low',
}

/** A badge by meaning: `<Status is="denied" />` says "■ Denied"; children replace the word. */
export function Status({ is, children }: { is: Meaning; children?: ReactNode }) {
  return (
    <span className={classes.status} data-is={is}>
      {shape[is] && (
        <span aria-hidden className={classes.shape}>
          {shape[is]}
        </span>
      )}
      <span>{children ?? word[is]}</span>
    </span>
  )
}
