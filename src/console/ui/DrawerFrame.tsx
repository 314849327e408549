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

/** The drawer itself: fetched when it is first opened. */
export function DrawerFrame({ title, opened, onClose, wide, children }: SideDrawerProps) {
  useFocusBack()
  return (
    <Drawer
      opened={opened}
      onClose={onClose}
      title={title}
      size={wide ? 'min(880px, 100vw)' : 'min(560px, 100vw)'}
      closeButtonProps={{ 'aria-label': `Close ${title}` }}
    >
      {children}
    </Drawer>
  )
}
