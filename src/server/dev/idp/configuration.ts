import { errors, interactionPolicy, type Context, type Provider } from 'oidc-provider'
import type pg from 'pg'
import type { Persona } from '../personas.ts'
import { faultPage, page, signOutPage } from './pages.ts'
import { adapterOn, type IdpKeys } from './store.ts'

export const acr = { basic: 'urn:sallyport:signed-in', stepUp: 'urn:sallyport:confirmed' } as const
const scopes = 'openid profile email groups'
const workday = 8 * 60 * 60

export interface IdpSettings {
  readonly consoleUrl: string
  readonly clientId: string
  readonly audience: string
  readonly people: readonly Persona[]
}

/** Never in an iframe behind one's back (C11, P28), and again when a stronger sign-in is asked for than there was. */
function policy() {
  const prompts = interactionPolicy.base()
  prompts.remove('consent')
  const { checks } = prompts.get('login')
  checks.add(
    new interactionPolicy.Check(
      'silent_refused',
      'this provider does not sign anybody in without a page',
      'login_required',
      (ctx) => ctx.oidc.prompts.has('none'),
    ),
  )
  checks.add(
    new interactionPolicy.Check(
      'acr_too_low',
      'a fresh confirmation was asked for',
      'unmet_authentication_requirements',
      (ctx) =>
        (ctx.oidc.params?.['acr_values'] ?? '').split(' ').includes(acr.stepUp) &&
        ctx.oidc.acr !== acr.stepUp &&
        !ctx.oidc.result?.login,
    ),
  )
  return prompts
}

function show(ctx: Context, made: ReturnType<typeof page>): void {
  ctx.type = 'html'
  for (const [name, value] of Object.entries(made.headers)) ctx.res.setHeader(name, value)
  ctx.body = made.html
}

/** Everything that oidc-provider is told; `provider` is asked for late because it is made from this. */
export function configuration(
  settings: IdpSettings,
  keys: IdpKeys,
  pool: pg.Pool,
  provider: () => Provider,
): Record<string, unknown> {
  const { consoleUrl, clientId, audience, people } = settings
  const claimsOf = (sub: string) => {
    const person = people.find(({ key }) => key === sub)
    return (
      person && {
        sub,
        name: person.name,
        email: person.email,
        email_verified: true,
        groups: [...person.groups],
      }
    )
  }
  return {
    adapter: adapterOn(pool),
    clients: [
      {
        client_id: clientId,
        client_name: 'Sallyport console',
        token_endpoint_auth_method: 'none',
        grant_types: ['authorization_code', 'refresh_token'],
        response_types: ['code'],
        redirect_uris: [`${consoleUrl}/auth/callback`, `${consoleUrl}/auth/popup`],
        post_logout_redirect_uris: [`${consoleUrl}/signed-out`],
        id_token_signed_response_alg: 'ES256',
        dpop_bound_access_tokens: true,
      },
    ],
    jwks: { keys: [keys.signing] },
    cookies: { keys: keys.cookies, names: { session: 'idp_session', interaction: 'idp_sign_in' } },
    scopes: scopes.split(' '),
    claims: {
      openid: ['sub'],
      profile: ['name'],
      email: ['email', 'email_verified'],
      groups: ['groups'],
      acr: null,
      amr: null,
      auth_time: null,
      iss: null,
      sid: null,
    },
    acrValues: Object.values(acr),
    conformIdTokenClaims: false,
    enabledJWA: { dPoPSigningAlgValues: ['ES256', 'EdDSA'] },
    pkce: { required: () => true },
    responseTypes: ['code'],
    clientBasedCORS: (_: Context, origin: string) => origin === consoleUrl,
    features: {
      devInteractions: { enabled: false },
      dPoP: { enabled: true, nonceSecret: Buffer.from(keys.dpopNonce, 'base64url') },
      revocation: { enabled: true },
      resourceIndicators: {
        enabled: true,
        defaultResource: () => audience,
        useGrantedResource: () => true,
        getResourceServerInfo: (_: Context, resource: string) => {
          if (resource !== audience) throw new errors.InvalidTarget()
          return {
            scope: scopes,
            audience,
            accessTokenTTL: 300,
            accessTokenFormat: 'jwt',
            jwt: { sign: { alg: 'ES256' } },
          }
        },
      },
      rpInitiatedLogout: {
        enabled: true,
        logoutSource: (ctx: Context, form: string) => {
          show(ctx, signOutPage(form, Boolean(ctx.oidc.entities.IdTokenHint), consoleUrl))
        },
        postLogoutSuccessSource: (ctx: Context) => {
          const body = `<h1>You are signed out</h1><p><a href="${consoleUrl}">Back to Sallyport</a></p>`
          show(ctx, page('Signed out', body, consoleUrl))
        },
      },
    },
    interactions: {
      url: (_: Context, interaction: { uid: string }) => `/sign-in/${interaction.uid}`,
      policy: policy(),
    },
    findAccount: (_: Context, sub: string) => {
      const claims = claimsOf(sub)
      return claims && { accountId: sub, claims: () => claims }
    },
    // The console is ours: nobody is asked to consent to it.
    loadExistingGrant: async (ctx: Context) => {
      const { client, session } = ctx.oidc
      if (!client || !session?.accountId) return undefined
      const known = session.grantIdFor(client.clientId)
      const existing = known ? await provider().Grant.find(known) : undefined
      if (existing) return existing
      const grant = new (provider().Grant)({
        clientId: client.clientId,
        accountId: session.accountId,
      })
      grant.addOIDCScope(scopes)
      grant.addResourceScope(audience, scopes)
      await grant.save()
      return grant
    },
    // When, how and in which sign-in: the API's step-up and revocation read them (RFC 9068 §2.2.1).
    extraTokenClaims: (ctx: Context) => {
      const { AuthorizationCode: code, RefreshToken: refresh } = ctx.oidc.entities
      const from = code ?? refresh
      if (!from) return undefined
      return {
        auth_time: from.authTime,
        acr: from.acr,
        amr: from.amr,
        sid: from.sessionUid,
        ...claimsOf(from.accountId ?? ''),
      }
    },
    issueRefreshToken: () => true,
    rotateRefreshToken: () => true,
    ttl: {
      AccessToken: 300,
      AuthorizationCode: 60,
      IdToken: 300,
      Interaction: 600,
      Grant: workday,
      Session: workday,
      // Rotation never prolongs: eight hours from the sign-in, then again through the page (C5).
      RefreshToken: (ctx: Context) =>
        ctx.oidc.entities.RotatedRefreshToken?.remainingTTL ?? workday,
    },
    renderError: (ctx: Context, out: { error: string; error_description?: string }) => {
      show(ctx, faultPage(out.error_description ?? out.error, consoleUrl))
    },
  }
}
