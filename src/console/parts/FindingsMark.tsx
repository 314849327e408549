import { lazy, Suspense } from 'react'
import type { FindingsMarkProps } from './FindingsMarkBody.tsx'

const Body = lazy(() =>
  import('./FindingsMarkBody.tsx').then((module) => ({ default: module.FindingsMarkBody })),
)

/** How many findings stand open about an object; it comes when the page is there. */
export function FindingsMark(props: FindingsMarkProps) {
  return (
    <Suspense>
      <Body {...props} />
    </Suspense>
  )
}
