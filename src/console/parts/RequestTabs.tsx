import { paths } from '../paths.ts'
import { RouteTabs } from '../ui/RouteTabs.tsx'

/** What one may ask for: a role for oneself, and that runs be admitted for a time. */
export function RequestTabs() {
  return (
    <RouteTabs
      label="Requests"
      tabs={[
        { label: 'For roles', to: paths.requests(), end: true },
        { label: 'Exceptions for runs', to: paths.exceptions() },
      ]}
    />
  )
}
