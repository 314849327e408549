import { ActionIcon, Tooltip } from '@mantine/core'
import { IconHelp, IconSearch } from '@tabler/icons-react'
import classes from './TopActions.module.css'

const mac = navigator.userAgent.includes('Mac')

/** Search, which is the command palette, and help. */
export function TopActions({ onPalette, onHelp }: { onPalette: () => void; onHelp: () => void }) {
  return (
    <>
      <button
        type="button"
        className={classes.search}
        onClick={onPalette}
        aria-haspopup="dialog"
        aria-label="Search or go to"
      >
        <IconSearch size={15} aria-hidden />
        <span className={classes.words}>Search or go to</span>
        <kbd>{mac ? '⌘K' : 'Ctrl K'}</kbd>
      </button>
      <Tooltip label="Help and shortcuts">
        <ActionIcon
          variant="subtle"
          color="gray"
          size={32}
          aria-label="Help and shortcuts"
          onClick={onHelp}
        >
          <IconHelp size={18} stroke={1.6} />
        </ActionIcon>
      </Tooltip>
    </>
  )
}
