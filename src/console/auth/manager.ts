import {
  IndexedDbDPoPStore,
  InMemoryWebStorage,
  WebStorageStateStore,
  type OidcMetadata,
} from 'oidc-client-ts'
import { CheckedAnswers } from './checked-answers.ts'
import { readSettings } from './settings.ts'

/** This tab's tokens: in memory and nowhere else (C5, P26). */
export const memory = new InMemoryWebStorage()

async function open(): Promise<CheckedAnswers> {
  const { issuer, clientId, audience } = readSettings()
  const answer = await fetch(`${issuer.replace(/\/$/, '')}/.well-known/openid-configuration`)
  if (!answer.ok) throw new Error(`The identity provider answered ${answer.status}.`)
  const metadata = (await answer.json()) as Partial<OidcMetadata> & Record<string, unknown>
  if (metadata.issuer !== issuer) throw new Error('The identity provider names another issuer.')
  const here = window.location.origin
  return new CheckedAnswers({
    authority: issuer,
    metadata,
    client_id: clientId,
    resource: audience,
    redirect_uri: `${here}/auth/callback`,
    popup_redirect_uri: `${here}/auth/popup`,
    post_logout_redirect_uri: `${here}/signed-out`,
    response_type: 'code',
    scope: 'openid profile email groups',
    userStore: new WebStorageStateStore({ store: memory }),
    // Survives the redirect, holds the PKCE verifier for minutes, is gone with the tab.
    stateStore: new WebStorageStateStore({ store: window.sessionStorage, prefix: 'sallyport.' }),
    staleStateAgeInSeconds: 600,
    automaticSilentRenew: false,
    monitorSession: false,
    loadUserInfo: false,
    // oidc-provider answers revocation with text/plain, at which the library throws; end_session revokes the grant.
    revokeTokensOnSignout: false,
    // Where the provider announces DPoP (RFC 9449 §5.1): tokens are useless without this browser's key.
    ...(Array.isArray(metadata['dpop_signing_alg_values_supported']) && {
      dpop: { store: new IndexedDbDPoPStore(), bind_authorization_code: true },
    }),
  })
}

let opened: Promise<CheckedAnswers> | undefined

/** Made at first use; a failure to reach the provider is not remembered. */
export function manager(): Promise<CheckedAnswers> {
  opened ??= open().catch((error: unknown) => {
    opened = undefined
    throw error
  })
  return opened
}
