import { ActionIcon, Menu, Tooltip } from '@mantine/core'
import { IconCheck, IconColumns3 } from '@tabler/icons-react'
import { useMemo, useState } from 'react'
import type { Column } from './DataTable.tsx'

type Hideable = Pick<Column<never>, 'key' | 'title' | 'optional'>

const storageKey = (label: string) => `sallyport-columns-${label}`

function remembered(label: string, columns: readonly Hideable[]): ReadonlySet<string> {
  try {
    const stored = localStorage.getItem(storageKey(label))
    if (stored !== null) return new Set(stored.split(',').filter(Boolean))
  } catch {
    // Storage may be refused; the defaults then hold.
  }
  return new Set(columns.filter((column) => column.optional).map((column) => column.key))
}

/** Which columns are shown; the choice is remembered per table. */
export function useColumns<C extends Hideable>(label: string, columns: readonly C[]) {
  const [hidden, set] = useState(() => remembered(label, columns))
  const setHidden = (next: ReadonlySet<string>) => {
    set(next)
    try {
      localStorage.setItem(storageKey(label), [...next].join(','))
    } catch {
      // As above.
    }
  }
  // The same as long as nothing is chosen, so that a row whose columns are the same is not drawn anew.
  const shown = useMemo(
    () => columns.filter((column) => !hidden.has(column.key)),
    [columns, hidden],
  )
  return { shown, hidden, setHidden }
}

/** The button that chooses columns; the first column stays. */
export function ColumnMenu({
  columns,
  hidden,
  onChange,
}: {
  columns: readonly Hideable[]
  hidden: ReadonlySet<string>
  onChange: (hidden: ReadonlySet<string>) => void
}) {
  return (
    <Menu closeOnItemClick={false}>
      <Menu.Target>
        <Tooltip label="Choose columns">
          <ActionIcon variant="subtle" color="gray" size={28} aria-label="Choose columns">
            <IconColumns3 size={16} />
          </ActionIcon>
        </Tooltip>
      </Menu.Target>
      <Menu.Dropdown>
        {columns.slice(1).map((column) => {
          const shown = !hidden.has(column.key)
          return (
            <Menu.Item
              key={column.key}
              renderRoot={(props: object) => (
                <button {...props} type="button" role="menuitemcheckbox" aria-checked={shown} />
              )}
              leftSection={
                <IconCheck size={14} style={{ visibility: shown ? 'visible' : 'hidden' }} />
              }
              onClick={() => {
                const next = new Set(hidden)
                if (!next.delete(column.key)) next.add(column.key)
                onChange(next)
              }}
            >
              {column.title}
            </Menu.Item>
          )
        })}
      </Menu.Dropdown>
    </Menu>
  )
}
