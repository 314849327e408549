import { createHmac } from 'node:crypto'
import { UnsecuredJWT } from 'jose'
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest'
import type { Problem } from '../../../contract/problem.ts'
import { openPipeline, type Pipeline } from '../../testing/pipeline.ts'
import { openWorld, type World } from '../../testing/world.ts'

let world: World
let pipeline: Pipeline

beforeAll(async () => {
  world = await openWorld()
  pipeline = await openPipeline(world, await world.as('ada'))
})
afterAll(async () => {
  await pipeline.close()
  await world.close()
})
afterEach(() => void vi.useRealTimers())

const seconds = () => Math.floor(Date.now() / 1000)
const refusal = async (token: string) => {
  const { status, body } = await pipeline.exchange({ subject_token: token })
  const { code, title, failed } = body as Problem
  return { status, code, title, failed: failed?.[0] }
}
const base64 = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url')

describe('a token that is none any more, or none for us, is refused and told why', () => {
  // The leeway of the issuer is half a minute, and its tokens may be ten minutes old.
  const claims: readonly [string, () => Record<string, unknown>, RegExp, RegExp?][] = [
    ['expired', () => ({ exp: seconds() - 31 }), /has expired/, /^exp after /],
    ['not yet valid', () => ({ nbf: seconds() + 90 }), /`nbf`/, /^nbf before /],
    ['too old', () => ({ iat: seconds() - 700 }), /older than 600 seconds/, /^iat after /],
    ['from the future', () => ({ iat: seconds() + 90 }), /`iat`/, /^iat before /],
    ['for somebody else', () => ({ aud: 'https://other.example' }), /`aud`/, /^aud https:/],
    ['without an end', () => ({ exp: undefined }), /`exp`/],
    ['without an age', () => ({ iat: undefined }), /`iat`/],
    ['without a subject', () => ({ sub: undefined }), /`sub`/],
    ['with an end that is no time', () => ({ exp: 'tomorrow' }), /`exp`/],
  ]
  test.each(claims)('%s', async (_, given, title, expected) => {
    const found = await refusal(await pipeline.token(given()))
    expect(found).toMatchObject({ status: 400, code: 'invalid_subject_token' })
    expect(found.title).toMatch(title)
    expect(found.failed?.expected ?? '').toMatch(expected ?? '')
    expect(await world.lastEvent()).toMatchObject({
      action: 'leases.exchange',
      outcome: 'failed',
      actor: { kind: 'anonymous' },
    })
  })

  test('within the leeway it is one still', async () => {
    for (const given of [
      { exp: seconds() - 20 },
      { nbf: seconds() + 20 },
      { iat: seconds() + 20 },
    ]) {
      const answer = await pipeline.exchange({ subject_token: await pipeline.token(given) })
      expect(answer.status).toBe(200)
    }
  })

  test('an access token of the same issuer', async () => {
    const token = await pipeline.token({}, { typ: 'at+jwt' })
    expect((await refusal(token)).title).toMatch(/another type/)
  })

  test('unsigned, signed by the public key as a secret, or by another’s key', async () => {
    const [head = '', body = '', signature = ''] = (await pipeline.token()).split('.')
    const payload = JSON.parse(Buffer.from(body, 'base64url').toString()) as Record<string, unknown>
    const { kid } = JSON.parse(Buffer.from(head, 'base64url').toString()) as { kid: string }
    const unsigned = new UnsecuredJWT(payload).encode()
    const symmetric = `${base64({ alg: 'HS256', kid })}.${body}`
    const secret = JSON.stringify(pipeline.ci.published[0])
    const mac = createHmac('sha256', secret).update(symmetric).digest('base64url')
    const tries = [
      unsigned,
      `${base64({ alg: 'none', kid })}.${body}.${signature}`,
      `${symmetric}.${mac}`,
      `${head}.${base64({ ...payload, sub: 'somebody else' })}.${signature}`,
      `${base64({ alg: 'ES256', kid: 'nobody’s' })}.${body}.${signature}`,
    ]
    for (const each of tries) {
      expect(await refusal(each)).toMatchObject({ status: 400, code: 'invalid_subject_token' })
    }
  })
})

describe('P7: the database’s clock alone says when a token has expired', () => {
  const hour = 60 * 60_000

  test('whatever the server’s own clock says', async () => {
    const fresh = await pipeline.token()
    const over = await pipeline.token({ exp: seconds() - 60 })
    for (const off of [hour, -hour]) {
      vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + off })
      expect((await refusal(over)).title).toMatch(/has expired/)
      vi.useRealTimers()
    }
    vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + hour })
    expect((await pipeline.exchange({ subject_token: fresh })).status).toBe(200)
  })

  test('negative control: by the server’s clock the one would be over and the other not', async () => {
    const fresh = await pipeline.token()
    const over = await pipeline.token({ exp: seconds() - 60 })
    const byOwnClock = (token: string) => {
      const { exp } = JSON.parse(
        Buffer.from(token.split('.')[1] ?? '', 'base64url').toString(),
      ) as { exp: number }
      return exp + 30 > seconds()
    }
    vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + hour })
    expect(byOwnClock(fresh)).toBe(false)
    vi.useFakeTimers({ toFake: ['Date'], now: Date.now() - 2 * hour })
    expect(byOwnClock(over)).toBe(true)
  })
})
