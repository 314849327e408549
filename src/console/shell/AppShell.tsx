import { ActionIcon } from '@mantine/core'
import { useDisclosure } from '@mantine/hooks'
import { IconMenu2 } from '@tabler/icons-react'
import { lazy, Suspense, useEffect, useRef, useState } from 'react'
import { Outlet, useLocation, useNavigation } from 'react-router'
import { isWaiting } from '../auth/session.ts'
import { LiveRegion } from '../ui/LiveRegion.tsx'
import { Toasts } from '../ui/Toasts.tsx'
import classes from './AppShell.module.css'
import { Breadcrumbs } from './Breadcrumbs.tsx'
import { Logo } from './Logo.tsx'
import { orderedFor, type Group } from './navigation.ts'
import { SessionMenu } from './SessionMenu.tsx'
import { useShellSession } from './session.ts'
import { Sidebar } from './Sidebar.tsx'
import { ThemeMenu } from './ThemeMenu.tsx'
import { TopActions } from './TopActions.tsx'
import { useShortcuts } from './use-shortcuts.ts'

const LiveLeases = lazy(() => import('./LiveLeases.tsx').then((m) => ({ default: m.LiveLeases })))
const ServerState = lazy(() =>
  import('./ServerState.tsx').then((m) => ({ default: m.ServerState })),
)
const InboxFollower = lazy(() =>
  import('./InboxFollower.tsx').then((m) => ({ default: m.InboxFollower })),
)
const Palette = lazy(() => import('./Palette.tsx').then((m) => ({ default: m.Palette })))
const MenuDrawer = lazy(() => import('./MenuDrawer.tsx').then((m) => ({ default: m.MenuDrawer })))
const Finish = lazy(() => import('./Finish.tsx').then((m) => ({ default: m.Finish })))
const Help = lazy(() => import('./Help.tsx').then((m) => ({ default: m.Help })))

/** The frame of every page: skip link, sidebar, top bar, main, the live region and the messages' corner. */
export function AppShell({ exists }: { exists: (path: string) => boolean }) {
  const session = useShellSession()
  const [menu, { open: openMenu, close: closeMenu }] = useDisclosure(false)
  // Stays once it was opened, so that closing is seen.
  const [narrow, setNarrow] = useState(false)
  const [over, setOver] = useState<'palette' | 'help'>()
  const main = useRef<HTMLElement>(null)
  const { pathname } = useLocation()
  const navigation = useNavigation()
  const [resumed] = useState(isWaiting)
  const [typed, setTyped] = useState('')
  const [entered, setEntered] = useState(false)
  const openPalette = () => {
    if (over !== 'palette') {
      setTyped('')
      setEntered(false)
    }
    setOver('palette')
  }
  const type = (key: string) =>
    key === 'Enter' ? setEntered(true) : setTyped((before) => before + key)
  useShortcuts({
    palette: openPalette,
    help: () => setOver('help'),
    type: over === 'palette' ? type : undefined,
  })

  const groups: readonly Group[] = orderedFor(session.persona)
    .map(({ label, places }) => ({
      label,
      places: places.filter(
        (place) => exists(place.to) && (!place.may || session.holds(place.may)),
      ),
    }))
    .filter((group) => group.places.length > 0)

  // A new page begins at its top, and the keyboard begins at its heading's region.
  const shown = useRef(pathname)
  useEffect(() => {
    closeMenu()
    if (shown.current === pathname) return
    shown.current = pathname
    main.current?.scrollTo(0, 0)
    main.current?.focus({ preventScroll: true })
  }, [pathname, closeMenu])

  return (
    <div className={classes.shell}>
      <a className={classes.skip} href="#main">
        Skip to the content
      </a>
      <div className={classes.side}>
        <Logo />
        <Sidebar groups={groups} />
      </div>
      <header className={classes.top}>
        <ActionIcon
          className={classes.burger ?? ''}
          variant="subtle"
          color="gray"
          size={32}
          aria-label="Open the navigation"
          onClick={() => {
            setNarrow(true)
            openMenu()
          }}
        >
          <IconMenu2 size={18} />
        </ActionIcon>
        <Breadcrumbs />
        <Suspense>{session.holds('lease:view') && <LiveLeases key={pathname} />}</Suspense>
        <TopActions onPalette={openPalette} onHelp={() => setOver('help')} />
        <ThemeMenu />
        <SessionMenu />
      </header>
      <div className={classes.told}>
        <Suspense>
          <ServerState />
        </Suspense>
      </div>
      <main
        id="main"
        ref={main}
        tabIndex={-1}
        className={classes.main}
        data-loading={navigation.state === 'loading' || undefined}
      >
        <Outlet />
      </main>
      <Suspense>
        {narrow && <MenuDrawer groups={groups} opened={menu} onClose={closeMenu} />}
        {over === 'palette' && (
          <Palette
            groups={groups}
            typed={typed}
            entered={entered}
            onType={setTyped}
            onEnter={setEntered}
            onClose={() => setOver(undefined)}
          />
        )}
        {resumed && <Finish />}
        <InboxFollower />
        {over === 'help' && <Help onClose={() => setOver(undefined)} />}
      </Suspense>
      <Toasts />
      <LiveRegion />
    </div>
  )
}
