import { useQuery } from '@tanstack/react-query'
import { lazy, Suspense } from 'react'
import { query } from '../../api/client.ts'
import { Page } from '../../ui/Page.tsx'
import { Skeletons } from '../../ui/Skeletons.tsx'

const Organization = lazy(() =>
  import('./OrganizationOverview.tsx').then((module) => ({
    default: module.OrganizationOverview,
  })),
)
const MyHome = lazy(() => import('./MyHome.tsx').then((module) => ({ default: module.MyHome })))

export const handle = { crumb: 'Overview' }

/** Each lands on what is theirs: the organization's posture, or one's own access, projects and record. */
export function Component() {
  const me = useQuery(query('me.view', {})).data
  const holds = (wanted: string) =>
    me?.may.some(({ permission, everywhere }) => permission === wanted && everywhere) ?? false
  const waiting = <Skeletons lines={8} />
  if (!me) return <Page title="Overview">{waiting}</Page>
  const first = me.name.split(' ')[0] ?? me.name
  return (
    <Page title={holds('role:update') ? 'Overview' : `Hello, ${first}`}>
      <Suspense fallback={waiting}>
        {!holds('role:update') && <MyHome />}
        {holds('overview:view') && <Organization />}
      </Suspense>
    </Page>
  )
}
