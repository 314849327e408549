import { Checkbox } from '@mantine/core'
import type { FlowMatrix } from '../../../contract/segments.ts'
import classes from './FlowGrid.module.css'
import { TierBadge } from '../../parts/TierBadge.tsx'

export const flowKey = (from: string, to: string) => `${from} ${to}`

interface Props {
  readonly segments: FlowMatrix['segments']
  readonly allowed: ReadonlySet<string>
  /** As it was before anything was touched: what differs is marked. */
  readonly before: ReadonlySet<string>
  readonly onToggle: (key: string) => void
}

/** From where (rows) to where (columns): a table, each cell a box that says in words what it allows. */
export function FlowGrid({ segments, allowed, before, onToggle }: Props) {
  return (
    // oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- scrolls, so it must be reachable by keyboard (WCAG 2.1.1)
    <div className={classes.scroll} role="region" aria-label="Flows" tabIndex={0}>
      <table className={classes.grid} aria-label="Flows between segments">
        <thead>
          <tr>
            <th scope="col" className={classes.corner}>
              <span>Runs in ↓ may use contexts of →</span>
            </th>
            {segments.map(({ id, name, tier }) => (
              <th key={id} scope="col" title={name}>
                <span>{name}</span>
                <TierBadge tier={tier} />
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {segments.map((from) => (
            <tr key={from.id}>
              <th scope="row" title={from.name}>
                {from.name}
              </th>
              {segments.map((to) => {
                if (from.id === to.id) {
                  return (
                    <td key={to.id} className={classes.own}>
                      within
                    </td>
                  )
                }
                const key = flowKey(from.id, to.id)
                const changed = allowed.has(key) !== before.has(key)
                const may = from.mayChange && to.mayChange
                return (
                  <td key={to.id} data-changed={changed || undefined}>
                    <Checkbox
                      aria-label={`From ${from.name} to ${to.name}${changed ? ', changed' : ''}`}
                      title={
                        may
                          ? `${from.name} → ${to.name}`
                          : 'You need the permission segment:update on both segments.'
                      }
                      checked={allowed.has(key)}
                      disabled={!may}
                      onChange={() => onToggle(key)}
                    />
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
