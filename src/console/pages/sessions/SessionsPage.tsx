import { useLocation } from 'react-router'
import { useQueryState } from '../../api/use-query-state.ts'
import { paths } from '../../paths.ts'
import { FilterBar } from '../../ui/FilterBar.tsx'
import { Page } from '../../ui/Page.tsx'
import { RouteTabs } from '../../ui/RouteTabs.tsx'
import { SessionList } from '../../parts/SessionList.tsx'
import { useMay } from '../../parts/use-may.ts'

export const handle = { crumb: 'Sessions' }

const states = [{ value: 'true', label: 'Ended too' }]

/** One's own at `/sessions`; everyone's, for those who may see them, at `/sessions/everyone`. */
export function Component() {
  const everyone = useLocation().pathname === paths.everySession()
  const [filters, setFilters] = useQueryState('sessions.mine')
  const mayAll = useMay()('session:view')
  return (
    <Page
      title="Sessions"
      purpose="Where, when and how people are signed in. One that nobody uses ends by itself; revoking one is effective on its next request."
      tabs={
        mayAll && (
          <RouteTabs
            label="Whose sessions"
            tabs={[
              { label: 'Mine', to: paths.mySessions(), end: true },
              { label: "Everyone's", to: paths.everySession() },
            ]}
          />
        )
      }
      fill
    >
      <FilterBar
        filters={[{ key: 'ended', label: 'Show', options: states }]}
        value={filters}
        onChange={setFilters}
      />
      <SessionList
        of={everyone ? 'sessions.list' : 'sessions.mine'}
        ended={filters.ended === true}
      />
    </Page>
  )
}
