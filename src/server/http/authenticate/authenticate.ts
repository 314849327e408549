import { verifyAccessToken } from './access-token.ts'
import { hashApiToken, isApiToken } from './api-token.ts'
import { invalidToken } from './challenge.ts'
import { verifyProof, type Seen } from './dpop.ts'
import type { Credential } from './identity.ts'
import type { Nonces } from './nonce.ts'
import type { IssuerKeys } from '../../tokens/jwks.ts'

export interface AuthenticateOptions {
  readonly keys: IssuerKeys
  readonly audience: string
  /** The origin that clients see (`PUBLIC_URL`). */
  readonly publicUrl: string
  /** Single use across all servers: for everything that changes or discloses something. */
  readonly seenEverywhere: Seen
  /** Single use on this server: for plain GETs. */
  readonly seenHere: Seen
  readonly nonces: Nonces
  readonly now?: () => Date
}

export interface AuthenticateRequest {
  readonly method: string
  /** Path and query as they came. */
  readonly path: string
  /** `request.raw.headersDistinct`: every value of a header by itself. */
  readonly headers: Readonly<Record<string, readonly string[] | undefined>>
}

const plain = new Set(['GET', 'HEAD'])

/** Reads who asks from the headers; changes nothing but the memory of used proofs. Throws the 401 or 503. */
export async function authenticate(
  request: AuthenticateRequest,
  options: AuthenticateOptions,
): Promise<Credential> {
  const sent = request.headers['authorization'] ?? []
  const proofs = request.headers['dpop'] ?? []
  const [authorization, another] = sent
  if (authorization === undefined) return { kind: 'none' }
  if (another !== undefined) throw invalidToken('Send exactly one Authorization header.')
  const match = /^(Bearer|DPoP) ([^\s,]+)$/i.exec(authorization)
  const [, scheme, token] = match ?? []
  if (!scheme || !token) throw invalidToken('The Authorization header is neither DPoP nor Bearer.')
  const bearer = scheme.toLowerCase() === 'bearer'
  if (bearer && isApiToken(token)) return { kind: 'api-token', hash: hashApiToken(token) }
  const identity = await verifyAccessToken(token, {
    keys: options.keys,
    audience: options.audience,
    ...(options.now && { now: options.now }),
  })
  if (identity.jkt === undefined) {
    if (!bearer) throw invalidToken('The access token is not bound to a key; send it as Bearer.')
    return { kind: 'identity', identity }
  }
  // RFC 9449 §7.2: a bound token that comes as Bearer has been taken from its owner.
  if (bearer)
    throw invalidToken('The access token is bound to a key; send it as DPoP with a proof.')
  await verifyProof({
    proofs,
    method: request.method,
    url: `${options.publicUrl}${request.path}`,
    accessToken: token,
    jkt: identity.jkt,
    nonces: options.nonces,
    seen: plain.has(request.method) ? options.seenHere : options.seenEverywhere,
    ...(options.now && { now: options.now() }),
  })
  return { kind: 'identity', identity }
}
