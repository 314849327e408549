import { createHash, randomUUID } from 'node:crypto'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import {
  calculateJwkThumbprint,
  exportJWK,
  generateKeyPair,
  SignJWT,
  type CryptoKey,
  type JWK,
} from 'jose'

/** The key of one client, as its browser would hold it. */
export interface ProofKey {
  readonly privateKey: CryptoKey
  readonly publicJwk: JWK
  readonly jkt: string
}

export async function proofKey(): Promise<ProofKey> {
  const { privateKey, publicKey } = await generateKeyPair('ES256')
  const publicJwk = await exportJWK(publicKey)
  return { privateKey, publicJwk, jkt: await calculateJwkThumbprint(publicJwk) }
}

export interface ProofOptions {
  readonly method: string
  readonly url: string
  readonly accessToken: string
  /** The server's (RFC 9449 §9). */
  readonly nonce?: string
  /** Replace or add claims. */
  readonly claims?: Record<string, unknown>
  /** Replace or add header members. */
  readonly header?: Record<string, unknown>
}

/** A DPoP proof (RFC 9449 §4.2) for one request. */
export function dpopProof(key: ProofKey, options: ProofOptions): Promise<string> {
  return new SignJWT({
    jti: randomUUID(),
    htm: options.method,
    htu: options.url.replace(/[?#].*$/, ''),
    iat: Math.floor(Date.now() / 1000),
    ath: createHash('sha256').update(options.accessToken).digest('base64url'),
    ...(options.nonce && { nonce: options.nonce }),
    ...options.claims,
  })
    .setProtectedHeader({ typ: 'dpop+jwt', alg: 'ES256', jwk: key.publicJwk, ...options.header })
    .sign(key.privateKey)
}

export interface TokenOptions {
  readonly sub: string
  readonly email?: string
  readonly name?: string
  readonly groups?: readonly string[]
  /** Seconds since the epoch; now by default, `null` for an issuer that does not convey it. */
  readonly authTime?: number | null
  readonly acr?: string
  readonly amr?: readonly string[]
  readonly sid?: string
  /** Binds the token to this key's thumbprint. */
  readonly jkt?: string
  readonly audience?: string
  /** Replace or add claims. */
  readonly claims?: Record<string, unknown>
  readonly header?: Record<string, unknown>
}

/** `many`: 10,000 keys; `slow`: a head, and never a body. */
export type Fault =
  | 'none'
  | 'error'
  | 'redirect'
  | 'huge'
  | 'other-issuer'
  | 'garbage'
  | 'many'
  | 'slow'

export interface IssuerOptions {
  readonly audience?: string
  readonly clientId?: string
}

/** A real OpenID issuer on a port of its own: discovery, JWKS, tokens with any claims, keys that rotate, faults at will. */
export async function openIssuer(options: IssuerOptions = {}) {
  const audience = options.audience ?? 'http://localhost/api'
  const clientId = options.clientId ?? 'sallyport-console'
  const asked = { discovery: 0, jwks: 0 }
  let fault: Fault = 'none'
  const published: JWK[] = []
  let signing: { key: CryptoKey; kid: string }

  const rotate = async (rotation: { overlap?: boolean; kid?: string } = {}) => {
    const { privateKey, publicKey } = await generateKeyPair('ES256', { extractable: true })
    const kid = rotation.kid ?? randomUUID()
    if (rotation.overlap === false) published.length = 0
    published.push({ ...(await exportJWK(publicKey)), kid, alg: 'ES256', use: 'sig' })
    signing = { key: privateKey, kid }
    return kid
  }
  await rotate()

  const server = createServer((request, response) => {
    const json = (body: unknown) => {
      response.setHeader('content-type', 'application/json')
      response.end(JSON.stringify(body))
    }
    if (fault === 'error') {
      response.statusCode = 500
      response.end()
      return
    }
    if (fault === 'redirect') {
      response.writeHead(302, { location: '/elsewhere' })
      response.end()
      return
    }
    if (fault === 'garbage') {
      response.end('<!doctype html><title>Sign in</title>{"issuer":')
      return
    }
    if (fault === 'slow') {
      response.writeHead(200, { 'content-type': 'application/json' }).write('{')
      return
    }
    if (request.url === '/.well-known/openid-configuration') {
      asked.discovery += 1
      json({
        issuer: fault === 'other-issuer' ? 'https://elsewhere.example' : url,
        jwks_uri: `${url}/jwks`,
        authorization_endpoint: `${url}/auth`,
        token_endpoint: `${url}/token`,
        response_types_supported: ['code'],
        subject_types_supported: ['public'],
        id_token_signing_alg_values_supported: ['ES256'],
        dpop_signing_alg_values_supported: ['ES256', 'EdDSA'],
        authorization_response_iss_parameter_supported: true,
      })
      return
    }
    if (request.url === '/jwks') {
      asked.jwks += 1
      const more = Array.from({ length: 10_000 }, () => ({ kty: 'EC' }))
      const keys = fault === 'many' ? [...published, ...more] : published
      json({ keys, ...(fault === 'huge' && { padding: 'x'.repeat(300_000) }) })
      return
    }
    response.statusCode = 404
    response.end()
  })
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening))
  const url = `http://localhost:${(server.address() as AddressInfo).port}`

  const claimsOf = (token: TokenOptions) => {
    const now = Math.floor(Date.now() / 1000)
    return {
      iss: url,
      sub: token.sub,
      iat: now,
      exp: now + 300,
      jti: randomUUID(),
      ...(token.authTime !== null && { auth_time: token.authTime ?? now }),
      ...(token.sid !== undefined && { sid: token.sid }),
      ...(token.email !== undefined && { email: token.email, email_verified: true }),
      ...(token.name !== undefined && { name: token.name }),
      ...(token.groups && { groups: [...token.groups] }),
      ...(token.acr !== undefined && { acr: token.acr }),
      ...(token.amr && { amr: [...token.amr] }),
    }
  }

  const sign = (claims: Record<string, unknown>, header: Record<string, unknown>) =>
    new SignJWT(claims)
      .setProtectedHeader({ alg: 'ES256', kid: signing.kid, ...header })
      .sign(signing.key)

  const close = () =>
    new Promise<void>((closed) => {
      server.closeAllConnections()
      server.close(() => closed())
    })

  return {
    url,
    audience,
    clientId,
    /** How often each document was fetched. */
    asked,
    /** The published keys: what an attacker of "HS256 with the public key" has. */
    published: published as readonly JWK[],
    /** A JWT access token (RFC 9068). */
    accessToken: (token: TokenOptions) =>
      sign(
        {
          ...claimsOf(token),
          aud: token.audience ?? audience,
          client_id: clientId,
          scope: 'openid',
          ...(token.jkt !== undefined && { cnf: { jkt: token.jkt } }),
          ...token.claims,
        },
        { typ: 'at+jwt', ...token.header },
      ),
    /** An ID token: for the client, never for the API. */
    idToken: (token: TokenOptions) =>
      sign(
        { ...claimsOf(token), aud: token.audience ?? clientId, ...token.claims },
        { typ: 'JWT', ...token.header },
      ),
    /** A new signing key; the old ones stay published unless `overlap` is false. */
    rotate,
    /** Publishes the same keys under other names, or none. */
    rename(name: (at: number) => string | undefined) {
      published.forEach((key, at) => {
        const kid = name(at)
        if (kid === undefined) delete key.kid
        else key.kid = kid
      })
    },
    breakWith(next: Fault) {
      fault = next
    },
    close,
    [Symbol.asyncDispose]: close,
  }
}
export type TestIssuer = Awaited<ReturnType<typeof openIssuer>>
