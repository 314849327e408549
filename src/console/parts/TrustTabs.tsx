import { paths } from '../paths.ts'
import { RouteTabs } from '../ui/RouteTabs.tsx'

/** The places of trust: whose tokens, which are whose, and what one of them says. */
export function TrustTabs() {
  return (
    <RouteTabs
      label="Trust"
      tabs={[
        { label: 'Issuers', to: paths.issuers(), end: true },
        { label: 'Rules', to: paths.trustRules(), end: true },
        { label: 'Token debugger', to: paths.tokenDebugger() },
      ]}
    />
  )
}
