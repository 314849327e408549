import { paths } from '../paths.ts'
import { RouteTabs } from '../ui/RouteTabs.tsx'

/** The places of trust: whose tokens, which are whose, what one says; and who trusts this console’s own. */
export function TrustTabs() {
  return (
    <RouteTabs
      label="Trust"
      tabs={[
        { label: 'Issuers', to: paths.issuers(), end: true },
        { label: 'Rules', to: paths.trustRules(), end: true },
        { label: 'Token debugger', to: paths.tokenDebugger() },
        { label: 'Vault servers', to: paths.vaults(), end: true },
        { label: 'Federation', to: paths.federation() },
      ]}
    />
  )
}
