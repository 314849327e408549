import { Drawer } from '@mantine/core'
import { Logo } from './Logo.tsx'
import type { Group } from './navigation.ts'
import { Sidebar } from './Sidebar.tsx'

/** The sidebar of narrow windows, fetched when it is first opened. */
export function MenuDrawer({
  groups,
  opened,
  onClose,
}: {
  readonly groups: readonly Group[]
  readonly opened: boolean
  readonly onClose: () => void
}) {
  return (
    <Drawer
      opened={opened}
      onClose={onClose}
      position="left"
      size={260}
      title={<Logo />}
      closeButtonProps={{ 'aria-label': 'Close the navigation' }}
    >
      <Sidebar groups={groups} />
    </Drawer>
  )
}
