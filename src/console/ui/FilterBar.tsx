import { Menu, TextInput } from '@mantine/core'
import { useDebouncedCallback } from '@mantine/hooks'
import { IconSearch } from '@tabler/icons-react'
import { useEffect, useRef, useState, type ComponentType, type ReactNode } from 'react'
import classes from './FilterBar.module.css'
import { FilterChip, FilterTarget } from './FilterTarget.tsx'
import { focusableSearch } from './focus-search.ts'
import { MenuItems } from './MenuItems.tsx'

export interface Filter {
  /** The search param, which is the list query's field. */
  key: string
  label: string
  options: readonly { value: string; label: string; count?: number }[]
}

export interface ChosenProps {
  readonly label: string
  /** Undefined while nothing is chosen. */
  readonly value: string | undefined
  readonly onChange: (value: string | undefined) => void
}

/** A filter that finds its choices by itself: there may be more than a menu holds. */
export interface FoundFilter {
  key: string
  label: string
  Choice: ComponentType<ChosenProps>
}

export interface FilterBarProps {
  /** What the box searches: "Search projects". */
  search?: { key: string; label: string }
  filters?: readonly (Filter | FoundFilter)[]
  value: Readonly<Record<string, unknown>>
  onChange: (patch: Record<string, string | undefined>) => void
  children?: ReactNode
}

const text = (value: unknown) =>
  typeof value === 'string'
    ? value
    : typeof value === 'number' || typeof value === 'boolean'
      ? String(value)
      : undefined

const none: readonly Filter[] = []

/** A search box (focused by `/`), filters as chips that live in the URL, and a menu that adds more. */
export function FilterBar({ search, filters = none, value, onChange, children }: FilterBarProps) {
  const chosen = ({ key }: Filter | FoundFilter) => text(value[key])
  const active = filters.filter((filter) => chosen(filter) !== undefined)
  const rest = filters.filter((filter) => chosen(filter) === undefined)
  return (
    <div className={classes.bar} role="search" aria-label="Filters">
      {search && (
        <SearchBox
          key={search.key}
          label={search.label}
          value={text(value[search.key]) ?? ''}
          onChange={(next) => onChange({ [search.key]: next || undefined })}
        />
      )}
      {[...active, ...rest].map((filter) => {
        const choice = {
          label: filter.label,
          value: chosen(filter),
          onChange: (next: string | undefined) => onChange({ [filter.key]: next }),
        }
        return 'Choice' in filter ? (
          <filter.Choice key={filter.key} {...choice} />
        ) : (
          <MenuChoice key={filter.key} {...choice} options={filter.options} />
        )
      })}
      {children}
    </div>
  )
}

function MenuChoice({ label, value, onChange, options }: ChosenProps & Pick<Filter, 'options'>) {
  const chosen = options.find((each) => each.value === value)?.label ?? value
  return (
    <FilterChip label={label} chosen={chosen} onDrop={() => onChange(undefined)}>
      <Menu position="bottom-start">
        <Menu.Target>
          <FilterTarget label={label} chosen={chosen} />
        </Menu.Target>
        <Menu.Dropdown className={classes.choices}>
          <MenuItems
            nothing="Nothing to choose from"
            choices={options.map((each) => ({
              label: each.label,
              aside: each.count !== undefined && (
                <span className="sp-dim sp-num">{each.count}</span>
              ),
              onPick: () => onChange(each.value),
            }))}
          />
        </Menu.Dropdown>
      </Menu>
    </FilterChip>
  )
}

function SearchBox({
  label,
  value,
  onChange,
}: {
  label: string
  value: string
  onChange: (value: string) => void
}) {
  const [typed, setTyped] = useState(value)
  // Back, or a dropped filter, changes the URL from outside: the box then follows it.
  const [known, setKnown] = useState(value)
  if (value !== known) {
    setKnown(value)
    setTyped(value)
  }
  const box = useRef<HTMLInputElement>(null)
  const later = useDebouncedCallback(onChange, 250)
  useEffect(() => focusableSearch(box), [])
  return (
    <TextInput
      ref={box}
      className={classes.search ?? ''}
      type="search"
      aria-label={label}
      placeholder={label}
      leftSection={<IconSearch size={15} aria-hidden />}
      value={typed}
      onChange={(event) => {
        setTyped(event.currentTarget.value)
        later(event.currentTarget.value)
      }}
      onKeyDown={(event) => {
        if (event.key === 'Escape') event.currentTarget.blur()
      }}
    />
  )
}
