import { expect, test, vi } from 'vitest'
import { openWorld } from '../testing/world.ts'
import { createLimits, rateLimits } from './limits.ts'

test('a bucket gives its burst at once, and then its rate', () => {
  let now = 0
  const limits = createLimits(rateLimits, () => now)
  const take = () => limits.take('changes', 'ada')
  for (let n = 0; n < 30; n++) expect(take()).toBe(0)
  expect(take()).toBe(1)
  now = 100
  expect(take()).toBe(0)
  expect(take()).toBe(1)
  expect(limits.take('changes', 'ben')).toBe(0)
})

test('nobody waits because the server’s clock was set back', async () => {
  vi.useFakeTimers({ toFake: ['Date'] })
  try {
    await using world = await openWorld()
    const ada = await world.as('ada')
    const ask = () => ada.send('/api/v1/contexts?limit=1')
    expect((await ask()).status).toBe(200)
    vi.setSystemTime(Date.now() - 60_000)
    expect((await ask()).status).toBe(200)
  } finally {
    vi.useRealTimers()
  }
})

test('whoever asks too fast is told when to come back, others are not, and nothing is changed', async () => {
  await using world = await openWorld({
    limits: { ...rateLimits, changes: { perSecond: 0.01, burst: 3 } },
  })
  const ada = await world.as('ada')
  const make = (name: string) => ada.call('contexts.create', { name, description: '' })
  await make('one')
  await make('two')
  const refused = await ada.send('/api/v1/contexts', {
    method: 'POST',
    body: { name: 'three', description: '' },
  })
  expect(refused).toMatchObject({ status: 429, body: { code: 'too_many_requests' } })
  expect(Number(refused.headers['retry-after'])).toBeGreaterThan(0)
  expect((await ada.call('contexts.list', {})).items).toHaveLength(2)
  // Beginning a session is a change of sam's own.
  await world.as('sam')
})

test('an address without credentials is held to the strangers’ rate', async () => {
  await using world = await openWorld({
    limits: { ...rateLimits, stranger: { perSecond: 0.01, burst: 2 } },
  })
  const statuses: number[] = []
  for (let n = 0; n < 4; n++) statuses.push((await world.ask('/api/v1/me')).status)
  expect(statuses).toEqual([401, 401, 429, 429])
  const forged = await world.ask('/api/v1/me', { headers: { authorization: 'Bearer a.b.c' } })
  expect(forged.status).toBe(429)
})
