import { Modal } from '@mantine/core'
import { IconSearch } from '@tabler/icons-react'
import { useEffect, useId, useState, type KeyboardEvent } from 'react'
import { useNavigate } from 'react-router'
import { useFocusBack } from '../ui/use-focus-back.ts'
import type { Group } from './navigation.ts'
import classes from './Palette.module.css'
import { useFound, type Entry } from './palette-entries.ts'

/** ⌘K: go to a page, search everything one may see, act. A combobox over a list (WAI-ARIA APG), by keyboard alone. */
export function Palette({
  groups,
  typed,
  entered,
  onType,
  onEnter,
  onClose,
}: {
  groups: readonly Group[]
  /** Held by the shell, for one types before this is loaded and has the focus. */
  typed: string
  /** Enter was pressed and waits for something to go to. */
  entered: boolean
  onType: (typed: string) => void
  onEnter: (entered: boolean) => void
  onClose: () => void
}) {
  useFocusBack()
  const [at, setAt] = useState(0)
  const listId = useId()
  const navigate = useNavigate()
  const { sections, searching } = useFound(typed, groups)
  const entries = sections.flatMap((section) => section.entries)
  const active = Math.min(at, Math.max(0, entries.length - 1))

  const run = (entry: Entry | undefined) => {
    if (!entry) return
    onClose()
    if (entry.to !== undefined) void navigate(entry.to)
    else entry.run?.()
  }
  // Whoever types faster than the search answers still gets to what he named.
  const waits = entered && entries.length === 0 && searching
  useEffect(() => {
    if (!entered || waits) return
    onEnter(false)
    run(entries[active])
  })
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key === 'ArrowDown') setAt(Math.min(active + 1, entries.length - 1))
    else if (event.key === 'ArrowUp') setAt(Math.max(active - 1, 0))
    else if (event.key === 'Enter') onEnter(true)
    else return
    event.preventDefault()
  }
  return (
    <Modal
      opened
      onClose={onClose}
      withCloseButton={false}
      centered={false}
      padding={0}
      size={620}
      yOffset="12vh"
      aria-label="Search and go to"
    >
      <div className={classes.box}>
        <IconSearch size={18} aria-hidden />
        <input
          data-autofocus
          role="combobox"
          aria-expanded
          aria-controls={listId}
          aria-activedescendant={entries.length > 0 ? `${listId}-${active}` : undefined}
          aria-label="Search everything, go to a page or act"
          placeholder="Search people, contexts, policies … or name a page"
          autoComplete="off"
          spellCheck={false}
          value={typed}
          onFocus={({ currentTarget: box }) =>
            box.setSelectionRange(box.value.length, box.value.length)
          }
          onChange={(event) => {
            onType(event.currentTarget.value)
            onEnter(false)
            setAt(0)
          }}
          onKeyDown={onKeyDown}
        />
      </div>
      <div className={classes.list} id={listId} role="listbox" aria-label="Results">
        {sections.map((section) => (
          <div key={section.label} role="group" aria-label={section.label}>
            <div className={classes.label} aria-hidden>
              {section.label}
            </div>
            {section.entries.map((entry) => {
              const mine = entries.indexOf(entry)
              return (
                // The keyboard reaches it through the combobox's aria-activedescendant.
                <div
                  key={entry.key}
                  id={`${listId}-${mine}`}
                  ref={
                    mine === active ? (node) => node?.scrollIntoView({ block: 'nearest' }) : null
                  }
                  role="option"
                  tabIndex={-1}
                  aria-selected={mine === active}
                  className={classes.entry}
                  onMouseMove={() => setAt(mine)}
                  onClick={() => run(entry)}
                  onKeyDown={onKeyDown}
                >
                  <span>{entry.label}</span>
                  {entry.detail && <span className="sp-dim">{entry.detail}</span>}
                </div>
              )
            })}
          </div>
        ))}
        {entries.length === 0 && (
          <p className={classes.none}>
            {searching ? 'Searching' : `Nothing you may see is named “${typed}”.`}
          </p>
        )}
      </div>
    </Modal>
  )
}
