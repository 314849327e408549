import { Menu } from '@mantine/core'
import type { ReactNode } from 'react'

export interface MenuChoice {
  readonly label: string
  readonly aside?: ReactNode
  readonly danger?: boolean
  readonly onPick: () => void
}

/**
 * The items of a menu whose choices may come, or change, while it is open. What has the focus is the nth of them whatever
 * it says: an item that went away would leave the keyboard outside the menu.
 */
export function MenuItems({
  choices,
  nothing,
}: {
  choices: readonly MenuChoice[]
  nothing: string
}) {
  const none: MenuChoice = { label: nothing, onPick: () => undefined }
  const disabled = choices.length === 0
  return (disabled ? [none] : choices).map(({ label, aside, danger, onPick }, place) => (
    <Menu.Item
      // oxlint-disable-next-line react/no-array-index-key -- the place is what stays, and keeps the focus
      key={place}
      {...(disabled && { 'data-disabled': true, 'aria-disabled': true })}
      {...(danger && { color: 'red' })}
      rightSection={aside}
      onClick={onPick}
    >
      {label}
    </Menu.Item>
  ))
}
