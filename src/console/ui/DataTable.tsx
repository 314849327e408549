import { Button } from '@mantine/core'
import {
  useEffect,
  useLayoutEffect,
  useRef,
  useState,
  type CSSProperties,
  type ReactNode,
} from 'react'
import { useNavigate } from 'react-router'
import { ColumnMenu, useColumns } from './ColumnMenu.tsx'
import { DataRow, type RowTold } from './DataRow.tsx'
import classes from './DataTable.module.css'
import { count } from './format.ts'
import { HeadCell } from './HeadCell.tsx'
import { useRowKeys, type RowKeys } from './use-row-keys.ts'
import { usePrinting } from './use-printing.ts'
import { useWindow } from './use-window.ts'

export interface Column<T> {
  key: string
  title: string
  cell: (row: T) => ReactNode
  /** Any CSS width; the column without one takes what is left. */
  width?: string
  align?: 'end'
  /** The server's sort key: the head becomes a button. */
  sort?: string
  /** Kept when the window is narrow; every other column is dropped at 768 px. The first is always kept. */
  keep?: boolean
  /** Off until chosen in the column menu. */
  optional?: boolean
}

export interface DataTableProps<T> {
  /** What the rows are, for screen readers and the column choice that is remembered: "Projects". */
  label: string
  columns: readonly Column<T>[]
  /** Undefined while the first page loads: skeleton rows of the same height stand in. */
  rows: readonly T[] | undefined
  rowKey: (row: T) => string
  /** Where Enter, or a click beside the links of a row, goes. */
  rowHref?: (row: T) => string
  /** Instead of a link: opens a drawer. */
  onOpen?: (row: T) => void
  /** Further letters, for tables that are worked through row by row. */
  keys?: RowKeys<T>
  /** Told which row has the focus. */
  onActive?: (row: T) => void
  /** `name` ascending, `-name` descending; as the list query says it. */
  sort?: string
  onSort?: (sort: string) => void
  /** Keyset paging: called when the end comes near. */
  more?: { has: boolean; loading: boolean; load: () => void }
  selection?: {
    selected: ReadonlySet<string>
    onChange: (selected: ReadonlySet<string>) => void
    name: (row: T) => string
    /** The bulk bar's actions. */
    actions: ReactNode
  }
  /** Shown instead of an empty table: `<Empty>` or `<NoResults>`. */
  empty: ReactNode
  /** Beside the column menu, at the end of the line above the table. */
  tools?: ReactNode
  total?: string
}

const rowHeight = 36
const virtualFrom = 60

/** The one table: sticky head, column choice, server sort, keyset "more", selection, ↑ ↓ j k Enter x. */
export function DataTable<T>(props: DataTableProps<T>) {
  const { label, columns, rows, rowKey, rowHref, onOpen, more, selection, empty, keys } = props
  const navigate = useNavigate()
  const [scroller, setScroller] = useState<HTMLDivElement | null>(null)
  const { shown, hidden, setHidden } = useColumns(label, columns)
  const all = rows ?? []
  // A sheet has no window: all rows that were loaded are on it.
  const printing = usePrinting()
  const windowed = all.length > virtualFrom && !printing
  const { first, last, scrollTo } = useWindow(scroller, {
    count: all.length,
    rowHeight,
    enabled: windowed,
  })
  const slice = windowed ? all.slice(first, last + 1) : all
  const above = first * rowHeight
  const below = windowed ? (all.length - 1 - last) * rowHeight : 0

  const load = more?.load
  const nearEnd = Boolean(more?.has && !more.loading && windowed && last > all.length - 20)
  useEffect(() => {
    if (nearEnd) load?.()
  }, [nearEnd, load])

  const toggle = (row: T) => {
    if (!selection) return
    const next = new Set(selection.selected)
    const key = rowKey(row)
    if (!next.delete(key)) next.add(key)
    selection.onChange(next)
  }
  const open = (row: T) => {
    if (onOpen) onOpen(row)
    else if (rowHref) void navigate(rowHref(row))
  }
  const { active, setActive, onKeyDown, body } = useRowKeys({
    count: all.length,
    scrollTo: (index) => {
      if (windowed) scrollTo(index)
    },
    open: (index) => all[index] !== undefined && open(all[index]),
    toggle: (index) => all[index] !== undefined && toggle(all[index]),
    ...(keys && {
      act: (key: string, index: number) => all[index] && keys[key]?.(all[index]),
    }),
  })

  const latest = useRef({ setActive, open, toggle, onActive: props.onActive })
  useLayoutEffect(() => {
    latest.current = { setActive, open, toggle, onActive: props.onActive }
  })
  const [on] = useState<RowTold<T>>(() => ({
    focused(index, row) {
      latest.current.setActive(index)
      latest.current.onActive?.(row)
    },
    opened: (row) => latest.current.open(row),
    toggled: (row) => latest.current.toggle(row),
  }))

  if (rows && rows.length === 0) return <div className={classes.frame}>{empty}</div>
  // What has no width takes what is left, and ends in an ellipsis rather than beyond the edge.
  const rest = shown.findLast((column) => !column.width)?.key
  const span = shown.length + (selection ? 1 : 0)
  const every = all.length > 0 && selection?.selected.size === all.length
  return (
    <div className={classes.area} style={{ '--sp-rows': rows ? all.length : 5 } as CSSProperties}>
      <div className={classes.tools}>
        <span className="sp-dim sp-num">
          {rows && (props.total ?? `${count(all.length, 'row')}${more?.has ? ', more below' : ''}`)}
        </span>
        <span className={classes.end}>
          {props.tools}
          <ColumnMenu columns={columns} hidden={hidden} onChange={setHidden} />
        </span>
      </div>
      {selection && selection.selected.size > 0 && (
        <div className={classes.bulk} role="region" aria-label="Selected rows">
          <span>{selection.selected.size} selected</span>
          {selection.actions}
          <Button variant="subtle" onClick={() => selection.onChange(new Set())}>
            Clear selection
          </Button>
        </div>
      )}
      <div
        className={classes.frame}
        ref={setScroller}
        role="region"
        aria-label={label}
        // oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- a scrollable region must be reachable by keyboard (WCAG 2.1.1)
        tabIndex={0}
      >
        <table
          className={classes.table}
          aria-label={label}
          aria-rowcount={more?.has ? -1 : all.length + 1}
          aria-busy={!rows}
        >
          <thead>
            <tr>
              {selection && (
                <th scope="col" className={classes.check}>
                  <input
                    type="checkbox"
                    aria-label="Select every row shown"
                    checked={every}
                    onChange={() =>
                      selection.onChange(every ? new Set() : new Set(all.map(rowKey)))
                    }
                  />
                </th>
              )}
              {shown.map((column, index) => (
                <HeadCell
                  key={column.key}
                  column={column}
                  keep={index === 0 || Boolean(column.keep)}
                  rest={column.key === rest}
                  sort={props.sort}
                  onSort={props.onSort}
                />
              ))}
            </tr>
          </thead>
          {/* oxlint-disable-next-line jsx-a11y/no-noninteractive-element-interactions -- the rows have the focus, one listener serves them all */}
          <tbody onKeyDown={onKeyDown} ref={body}>
            {above > 0 && <tr aria-hidden style={{ blockSize: above }} />}
            {slice.map((row, offset) => {
              const index = first + offset
              const key = rowKey(row)
              const selected = selection?.selected.has(key)
              return (
                <DataRow
                  key={key}
                  row={row}
                  index={index}
                  columns={shown}
                  rest={rest}
                  active={active === index}
                  opens={Boolean(rowHref ?? onOpen)}
                  name={selection?.name(row)}
                  selected={Boolean(selected)}
                  on={on}
                />
              )
            })}
            {below > 0 && <tr aria-hidden style={{ blockSize: below }} />}
            {!rows &&
              Array.from({ length: 12 }, (_, index) => (
                <tr key={index} aria-hidden className={classes.waiting}>
                  <td colSpan={span}>
                    <div style={{ inlineSize: `${90 - ((index * 23) % 50)}%` }}>{'\u00a0'}</div>
                  </td>
                </tr>
              ))}
          </tbody>
        </table>
        {more?.has && (
          <div className={classes.more}>
            <Button variant="subtle" loading={more.loading} onClick={more.load}>
              Show more
            </Button>
          </div>
        )}
      </div>
    </div>
  )
}
