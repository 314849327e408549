import { Link } from 'react-router'
import { compact } from './format.ts'
import classes from './HeatMap.module.css'
import type { Meaning } from './Status.tsx'

interface Named {
  readonly id: string
  readonly name: string
}
interface HeatCell {
  readonly row: string
  readonly column: string
  readonly value: number
  /** Against the time before: "+2"; a pair with one is shown also where there is nothing any more. */
  readonly change?: string | undefined
  /** All of it in words: "checkout, prod-deploy: 3 denied of 40". */
  readonly label: string
  readonly to: string
}

interface Props {
  readonly label: string
  readonly rows: readonly Named[]
  readonly columns: readonly Named[]
  readonly cells: readonly HeatCell[]
  readonly is: Extract<Meaning, 'permitted' | 'denied' | 'would'>
}

/** How strong the strongest is: beyond that the number on it is no longer legible. */
const strongest = 42

/** A number for each pair, the more the stronger; it is a table, so that it reads without its colours. */
export function HeatMap({ label, rows, columns, cells, is }: Props) {
  const most = Math.max(1, ...cells.map(({ value }) => value))
  const at = new Map(cells.map((cell) => [`${cell.row} ${cell.column}`, cell]))
  // By the logarithm: a pair with ten is seen beside one with ten thousand.
  const share = (value: number) => Math.round((Math.log1p(value) / Math.log1p(most)) * strongest)
  return (
    // oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- scrolls, so it must be reachable by keyboard (WCAG 2.1.1)
    <div className={classes.scroll} role="region" aria-label={label} tabIndex={0}>
      <table className={classes.map} aria-label={label}>
        <thead>
          <tr>
            <th scope="col">
              <span className="sp-hidden">Row</span>
            </th>
            {columns.map(({ id, name }) => (
              <th key={id} scope="col" title={name}>
                <span>{name}</span>
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map((row) => (
            <tr key={row.id}>
              <th scope="row" title={row.name}>
                {row.name}
              </th>
              {columns.map((column) => {
                const cell = at.get(`${row.id} ${column.id}`)
                if (!cell || (cell.value === 0 && !cell.change)) {
                  return (
                    <td key={column.id} data-none>
                      <span className="sp-hidden">none</span>
                    </td>
                  )
                }
                return (
                  <td key={column.id}>
                    <Link
                      to={cell.to}
                      title={cell.label}
                      aria-label={cell.label}
                      ref={(node) => {
                        node?.style.setProperty('--heat', `var(--sp-${is})`)
                        node?.style.setProperty('--share', `${share(cell.value)}%`)
                      }}
                    >
                      {compact(cell.value)}
                      {cell.change && <small>{cell.change}</small>}
                    </Link>
                  </td>
                )
              })}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  )
}
