import { randomBytes } from 'node:crypto'
import { mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { startEmbedded, type Embedded } from '../../db/embedded.ts'
import { authenticate } from '../../http/authenticate/authenticate.ts'
import { createOutbound } from '../../outbound.ts'
import { IssuerKeys, staleFor } from '../../tokens/jwks.ts'
import { noncesOf } from '../../http/authenticate/nonce.ts'
import { seenHere } from '../../http/authenticate/seen.ts'
import { acr } from './configuration.ts'
import { signInHeadless } from './headless.ts'
import { startIdp } from './idp.ts'

const outbound = createOutbound({ loopbackHttp: true, privateRanges: [] })

const consoleUrl = 'http://localhost:4999'
let database: Embedded
let idp: Awaited<ReturnType<typeof startIdp>>
const told: string[] = []
const start = (port = 0) =>
  startIdp({ databaseUrl: database.url, port, consoleUrl, log: (line) => told.push(line) })

beforeAll(async () => {
  database = await startEmbedded({
    dataDir: mkdtempSync(join(tmpdir(), 'idp-')),
    settings: { fsync: 'off' },
  })
  idp = await start()
})
afterAll(async () => {
  await idp.close()
  await database.stop()
})

const nonces = noncesOf(randomBytes(32))

const signIn = (
  parameters: Record<string, string> = {},
  jar = new Map<string, string>(),
  persona = 'ada',
) =>
  signInHeadless({
    jar,
    issuer: idp.issuer,
    clientId: 'sallyport-console',
    redirectUri: `${consoleUrl}/auth/callback`,
    persona,
    parameters,
    nonce: nonces.current,
  })

const ask = async (headers: Record<string, string>) => {
  const credential = await authenticate(
    {
      method: 'GET',
      path: '/api/v1/me',
      headers: Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, [value]])),
    },
    {
      keys: new IssuerKeys({ issuer: idp.issuer, outbound, staleForMs: staleFor.people }),
      audience: `${consoleUrl}/api`,
      publicUrl: consoleUrl,
      seenEverywhere: seenHere(),
      seenHere: seenHere(),
      nonces,
    },
  )
  if (credential.kind !== 'identity') throw new Error(credential.kind)
  return credential.identity
}

test('code, PKCE and DPoP give a token that the API accepts, with who, how and when', async () => {
  const session = await signIn()
  const identity = await ask(await session.headers('GET', `${consoleUrl}/api/v1/me`))
  expect(identity).toMatchObject({
    subject: 'ada',
    email: 'ada@meridian.example',
    emailVerified: true,
    name: 'Ada Okafor',
    groups: ['security'],
    acr: acr.basic,
    amr: ['user'],
  })
  expect(identity.jkt).toBeDefined()
  expect(identity.authenticatedAt).toBeInstanceOf(Date)
  await expect(ask({ authorization: `Bearer ${session.accessToken}` })).rejects.toMatchObject({
    code: 'invalid_token',
  })
  await expect(
    ask(await session.headers('GET', `${consoleUrl}/api/v1/me`, session.idToken)),
  ).rejects.toMatchObject({ code: 'invalid_token' })
})

test('step-up is asked for by acr and conveyed in the token', async () => {
  const session = await signIn({ acr_values: acr.stepUp, max_age: '0' })
  const identity = await ask(await session.headers('GET', `${consoleUrl}/api/v1/me`))
  expect(identity.acr).toBe(acr.stepUp)
})

test('refresh tokens rotate, keep the session, and a reused one ends the family', async () => {
  const session = await signIn()
  const before = await ask(await session.headers('GET', `${consoleUrl}/api/v1/me`))
  const next = await session.refresh(session.refreshToken)
  expect(next.refreshToken).not.toBe(session.refreshToken)
  const after = await ask(await session.headers('GET', `${consoleUrl}/api/v1/me`, next.accessToken))
  expect(after.sessionKey).toBe(before.sessionKey)
  expect(after.authenticatedAt).toEqual(before.authenticatedAt)
  await expect(session.refresh(session.refreshToken)).rejects.toThrow('invalid_grant')
  await expect(session.refresh(next.refreshToken)).rejects.toThrow('invalid_grant')
})

test('a sign-in and the keys outlive a restart', async () => {
  const session = await signIn()
  const port = Number(new URL(idp.issuer).port)
  await idp.close()
  idp = await start(port)
  const next = await session.refresh(session.refreshToken)
  const identity = await ask(
    await session.headers('GET', `${consoleUrl}/api/v1/me`, next.accessToken),
  )
  expect(identity.subject).toBe('ada')
})

test('P28: nobody signs in without a page, even with a live session at the provider', async () => {
  const jar = new Map<string, string>()
  await signIn({}, jar)
  await expect(signIn({ prompt: 'none' }, jar)).rejects.toThrow('without a page')
  // Negative control: the session is live, a top-level return needs no choice.
  const session = await signIn({}, jar, 'nobody')
  const identity = await ask(await session.headers('GET', `${consoleUrl}/api/v1/me`))
  expect(identity.subject).toBe('ada')
})

test('the sign-in page has a button per persona and may not be framed', async () => {
  const query = new URLSearchParams({
    client_id: 'sallyport-console',
    redirect_uri: `${consoleUrl}/auth/callback`,
    response_type: 'code',
    scope: 'openid',
    code_challenge: 'E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM',
    code_challenge_method: 'S256',
  })
  const first = await fetch(`${idp.issuer}/auth?${query.toString()}`, { redirect: 'manual' })
  const page = await fetch(new URL(first.headers.get('location') ?? '', idp.issuer), {
    headers: {
      cookie: first.headers
        .getSetCookie()
        .map((line) => line.split(';')[0])
        .join('; '),
    },
  })
  expect(page.status).toBe(200)
  expect(page.headers.get('content-security-policy')).toContain("frame-ancestors 'none'")
  const html = await page.text()
  for (const name of ['Ada Okafor', 'Ben Sørensen', 'Lin Zhao', 'Noor Haddad', 'Sam Rivera']) {
    expect(html).toContain(name)
  }
})
