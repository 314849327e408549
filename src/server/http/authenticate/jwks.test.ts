import { randomBytes, randomUUID } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import { openIssuer } from '../../testing/issuer.ts'
import { createOutbound } from '../../outbound.ts'
import { IssuerKeys, staleFor } from '../../tokens/jwks.ts'
import { authenticate } from './authenticate.ts'
import { noncesOf } from './nonce.ts'
import { seenHere } from './seen.ts'

const publicUrl = 'https://sallyport.example'
const audience = `${publicUrl}/api`
const path = '/api/v1/contexts'
const outbound = createOutbound({ loopbackHttp: true, privateRanges: [] })
const people = { outbound, staleForMs: staleFor.people }
const nonces = noncesOf(randomBytes(32))
const options = { audience, publicUrl, seenEverywhere: seenHere(), seenHere: seenHere(), nonces }

describe('P23, P24: keys that change, and an issuer that is away', () => {
  test('a new key is fetched once; the old one goes on; unknown ones cost one fetch in 30 s', async () => {
    await using rotating = await openIssuer({ audience: audience })
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
      await using away = await openIssuer({ audience: audience })
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
