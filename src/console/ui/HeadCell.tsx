import { IconArrowDown, IconArrowUp } from '@tabler/icons-react'
import classes from './DataTable.module.css'

interface Head {
  title: string
  width?: string
  align?: 'end'
  sort?: string
}

/** A column's head; with a server sort key it is a button that asks ascending, then descending. */
export function HeadCell({
  column,
  keep,
  rest,
  sort,
  onSort,
}: {
  column: Head
  keep: boolean
  /** Takes the width that is left. */
  rest: boolean
  sort: string | undefined
  onSort: ((sort: string) => void) | undefined
}) {
  const key = onSort && column.sort
  const direction = key && sort === key ? 'up' : key && sort === `-${key}` ? 'down' : undefined
  const Arrow = direction === 'down' ? IconArrowDown : IconArrowUp
  return (
    <th
      scope="col"
      data-align={column.align}
      data-keep={keep || undefined}
      data-rest={rest || undefined}
      style={column.width ? { inlineSize: column.width } : {}}
      {...(direction && { 'aria-sort': direction === 'up' ? 'ascending' : 'descending' })}
    >
      {key ? (
        <button
          type="button"
          className={classes.sort}
          onClick={() => onSort(direction === 'up' ? `-${key}` : key)}
        >
          {column.title}
          <Arrow size={13} aria-hidden className={direction ? classes.sorted : classes.unsorted} />
        </button>
      ) : (
        column.title
      )}
    </th>
  )
}
