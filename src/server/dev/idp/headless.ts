import { createHash, randomBytes, randomUUID } from 'node:crypto'
import { calculateJwkThumbprint, exportJWK, generateKeyPair, SignJWT } from 'jose'

export interface HeadlessOptions {
  readonly issuer: string
  readonly clientId: string
  readonly redirectUri: string
  readonly persona: string
  /** Further parameters of the authorization request, such as `acr_values`. */
  readonly parameters?: Readonly<Record<string, string>>
  /** The API's nonce for proofs (RFC 9449 §9); asked of the API where none is given. */
  readonly nonce?: () => string
  /** The provider's cookies, to go on as the same browser. */
  readonly jar?: Map<string, string>
}

/** How long an access token is used, which is good for five minutes. */
const tokenMs = 240_000
/** How long a nonce is used: it is good for two minutes at least. */
const nonceMs = 60_000

const field = (value: unknown, name: string): string => {
  const found = typeof value === 'object' && value !== null ? Reflect.get(value, name) : undefined
  if (typeof found !== 'string') throw new Error(`the identity provider answered without ${name}`)
  return found
}

/**
 * Signs a persona in as the console would (authorization code, PKCE, DPoP), by plain HTTP: for `npm run token` and tests.
 * Only the evaluation identity provider, which asks for no password, can be used so.
 */
export async function signInHeadless(options: HeadlessOptions) {
  const { issuer, clientId, redirectUri, persona } = options
  const { privateKey, publicKey } = await generateKeyPair('ES256')
  const jwk = await exportJWK(publicKey)
  const proof = (method: string, url: string, claims: Record<string, unknown> = {}) =>
    new SignJWT({ jti: randomUUID(), htm: method, htu: url.replace(/[?#].*$/, ''), ...claims })
      .setProtectedHeader({ typ: 'dpop+jwt', alg: 'ES256', jwk })
      .setIssuedAt()
      .sign(privateKey)

  const jar = options.jar ?? new Map<string, string>()
  const step = async (url: string, body?: URLSearchParams): Promise<string> => {
    const answer = await fetch(url, {
      redirect: 'manual',
      headers: { cookie: [...jar].map(([name, value]) => `${name}=${value}`).join('; ') },
      ...(body && { method: 'POST', body }),
    })
    for (const line of answer.headers.getSetCookie()) {
      const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(line) ?? []
      if (value) jar.set(name, value)
      else jar.delete(name)
    }
    const next = answer.headers.get('location')
    if (next) return new URL(next, url).href
    throw new Error(`the identity provider stopped the sign-in with ${answer.status}`)
  }

  const verifier = randomBytes(32).toString('base64url')
  const state = randomBytes(16).toString('base64url')
  const start = new URL(`${issuer}/auth`)
  start.search = new URLSearchParams({
    client_id: clientId,
    redirect_uri: redirectUri,
    response_type: 'code',
    scope: 'openid profile email groups',
    state,
    code_challenge: createHash('sha256').update(verifier).digest('base64url'),
    code_challenge_method: 'S256',
    dpop_jkt: await calculateJwkThumbprint(jwk),
    ...options.parameters,
  }).toString()

  let at = await step(start.href)
  for (let steps = 0; !at.startsWith(redirectUri) && steps < 6; steps += 1) {
    at = at.includes('/sign-in/')
      ? await step(at, new URLSearchParams({ persona }))
      : await step(at)
  }
  const back = new URL(at).searchParams
  const code = back.get('code')
  // RFC 9207: the answer must come from the issuer that was asked.
  if (!code || back.get('state') !== state || back.get('iss') !== issuer) {
    throw new Error(back.get('error_description') ?? 'the identity provider did not sign in')
  }
  const token = async (form: Record<string, string>) => {
    const answer = await fetch(`${issuer}/token`, {
      method: 'POST',
      headers: { dpop: await proof('POST', `${issuer}/token`) },
      body: new URLSearchParams({ client_id: clientId, ...form }),
    })
    const body: unknown = await answer.json()
    if (!answer.ok) throw new Error(field(body, 'error'))
    return {
      accessToken: field(body, 'access_token'),
      idToken: field(body, 'id_token'),
      refreshToken: field(body, 'refresh_token'),
    }
  }
  const tokens = await token({
    grant_type: 'authorization_code',
    code,
    redirect_uri: redirectUri,
    code_verifier: verifier,
  })
  let known = { nonce: '', until: 0 }
  const nonceFor = async (url: string): Promise<string> => {
    if (options.nonce) return options.nonce()
    if (known.until > Date.now()) return known.nonce
    const { headers } = await fetch(new URL('/api/v1/me', url))
    known = { nonce: headers.get('dpop-nonce') ?? '', until: Date.now() + nonceMs }
    return known.nonce
  }
  let current = { ...tokens, until: Date.now() + tokenMs }
  const accessTokenNow = async (): Promise<string> => {
    if (current.until < Date.now()) {
      const form = { grant_type: 'refresh_token', refresh_token: current.refreshToken }
      current = { ...(await token(form)), until: Date.now() + tokenMs }
    }
    return current.accessToken
  }
  return {
    ...tokens,
    refresh: (refreshToken: string) =>
      token({ grant_type: 'refresh_token', refresh_token: refreshToken }),
    /** The headers of one request to the API, with a token that was renewed in time. */
    headers: async (method: string, url: string, given?: string) => {
      const accessToken = given ?? (await accessTokenNow())
      const ath = createHash('sha256').update(accessToken).digest('base64url')
      return {
        authorization: `DPoP ${accessToken}`,
        dpop: await proof(method, url, { nonce: await nonceFor(url), ath }),
      }
    },
  }
}
