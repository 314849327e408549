import { Button, CloseButton } from '@mantine/core'
import { IconFilter } from '@tabler/icons-react'
import type { ComponentPropsWithRef, ReactNode } from 'react'
import classes from './FilterBar.module.css'

interface Told {
  readonly label: string
  /** The words of what is chosen. */
  readonly chosen: string | undefined
}

/** What a menu or a listbox gives its opener. */
type Opens = Pick<ComponentPropsWithRef<'button'>, 'onClick' | 'aria-haspopup' | 'aria-expanded'>

/** Opens a filter's choices: says its name, and what is chosen of it. */
export function FilterTarget({ label, chosen, ...opens }: Told & Opens) {
  const idle = chosen === undefined
  // One element in both: it keeps the focus when something is chosen.
  return (
    <Button
      variant="subtle"
      color="gray"
      leftSection={idle && <IconFilter size={14} />}
      {...opens}
      className={idle ? undefined : classes.chosen}
    >
      {idle ? (
        label
      ) : (
        <>
          <span className={classes.what}>{label}</span> {chosen}
        </>
      )}
    </Button>
  )
}

/** Around a filter: a chip with a way to drop what is chosen, while something is. */
export function FilterChip({
  label,
  chosen,
  onDrop,
  children,
}: Told & { readonly onDrop: () => void; readonly children: ReactNode }) {
  return (
    // Always there: what opens the choices has the focus again when they close.
    <span className={chosen === undefined ? undefined : classes.chip}>
      {children}
      {chosen !== undefined && (
        <CloseButton
          size={24}
          iconSize={12}
          aria-label={`Drop the filter ${label}: ${chosen}`}
          onClick={onDrop}
        />
      )}
    </span>
  )
}
