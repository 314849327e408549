import { useQuery } from '@tanstack/react-query'
import { lazy, Suspense } from 'react'
import { federatedClaimMeanings } from '../../../contract/federated-claims.ts'
import { query } from '../../api/client.ts'
import { ProblemNotice } from '../../parts/ProblemNotice.tsx'
import { TrustTabs } from '../../parts/TrustTabs.tsx'
import { Copyable } from '../../ui/Copyable.tsx'
import { DataList } from '../../ui/DataList.tsx'
import { Facts } from '../../ui/Facts.tsx'
import { Page } from '../../ui/Page.tsx'
import { Panel } from '../../ui/Panel.tsx'
import { Skeletons } from '../../ui/Skeletons.tsx'
import { Told } from '../../ui/Told.tsx'
import { FederationKeys } from './FederationKeys.tsx'

const VaultSetup = lazy(() =>
  import('../../parts/VaultSetup.tsx').then((module) => ({ default: module.VaultSetup })),
)
import { RotateKey } from './RotateKey.tsx'

export const handle = { crumb: 'Federation' }

/** A key that is announced begins to sign while one looks on. */
const announcedMs = 15_000

export function Component() {
  const { data: federation, error } = useQuery({
    ...query('federation.view', {}),
    refetchInterval: ({ state }) =>
      state.data?.keys.some((key) => key.state === 'next') ? announcedMs : false,
  })
  return (
    <Page
      title="Federation"
      purpose="This console as an issuer: it signs tokens of one minute for whoever trusts it, so that no static secret exists."
      tabs={<TrustTabs />}
      {...(federation && {
        action: <RotateKey federation={federation} />,
        facts: (
          <Facts
            of={{
              'Issuer address': <Copyable text={federation.issuer} what="issuer address" />,
              'Discovery document': (
                <Copyable text={federation.discovery} what="discovery address" />
              ),
            }}
          />
        ),
      })}
    >
      <ProblemNotice error={error} />
      {!federation && !error && <Skeletons lines={6} />}
      {federation && (
        <>
          <Panel flush title="Keys">
            <FederationKeys keys={federation.keys} />
          </Panel>
          <Panel title="Trust it in Vault or OpenBao">
            <Suspense fallback={<Skeletons lines={6} />}>
              <VaultSetup
                given={{
                  issuer: federation.issuer,
                  authPath: 'jwt',
                  role: 'sallyport',
                  audience: 'vault',
                }}
              />
            </Suspense>
          </Panel>
          <Panel flush title="What a token says, for any other service that takes OIDC tokens">
            <DataList label="Claims of a federated token" heads={['Claim', 'Says']} rows={claims} />
          </Panel>
        </>
      )}
    </Page>
  )
}

/** RFC 7519 §4.1, as this issuer fills them. */
const registered = {
  iss: 'The issuer address above, exactly.',
  aud: 'The one audience that the run asked for; the context must name it.',
  iat: 'When it was signed.',
  nbf: 'Five seconds earlier, for clocks that are late.',
  exp: 'One minute after it was signed.',
  jti: 'An id of its own, for whoever takes each token once.',
}

const claims = Object.entries({ ...registered, ...federatedClaimMeanings }).map(([key, says]) => ({
  key,
  cells: { Claim: <code>{key}</code>, Says: <Told text={says} /> },
}))
