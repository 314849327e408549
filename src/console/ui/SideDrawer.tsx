import { lazy, Suspense, useState } from 'react'
import type { SideDrawerProps } from './DrawerFrame.tsx'

const Frame = lazy(() => import('./DrawerFrame.tsx').then((m) => ({ default: m.DrawerFrame })))

/** A drawer from the right with a named close button; its state belongs in the URL where it shows an object. */
export function SideDrawer(props: SideDrawerProps) {
  // Stays once it was opened, so that closing is seen.
  const [wanted, setWanted] = useState(props.opened)
  if (props.opened && !wanted) setWanted(true)
  return <Suspense>{wanted && <Frame {...props} />}</Suspense>
}
