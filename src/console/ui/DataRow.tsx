import { memo } from 'react'
import type { Column } from './DataTable.tsx'
import classes from './DataTable.module.css'

interface Props<T> {
  readonly row: T
  readonly index: number
  readonly columns: readonly Column<T>[]
  /** The column that takes what is left. */
  readonly rest: string | undefined
  readonly active: boolean
  readonly opens: boolean
  /** Of its box, where rows are selected. */
  readonly name: string | undefined
  readonly selected: boolean
  /** The same for every row and every time. */
  readonly on: RowTold<T>
}

export interface RowTold<T> {
  readonly focused: (index: number, row: T) => void
  readonly opened: (row: T) => void
  readonly toggled: (row: T) => void
}

/**
 * One row. It is drawn anew only when something of it is another: in a table that is worked through key by key, each key
 * changes two rows and not the fifty that are in view.
 */
function Row<T>({ row, index, columns, rest, active, opens, name, selected, on }: Props<T>) {
  return (
    <tr
      data-index={index}
      aria-rowindex={index + 2}
      data-selected={selected || undefined}
      data-open={opens || undefined}
      tabIndex={active ? 0 : -1}
      onFocus={() => on.focused(index, row)}
      onClick={(event) => {
        const inside = (event.target as Element).closest('a, button, input, label')
        if (!inside && !window.getSelection()?.toString()) on.opened(row)
      }}
    >
      {name !== undefined && (
        <td className={classes.check}>
          <input
            type="checkbox"
            tabIndex={-1}
            aria-label={`Select ${name}`}
            checked={selected}
            onChange={() => on.toggled(row)}
          />
        </td>
      )}
      {columns.map((column, at) => (
        <td
          key={column.key}
          data-align={column.align}
          data-rest={column.key === rest || undefined}
          data-keep={at === 0 || column.keep || undefined}
        >
          {column.cell(row)}
        </td>
      ))}
    </tr>
  )
}

// `memo` forgets type parameters.
export const DataRow = memo(Row) as typeof Row
