import { Button, CloseButton, Menu, TextInput } from '@mantine/core'
import { useDebouncedCallback } from '@mantine/hooks'
import { IconFilter, IconSearch } from '@tabler/icons-react'
import { useEffect, useRef, useState, type ReactNode } from 'react'
import classes from './FilterBar.module.css'
import { focusableSearch } from './focus-search.ts'
import { MenuItems } from './MenuItems.tsx'

export interface Filter {
  /** The search param, which is the list query's field. */
  key: string
  label: string
  options: readonly { value: string; label: string; count?: number }[]
}

export interface FilterBarProps {
  /** What the box searches: "Search projects". */
  search?: { key: string; label: string }
  filters?: readonly Filter[]
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
  const active = filters.flatMap((filter) => {
    const chosen = text(value[filter.key])
    if (chosen === undefined) return []
    const option = filter.options.find((each) => each.value === chosen)
    return [{ filter, label: option?.label ?? chosen }]
  })
  const rest = filters.filter((filter) => text(value[filter.key]) === undefined)
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
      {active.map(({ filter, label }) => (
        <span key={filter.key} className={classes.chip}>
          <Choices filter={filter} onChange={onChange}>
            <button type="button" className={classes.chosen}>
              <span className="sp-dim">{filter.label}</span> {label}
            </button>
          </Choices>
          <CloseButton
            size={24}
            iconSize={12}
            aria-label={`Drop the filter ${filter.label}: ${label}`}
            onClick={() => onChange({ [filter.key]: undefined })}
          />
        </span>
      ))}
      {rest.map((filter) => (
        <Choices key={filter.key} filter={filter} onChange={onChange}>
          <Button variant="subtle" color="gray" leftSection={<IconFilter size={14} />}>
            {filter.label}
          </Button>
        </Choices>
      ))}
      {children}
    </div>
  )
}

function Choices({
  filter,
  onChange,
  children,
}: {
  filter: Filter
  onChange: FilterBarProps['onChange']
  children: ReactNode
}) {
  return (
    <Menu position="bottom-start">
      <Menu.Target>{children}</Menu.Target>
      <Menu.Dropdown className={classes.choices}>
        <MenuItems
          nothing="Nothing to choose from"
          choices={filter.options.map(({ value, label, count }) => ({
            label,
            aside: count !== undefined && <span className="sp-dim sp-num">{count}</span>,
            onPick: () => onChange({ [filter.key]: value }),
          }))}
        />
      </Menu.Dropdown>
    </Menu>
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
