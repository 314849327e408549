import { Combobox, FocusTrap, useCombobox } from '@mantine/core'
import { useEffect, useState } from 'react'
import type { ChosenProps } from '../ui/FilterBar.tsx'
import { FilterChip, FilterTarget } from '../ui/FilterTarget.tsx'
import { useFound, useNamed, type Kind } from './use-found.ts'

/** What it controls is told by the library. */
const editable = { role: 'combobox', 'aria-expanded': true } as const

/** The filter of a list by one of a kind, found by typing among however many there are: see `findFilter`. */
export function FindFilter({
  kind,
  label,
  value,
  onChange,
}: ChosenProps & { readonly kind: Kind }) {
  const [typed, setTyped] = useState('')
  const named = useNamed(kind, value ?? null, [])
  const chosen = value && (named === null ? 'not found' : (named?.name ?? '…'))
  const combobox = useCombobox({
    onDropdownOpen: () => combobox.focusSearchInput(),
    onDropdownClose: () => {
      setTyped('')
      combobox.resetSelectedOption()
      combobox.focusTarget()
    },
  })
  const pick = (id: string | undefined) => {
    onChange(id)
    combobox.closeDropdown()
  }
  return (
    <FilterChip label={label} chosen={chosen} onDrop={() => pick(undefined)}>
      <Combobox store={combobox} position="bottom-start" width={280} onOptionSubmit={pick}>
        <Combobox.Target targetType="button" withAriaAttributes={false}>
          <FilterTarget
            label={label}
            chosen={chosen}
            aria-haspopup="dialog"
            aria-expanded={combobox.dropdownOpened}
            onClick={() => combobox.toggleDropdown()}
          />
        </Combobox.Target>
        <Combobox.Dropdown>
          {/* Tab does not leave what is open: Escape does, back to where it was opened. */}
          <FocusTrap>
            <div role="dialog" aria-label={label}>
              <Combobox.Search
                {...editable}
                aria-label={label}
                placeholder="Type to find"
                value={typed}
                onChange={(event) => setTyped(event.currentTarget.value)}
              />
              <Found
                kind={kind}
                label={label}
                typed={typed}
                chosen={value}
                onTold={combobox.selectFirstOption}
              />
            </div>
          </FocusTrap>
        </Combobox.Dropdown>
      </Combobox>
    </FilterChip>
  )
}

interface FoundProps {
  readonly kind: Kind
  readonly label: string
  readonly typed: string
  readonly chosen: string | undefined
  readonly onTold: () => void
}

/** Asked for only while it is open. */
function Found({ kind, label, typed, chosen, onTold }: FoundProps) {
  const { items, searching } = useFound(kind, typed)
  const wanted = typed.trim().toLowerCase()
  const fitting = searching
    ? items
    : items?.filter(({ name }) => name.toLowerCase().includes(wanted))
  const told = fitting?.map(({ id }) => id).join()
  useEffect(() => {
    if (wanted !== '' && told) onTold()
  }, [wanted, told, onTold])
  return (
    <Combobox.Options aria-label={label} mah={300} style={{ overflowY: 'auto' }}>
      {fitting?.map(({ id, name }) => (
        <Combobox.Option key={id} value={id} active={id === chosen} aria-selected={id === chosen}>
          {name}
        </Combobox.Option>
      ))}
      {!fitting?.length && (
        // As an option: a list without any is none to whoever is read the page.
        <Combobox.Option value="" disabled>
          {fitting === undefined ? 'Looking …' : wanted ? 'Nothing fits' : 'Nothing to choose from'}
        </Combobox.Option>
      )}
    </Combobox.Options>
  )
}
