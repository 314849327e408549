import type { ReactNode } from 'react'
import { Panel } from '../../ui/Panel.tsx'
import classes from './overview.module.css'

interface Props<T> {
  readonly title: string
  readonly rows: readonly T[]
  readonly rowKey: (row: T) => string
  readonly renderName: (row: T) => ReactNode
  readonly renderValue: (row: T) => ReactNode
  /** What it means when there is none. */
  readonly none: string
  readonly aside?: ReactNode
}

/** A titled short list, each line with its number or time at the end. */
export function ListPanel<T>({
  title,
  rows,
  rowKey,
  renderName,
  renderValue,
  none,
  aside,
}: Props<T>) {
  return (
    <Panel title={title} aside={aside} flush>
      {rows.length === 0 ? (
        <p className={`${classes.none} sp-dim`}>{none}</p>
      ) : (
        <ul className={classes.list}>
          {rows.map((row) => (
            <li key={rowKey(row)}>
              <span>{renderName(row)}</span>
              <span>{renderValue(row)}</span>
            </li>
          ))}
        </ul>
      )}
    </Panel>
  )
}
