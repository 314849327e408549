import { createHmac, randomUUID } from 'node:crypto'
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
import { seenHere } from './seen.ts'

const outbound = createOutbound({ loopbackHttp: true, privateRanges: [] })
const people = { outbound, staleForMs: staleFor.people }
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
  dpopProof(by, { method: 'POST', url: `${publicUrl}/api/v1/contexts`, accessToken, ...extra })

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

test('API tokens are known by their form and kept as a hash', async () => {
  const { token, hash } = generateApiToken()
  expect(isApiToken(token)).toBe(true)
  await expect(bearer(token)).resolves.toEqual({ kind: 'api-token', hash })
})

describe('P23, P24: keys that change, and an issuer that is away', () => {
  test('a new key is fetched once; the old one goes on; unknown ones cost one fetch in 30 s', async () => {
    await using rotating = await openIssuer({ audience: issuer.audience })
    let clock = Date.now()
    const keys = new IssuerKeys({ issuer: rotating.url, ...people, now: () => clock })
    const ask = (token: string) =>
      authenticate(
        { method: 'GET', path, headers: { authorization: [`Bearer ${token}`] } },
        { ...options, keys },
      )
    const old = await rotating.accessToken({ sub: 'ada' })
    await ask(old)
    expect(rotating.asked.jwks).toBe(1)
    await rotating.rotate()
    await ask(await rotating.accessToken({ sub: 'ada' }))
    await ask(old)
    expect(rotating.asked.jwks).toBe(2)
    const strange = await Promise.all(
      Array.from({ length: 20 }, () =>
        rotating.accessToken({ sub: 'ada', header: { kid: randomUUID() } }),
      ),
    )
    for (const token of strange)
      await expect(ask(token)).rejects.toMatchObject({ code: 'invalid_token' })
    expect(rotating.asked.jwks).toBe(2)
    clock += 31_000
    for (const token of strange)
      await expect(ask(token)).rejects.toMatchObject({ code: 'invalid_token' })
    expect(rotating.asked.jwks).toBe(3)
  })

  test.each(['error', 'redirect', 'huge', 'other-issuer'] as const)(
    'with an issuer at fault (%s) known keys go on for a day, and new sign-ins fail clearly',
    async (fault) => {
      await using away = await openIssuer({ audience: issuer.audience })
      let clock = Date.now()
      const keys = new IssuerKeys({ issuer: away.url, ...people, now: () => clock })
      const token = await away.accessToken({ sub: 'ada' })
      const ask = (with_: IssuerKeys) =>
        authenticate(
          { method: 'GET', path, headers: { authorization: [`Bearer ${token}`] } },
          { ...options, keys: with_ },
        )
      await ask(keys)
      away.breakWith(fault)
      clock += 23 * 60 * 60_000
      await expect(ask(keys)).resolves.toMatchObject({ kind: 'identity' })
      // Negative control: without a set at hand, and with one too old, the same token is not let in.
      const fresh = new IssuerKeys({ issuer: away.url, ...people })
      await expect(ask(fresh)).rejects.toMatchObject({ code: 'unavailable' })
      clock += 2 * 60 * 60_000
      await expect(ask(keys)).rejects.toMatchObject({ code: 'unavailable' })
      away.breakWith('none')
      clock += 60_000
      await expect(ask(keys)).resolves.toMatchObject({ kind: 'identity' })
    },
  )
})
