import type { ReactNode } from 'react'
import classes from './DataList.module.css'

interface Row {
  readonly key: string
  /** By the heads. */
  readonly cells: Readonly<Record<string, ReactNode>>
  /** How far it is set in, below what it belongs to: 0 to 3. */
  readonly depth?: number
  /** What stands in the way. */
  readonly bad?: boolean
}

interface Props {
  /** What the rows are, for screen readers. */
  readonly label: string
  readonly heads: readonly string[]
  /** Heads whose cells are numbers, which end below one another. */
  readonly numbers?: readonly string[]
  /** Heads whose cells are a word or two, which are never broken. */
  readonly words?: readonly string[]
  readonly rows: readonly Row[]
}

/** A table of a few rows whose cells are read in full, not cut: for explanations, not for lists. */
export function DataList({ label, heads, numbers, words, rows }: Props) {
  const align = (head: string) => (numbers?.includes(head) ? 'end' : undefined)
  return (
    // oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- may scroll, so it must be reachable by keyboard (WCAG 2.1.1)
    <div className={classes.scroll} role="region" aria-label={label} tabIndex={0}>
      <table className={classes.list} aria-label={label}>
        <thead>
          <tr>
            {heads.map((head) => (
              <th key={head} scope="col" data-align={align(head)}>
                {head}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map(({ key, cells, depth, bad }) => (
            <tr key={key} data-depth={depth} data-bad={bad || undefined}>
              {heads.map((head) => (
                <td
                  key={head}
                  data-align={align(head)}
                  data-words={words?.includes(head) || undefined}
                >
                  {cells[head]}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  )
}
