import { createHmac, createPublicKey, randomBytes, type JsonWebKey } from 'node:crypto'
import { createLocalJWKSet, jwtVerify } from 'jose'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import {
  dpopProof,
  openIssuer,
  proofKey,
  type ProofKey,
  type ProofOptions,
  type TestIssuer,
  type TokenOptions,
} from '../../testing/issuer.ts'
import { authenticate, type AuthenticateOptions } from './authenticate.ts'
import { generateApiToken, isApiToken } from './api-token.ts'
import { createOutbound } from '../../outbound.ts'
import { IssuerKeys, staleFor } from '../../tokens/jwks.ts'
import { noncesOf } from './nonce.ts'
import { seenHere } from './seen.ts'

const outbound = createOutbound({ loopbackHttp: true, privateRanges: [] })
const people = { outbound, staleForMs: staleFor.people }

const nonces = noncesOf(randomBytes(32))
const publicUrl = 'https://sallyport.example'
const path = '/api/v1/contexts?limit=5'
let issuer: TestIssuer
let other: TestIssuer
let key: ProofKey
let otherKey: ProofKey
let options: AuthenticateOptions

beforeAll(async () => {
  issuer = await openIssuer({ audience: `${publicUrl}/api` })
  other = await openIssuer({ audience: `${publicUrl}/api` })
  key = await proofKey()
  otherKey = await proofKey()
  options = {
    keys: new IssuerKeys({ issuer: issuer.url, ...people }),
    audience: issuer.audience,
    publicUrl,
    seenEverywhere: seenHere(),
    seenHere: seenHere(),
    nonces,
  }
})
afterAll(async () => {
  await issuer.close()
  await other.close()
})

const now = () => Math.floor(Date.now() / 1000)
const b64 = (value: unknown) =>
  Buffer.from(typeof value === 'string' ? value : JSON.stringify(value)).toString('base64url')
const send = (authorization: string[], dpop: string[] = [], method = 'POST') =>
  authenticate({ method, path, headers: { authorization, dpop } }, options)
const bearer = (token: string) => send([`Bearer ${token}`])
const claims = () => ({
  iss: issuer.url,
  sub: 'ada',
  aud: issuer.audience,
  iat: now(),
  exp: now() + 300,
})

test('a good token tells who, how and when', async () => {
  const token = await issuer.accessToken({
    sub: 'ada',
    email: 'a@x.example',
    sid: 's1',
    groups: ['g'],
  })
  await expect(bearer(token)).resolves.toMatchObject({
    kind: 'identity',
    identity: {
      issuer: issuer.url,
      subject: 'ada',
      email: 'a@x.example',
      sessionKey: 's1',
      groups: ['g'],
    },
  })
})

test('no credentials is no error here: the door decides', async () => {
  await expect(send([])).resolves.toEqual({ kind: 'none' })
})

describe('P22: tokens that must not pass', () => {
  const forged: [string, () => Promise<string> | string][] = [
    ['alg none', () => `${b64({ alg: 'none', typ: 'at+jwt' })}.${b64(claims())}.`],
    [
      'alg none with a signature',
      () => `${b64({ alg: 'none', typ: 'at+jwt' })}.${b64(claims())}.AAAA`,
    ],
    [
      'HS256 with the public key',
      () => {
        const input = `${b64({ alg: 'HS256', typ: 'at+jwt', kid: issuer.published[0]?.kid })}.${b64(claims())}`
        const secret = JSON.stringify(issuer.published[0])
        return `${input}.${createHmac('sha256', secret).update(input).digest('base64url')}`
      },
    ],
    ['expired', () => issuer.accessToken({ sub: 'ada', claims: { exp: now() - 31 } })],
    ['not yet valid', () => issuer.accessToken({ sub: 'ada', claims: { nbf: now() + 60 } })],
    ['without expiry', () => issuer.accessToken({ sub: 'ada', claims: { exp: undefined } })],
    ['without subject', () => issuer.accessToken({ sub: '' })],
    [
      'another audience',
      () => issuer.accessToken({ sub: 'ada', audience: 'https://else.example' }),
    ],
    ['another issuer', () => other.accessToken({ sub: 'ada' })],
    ['our name, their key', () => other.accessToken({ sub: 'ada', claims: { iss: issuer.url } })],
    ['an ID token', () => issuer.idToken({ sub: 'ada' })],
    [
      'an ID token for our audience',
      () => issuer.idToken({ sub: 'ada', audience: issuer.audience }),
    ],
    ['an embedded key', () => issuer.accessToken({ sub: 'ada', header: { jwk: key.publicJwk } })],
    ['a key by URL', () => issuer.accessToken({ sub: 'ada', header: { jku: other.url } })],
    ['x5u', () => issuer.accessToken({ sub: 'ada', header: { x5u: other.url } })],
    [
      'crit',
      async () => {
        const [, payload, signature] = (await issuer.accessToken({ sub: 'ada' })).split('.')
        return `${b64({ alg: 'ES256', typ: 'at+jwt', crit: ['x'], x: 1 })}.${payload}.${signature}`
      },
    ],
    [
      'kid with a path',
      () => issuer.accessToken({ sub: 'ada', header: { kid: "../../x' or 1=1" } }),
    ],
    [
      'bound to a certificate',
      () => issuer.accessToken({ sub: 'ada', claims: { cnf: { 'x5t#S256': 'x' } } }),
    ],
    [
      'duplicate claims',
      () =>
        `${b64({ alg: 'ES256', typ: 'at+jwt' })}.${b64(`{"iss":"${issuer.url}","sub":"a","sub":"b"}`)}.AAAA`,
    ],
    ['a re-spelled signature', async () => `${await issuer.accessToken({ sub: 'ada' })}=`],
    [
      'HS256 with the public key as PEM',
      () => {
        const jwk = { ...issuer.published[0] } as JsonWebKey
        const pem = createPublicKey({ key: jwk, format: 'jwk' }).export({
          type: 'spki',
          format: 'pem',
        })
        const input = `${b64({ alg: 'HS256', typ: 'at+jwt' })}.${b64(claims())}`
        return `${input}.${createHmac('sha256', pem).update(input).digest('base64url')}`
      },
    ],
    ['x5c', () => issuer.accessToken({ sub: 'ada', header: { x5c: ['MIIB'] } })],
    [
      'kid of SQL',
      () => issuer.accessToken({ sub: 'ada', header: { kid: "' union select 1 --" } }),
    ],
    ['kid of a file', () => issuer.accessToken({ sub: 'ada', header: { kid: '/dev/null' } })],
    [
      'a JWT within a JWT',
      async () => issuer.accessToken({ sub: 'ada', header: { cty: 'JWT', typ: 'JWT' } }),
    ],
    ['typ of a proof', () => issuer.accessToken({ sub: 'ada', header: { typ: 'dpop+jwt' } })],
    ['typ of a logout', () => issuer.accessToken({ sub: 'ada', header: { typ: 'logout+jwt' } })],
    [
      'a duplicate alg',
      () => `${b64('{"alg":"none","alg":"ES256","typ":"at+jwt"}')}.${b64(claims())}.AAAA`,
    ],
    [
      'a duplicate claim, escaped',
      () =>
        `${b64({ alg: 'ES256', typ: 'at+jwt' })}.${b64(`{"iss":"${issuer.url}","sub":"a","s\\u0075b":"b"}`)}.AAAA`,
    ],
    [
      'a huge header',
      () => issuer.accessToken({ sub: 'ada', header: { pad: 'x'.repeat(20_000) } }),
    ],
    ['a list of issuers', () => issuer.accessToken({ sub: 'ada', claims: { iss: [issuer.url] } })],
    [
      'an issuer with a slash',
      () => issuer.accessToken({ sub: 'ada', claims: { iss: `${issuer.url}/` } }),
    ],
    ['white space behind', async () => `${await issuer.accessToken({ sub: 'ada' })}\n`],
    ['17 kB', () => issuer.accessToken({ sub: 'ada', name: 'x'.repeat(17_000) })],
    ['no JWT', () => 'hello'],
  ]
  test.each(forged)('%s', async (_, make) => {
    await expect(bearer(await make())).rejects.toMatchObject({
      code: 'invalid_token',
      details: {
        headers: { 'www-authenticate': expect.stringContaining('error="invalid_token"') },
      },
    })
  })
  test('negative control: the library alone takes what is re-spelled, padded or brings its own key', async () => {
    const jwks = createLocalJWKSet({ keys: [...issuer.published] })
    const verify = (token: string) => jwtVerify(token, jwks, { audience: issuer.audience })
    const token = await issuer.accessToken({ sub: 'ada', header: { jwk: key.publicJwk } })
    await expect(verify(token)).resolves.toMatchObject({ payload: { sub: 'ada' } })
    await expect(bearer(token)).rejects.toMatchObject({ code: 'invalid_token' })
    const idToken = await issuer.idToken({ sub: 'ada', audience: issuer.audience })
    await expect(verify(idToken)).resolves.toMatchObject({ payload: { sub: 'ada' } })
  })
  test('two Authorization headers', async () => {
    const token = await issuer.accessToken({ sub: 'ada' })
    await expect(send([`Bearer ${token}`, `Bearer ${token}`])).rejects.toMatchObject({
      code: 'invalid_token',
    })
  })
})

const bound = (extra: Partial<TokenOptions> = {}) =>
  issuer.accessToken({ sub: 'ada', jkt: key.jkt, ...extra })
const prove = (accessToken: string, extra: Partial<ProofOptions> = {}, by = key) =>
  dpopProof(by, {
    method: 'POST',
    url: `${publicUrl}/api/v1/contexts`,
    accessToken,
    nonce: nonces.current(),
    ...extra,
  })

describe('P20: a bound token is worth nothing without its key', () => {
  test('with a proof it passes', async () => {
    const token = await bound()
    await expect(send([`DPoP ${token}`], [await prove(token)])).resolves.toMatchObject({
      identity: { jkt: key.jkt },
    })
  })
  test('as Bearer it is refused', async () => {
    await expect(bearer(await bound())).rejects.toMatchObject({ code: 'invalid_token' })
  })
  test('an unbound token as DPoP is refused', async () => {
    const token = await issuer.accessToken({ sub: 'ada' })
    await expect(send([`DPoP ${token}`], [await prove(token)])).rejects.toMatchObject({
      code: 'invalid_token',
    })
  })
  const wrong: [string, (token: string) => Promise<string[]>][] = [
    ['no proof', () => Promise.resolve([])],
    ['two proofs', async (token) => [await prove(token), await prove(token)]],
    ['another key', async (token) => [await prove(token, {}, otherKey)]],
    ['another method', async (token) => [await prove(token, { method: 'GET' })]],
    ['another path', async (token) => [await prove(token, { url: `${publicUrl}/api/v1/grants` })]],
    [
      'another host',
      async (token) => [await prove(token, { url: 'https://evil.example/api/v1/contexts' })],
    ],
    [
      'another scheme',
      async (token) => [await prove(token, { url: 'http://sallyport.example/api/v1/contexts' })],
    ],
    ['another token', async () => [await prove(await bound())]],
    ['too old', async (token) => [await prove(token, { claims: { iat: now() - 62 } })]],
    ['from the future', async (token) => [await prove(token, { claims: { iat: now() + 63 } })]],
    ['a short jti', async (token) => [await prove(token, { claims: { jti: 'x' } })]],
    ['a 5 kB jti', async (token) => [await prove(token, { claims: { jti: 'x'.repeat(5_000) } })]],
    [
      'a 64 KiB jti',
      async (token) => [await prove(token, { claims: { jti: 'x'.repeat(65_536) } })],
    ],
    ['a jti that is no text', async (token) => [await prove(token, { claims: { jti: [1] } })]],
    ['no jti', async (token) => [await prove(token, { claims: { jti: undefined } })]],
    ['no iat', async (token) => [await prove(token, { claims: { iat: undefined } })]],
    ['an iat of text', async (token) => [await prove(token, { claims: { iat: String(now()) } })]],
    ['an iat that is no number', async (token) => [await prove(token, { claims: { iat: 1e308 } })]],
    ['no ath', async (token) => [await prove(token, { claims: { ath: undefined } })]],
    ['a method in lower case', async (token) => [await prove(token, { method: 'post' })]],
    ['a key by URL', async (token) => [await prove(token, { header: { jku: other.url } })]],
    ['a kid', async (token) => [await prove(token, { header: { kid: 'x' } })]],
    [
      'a user in the URL',
      async (token) => [
        await prove(token, { url: 'https://a:b@sallyport.example/api/v1/contexts' }),
      ],
    ],
    [
      'a path above',
      async (token) => [await prove(token, { url: `${publicUrl}/api/v1/contexts/..` })],
    ],
    ['another type', async (token) => [await prove(token, { header: { typ: 'JWT' } })]],
    [
      'a private key in it',
      async (token) => [await prove(token, { header: { jwk: { ...key.publicJwk, d: 'AAAA' } } })],
    ],
    [
      'a header with a comma of two',
      async (token) => [`${await prove(token)}, ${await prove(token)}`],
    ],
  ]
  test.each(wrong)('%s', async (_, proofs) => {
    const token = await bound()
    await expect(send([`DPoP ${token}`], await proofs(token))).rejects.toMatchObject({
      code: 'invalid_proof',
    })
  })
})

test('P21: of 50 uses of one proof at once, one passes; on a GET too', async () => {
  for (const method of ['POST', 'GET']) {
    const token = await bound()
    const proof = await prove(token, { method })
    const tries = await Promise.allSettled(
      Array.from({ length: 50 }, () => send([`DPoP ${token}`], [proof], method)),
    )
    expect(tries.filter((one) => one.status === 'fulfilled')).toHaveLength(1)
    const refusals = tries.flatMap((one) => (one.status === 'rejected' ? [one.reason.code] : []))
    expect(refusals).toEqual(Array.from({ length: 49 }, () => 'replayed_proof'))
  }
})

test('P21: just within a minute a proof is fresh, either way', async () => {
  for (const skew of [-58, 58]) {
    const token = await bound()
    const proof = await prove(token, { claims: { iat: now() + skew } })
    await expect(send([`DPoP ${token}`], [proof])).resolves.toMatchObject({ kind: 'identity' })
  }
})

test('P21: a proof cannot be passed off as another by its jti', async () => {
  const token = await bound()
  const jti = 'x'.repeat(16)
  const uses = [
    await prove(token, { claims: { jti } }),
    await prove(token, { claims: { jti } }),
    // Signed anew, and so other bytes: the same jti of the same key is the same proof.
    await prove(token, { claims: { jti, iat: now() - 5 } }),
  ]
  const tries = await Promise.allSettled(uses.map((proof) => send([`DPoP ${token}`], [proof])))
  expect(tries.filter(({ status }) => status === 'fulfilled')).toHaveLength(1)
})

test('P21, negative control: where seeing and remembering are two steps, several of 50 pass', async () => {
  const seen = new Set<string>()
  // Nobody remembers before a second has looked: what may happen at any time happens here every time.
  const second = Promise.withResolvers<void>()
  let looked = 0
  const naive = async (hash: Buffer) => {
    const known = seen.has(hash.toString('hex'))
    looked += 1
    if (looked === 2) second.resolve()
    await second.promise
    seen.add(hash.toString('hex'))
    return !known
  }
  const token = await bound()
  const proof = await prove(token)
  const tries = await Promise.allSettled(
    Array.from({ length: 50 }, () =>
      authenticate(
        { method: 'POST', path, headers: { authorization: [`DPoP ${token}`], dpop: [proof] } },
        { ...options, seenEverywhere: naive },
      ),
    ),
  )
  expect(tries.filter(({ status }) => status === 'fulfilled').length).toBeGreaterThan(1)
})

test('API tokens are known by their form and kept as a hash', async () => {
  const { token, hash } = generateApiToken()
  expect(isApiToken(token)).toBe(true)
  await expect(bearer(token)).resolves.toEqual({ kind: 'api-token', hash })
})
