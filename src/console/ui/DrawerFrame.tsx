import { Drawer } from '@mantine/core'
import type { ReactNode } from 'react'
import { useFocusBack } from './use-focus-back.ts'

export interface SideDrawerProps {
  title: string
  opened: boolean
  onClose: () => void
  wide?: boolean
  children: ReactNode
}

/** A form with a preview takes what the drawer's head and padding leave, so that its buttons stand at the bottom from the start. */
const formRoom = { '--sp-form-room': 'calc(100dvh - 76px)' }

/** The drawer itself: fetched when it is first opened. */
export function DrawerFrame({ title, opened, onClose, wide, children }: SideDrawerProps) {
  useFocusBack()
  return (
    <Drawer
      opened={opened}
      onClose={onClose}
      title={title}
      size={wide ? 'min(880px, 100vw)' : 'min(560px, 100vw)'}
      styles={{ body: formRoom }}
      closeButtonProps={{ 'aria-label': `Close ${title}` }}
    >
      {children}
    </Drawer>
  )
}
