import classes from './Facets.module.css'
import { num } from './format.ts'
import type { Filter } from './FilterBar.tsx'

/** Facets with counts beside a list: choosing one narrows, choosing it again widens. */
export function Facets({
  facets,
  value,
  onChange,
}: {
  facets: readonly Filter[]
  value: Readonly<Record<string, unknown>>
  onChange: (patch: Record<string, string | undefined>) => void
}) {
  return (
    <aside className={classes.facets} aria-label="Narrow down">
      {facets.map((facet) => (
        <fieldset key={facet.key} className={classes.facet}>
          <legend>{facet.label}</legend>
          {facet.options.map((option) => {
            const chosen = value[facet.key] === option.value
            return (
              <button
                key={option.value}
                type="button"
                aria-pressed={chosen}
                className={classes.option}
                onClick={() => onChange({ [facet.key]: chosen ? undefined : option.value })}
              >
                <span className={classes.label} title={option.label}>
                  {option.label}
                </span>
                {option.count !== undefined && (
                  <span className={classes.count}>{num(option.count)}</span>
                )}
              </button>
            )
          })}
        </fieldset>
      ))}
    </aside>
  )
}
