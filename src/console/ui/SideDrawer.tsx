import { Drawer } from '@mantine/core'
import type { ReactNode } from 'react'

/** A drawer from the right with a named close button; its state belongs in the URL where it shows an object. */
export function SideDrawer({
  title,
  opened,
  onClose,
  wide,
  children,
}: {
  title: string
  opened: boolean
  onClose: () => void
  wide?: boolean
  children: ReactNode
}) {
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
