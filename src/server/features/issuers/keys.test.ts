import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Problem } from '../../../contract/problem.ts'
import type { Fault } from '../../testing/issuer.ts'
import { openPipeline, type Pipeline } from '../../testing/pipeline.ts'
import { openWorld, type World, type WorldPerson } from '../../testing/world.ts'

let world: World
let ada: WorldPerson
let other: Pipeline

beforeAll(async () => {
  world = await openWorld()
  ada = await world.as('ada')
  other = await openPipeline(world, ada)
})
afterAll(async () => {
  await other.close()
  await world.close()
})

const codeOf = ({ body }: { body: unknown }) => (body as Problem).code

describe('P23: keys of a CI system that change', () => {
  test('with overlap nothing is refused, and each change costs one fetch', async () => {
    await using pipeline = await openPipeline(world, ada)
    const old = await pipeline.token()
    const still = await pipeline.token()
    expect((await pipeline.exchange({ subject_token: old })).status).toBe(200)
    await pipeline.ci.rotate()
    expect((await pipeline.exchange()).status).toBe(200)
    expect((await pipeline.exchange({ subject_token: still })).status).toBe(200)
    expect(pipeline.ci.asked.jwks).toBe(2)
  })

  test('without overlap the new key is taken at once, and the old one is no key any more', async () => {
    await using pipeline = await openPipeline(world, ada)
    await pipeline.lease()
    const old = await pipeline.token()
    await pipeline.ci.rotate({ overlap: false })
    expect((await pipeline.exchange()).status).toBe(200)
    const refused = await pipeline.exchange({ subject_token: old })
    expect(refused).toMatchObject({ status: 400, body: { code: 'invalid_subject_token' } })
  })

  test('jobs that bring a new key at once wait for the one fetch that learns it', async () => {
    await using pipeline = await openPipeline(world, ada)
    await pipeline.lease()
    await pipeline.ci.rotate()
    const answers = await Promise.all(Array.from({ length: 20 }, () => pipeline.exchange()))
    expect(answers.map(({ status }) => status)).toEqual(Array.from({ length: 20 }, () => 200))
    expect(pipeline.ci.asked.jwks).toBe(2)
  })

  test('another key under the same name: its tokens are refused until the set is fetched again, never the wrong way round', async () => {
    await using pipeline = await openPipeline(world, ada)
    await pipeline.lease()
    const kid = pipeline.ci.published[0]?.kid ?? ''
    await pipeline.ci.rotate({ overlap: false, kid })
    expect(codeOf(await pipeline.exchange())).toBe('invalid_subject_token')
    expect(pipeline.ci.asked.jwks).toBe(1)
  })

  test('five keys without a name: a token that names none is refused, for none of them is its own; one such key does', async () => {
    await using pipeline = await openPipeline(world, ada)
    pipeline.ci.rename(() => undefined)
    const nameless = async () =>
      (await pipeline.exchange({ subject_token: await pipeline.token({}, { kid: undefined }) }))
        .status
    expect(await nameless()).toBe(200)
    await using many = await openPipeline(world, ada)
    for (let at = 0; at < 4; at++) await many.ci.rotate()
    many.ci.rename(() => undefined)
    const refused = await many.exchange({
      subject_token: await many.token({}, { kid: undefined }),
    })
    expect(codeOf(refused)).toBe('invalid_subject_token')
  })

  test('a flood of unknown names costs one fetch, and tokens that are good go on', async () => {
    await using pipeline = await openPipeline(world, ada)
    await pipeline.lease()
    const strange = await Promise.all(
      Array.from({ length: 500 }, () => pipeline.token({}, { kid: randomUUID() })),
    )
    const answers = await Promise.all(
      strange.map((token) => pipeline.exchange({ subject_token: token })),
    )
    expect(new Set(answers.map(codeOf))).toEqual(new Set(['invalid_subject_token']))
    expect(pipeline.ci.asked.jwks).toBe(2)
    expect((await pipeline.exchange()).status).toBe(200)
    // The control: a new key is not found either before the 30 seconds are over, for its issuer alone.
    await pipeline.ci.rotate()
    expect(codeOf(await pipeline.exchange())).toBe('invalid_subject_token')
    expect((await other.exchange()).status).toBe(200)
  })
})

describe('P24: a CI system that is away or at fault', () => {
  const faults: readonly Fault[] = [
    'error',
    'redirect',
    'garbage',
    'many',
    'huge',
    'other-issuer',
    'slow',
  ]
  test.each(faults)('%s', async (fault) => {
    await using known = await openPipeline(world, ada)
    await known.lease()
    known.ci.breakWith(fault)
    // Keys that are at hand go on.
    expect((await known.exchange()).status).toBe(200)
    // A new key cannot be learned, and nothing is said of the token but that.
    await known.ci.rotate()
    const learned = await known.exchange()
    expect(learned).toMatchObject({
      status: 503,
      headers: { 'retry-after': '30' },
      body: { code: 'unavailable', error: 'temporarily_unavailable' },
    })
    // Nor is it called unknown to whoever asks next, while the CI system is not asked again.
    expect(await known.exchange()).toMatchObject({ status: 503, body: { code: 'unavailable' } })
    await using unknown = await openPipeline(world, ada)
    unknown.ci.breakWith(fault)
    const before = await world.app.db.selectFrom('lease').select('id').execute()
    let answered = false
    const asking = unknown.exchange().finally(() => {
      answered = true
    })
    // Nobody else waits for it meanwhile.
    expect((await other.exchange()).status).toBe(200)
    expect(answered && fault === 'slow').toBe(false)
    expect(await asking).toMatchObject({ status: 503, body: { code: 'unavailable' } })
    expect(await world.app.db.selectFrom('lease').select('id').execute()).toHaveLength(
      before.length + 1,
    )
    const { items } = await ada.call('issuers.list', { limit: 200 })
    const told = items.find(({ id }) => id === unknown.issuer.id)
    expect(told).toMatchObject({ health: { state: 'unreachable' } })
    unknown.ci.breakWith('none')
    // The control: the very same, once it answers.
    expect((await unknown.exchange()).status).toBe(200)
  })

  test('five failures close the way to it for half a minute; others are asked as ever', async () => {
    await using pipeline = await openPipeline(world, ada)
    pipeline.ci.breakWith('error')
    for (let at = 0; at < 8; at++) expect((await pipeline.exchange()).status).toBe(503)
    pipeline.ci.breakWith('none')
    expect((await pipeline.exchange()).status).toBe(503)
    expect(pipeline.ci.asked.discovery).toBe(0)
    expect((await other.exchange()).status).toBe(200)
  })
})

test('P47: no address of an issuer leads into the network', async () => {
  const addresses = [
    'https://169.254.169.254',
    'https://10.0.0.7',
    'https://127.0.0.1',
    'https://2130706433',
    'https://[::ffff:169.254.169.254]',
    'https://[fd00::1]',
    'https://localhost',
    'http://example.org',
  ]
  for (const url of addresses) {
    const { send } = ada
    const made = await send('/api/v1/issuers', {
      method: 'POST',
      body: { name: url, kind: 'other', url, audience: 'x', algorithms: ['ES256'] },
    })
    // Kept or not, it is never asked: a token of it is refused because its keys cannot be had.
    if (made.status !== 201) continue
    const token = await other.ci.idToken({
      sub: 'x',
      authTime: null,
      claims: { iss: (made.body as { url: string }).url },
    })
    expect(await other.exchange({ subject_token: token })).toMatchObject({
      status: 503,
      body: { code: 'unavailable' },
    })
  }
})
