import { afterAll, afterEach, beforeAll, expect, test, vi } from 'vitest'
import { openRequests, type Requests } from '../../testing/requests.ts'
import { keepReviewsTime } from '../reviews/clock.ts'
import { keepRequestsTime } from './service.ts'

/* P7: the database's clock alone begins and ends what is granted for a time, wherever the server's own has jumped to. */

const day = 86_400_000
let on: Requests

beforeAll(async () => {
  on = await openRequests()
})
afterEach(() => {
  vi.useRealTimers()
})
afterAll(() => on.world.close())

const states = async (...requests: readonly { id: string }[]) =>
  Promise.all(requests.map(async (request) => (await on.view(on.ada, request)).state))

async function keepTime(): Promise<void> {
  await keepRequestsTime(on.world.app.db)
  await keepReviewsTime(on.world.app.db)
}

test('a server whose clock jumps ahead or back ends nothing early, and begins or prolongs nothing', async () => {
  const { lin, sam, ask, approve, later } = on
  const pending = await ask(sam, { minutes: 60, scope: 'organization' })
  const active = await approve(lin, await ask(sam, { minutes: 30 }))
  const startsAt = new Date(Date.now() + 2 * 3_600_000).toISOString()
  const scheduled = await approve(
    lin,
    await ask(sam, { minutes: 15, startsAt, scope: 'production' }),
  )
  const all = [pending, active, scheduled]
  const before = await states(...all)
  expect(before).toEqual(['pending', 'active', 'scheduled'])
  for (const off of [400 * day, -400 * day]) {
    vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + off })
    await keepTime()
    vi.useRealTimers()
    expect(await states(...all)).toEqual(before)
  }
  // The control: the database's own clock does.
  await later(24 * 60 * 8)
  vi.useFakeTimers({ toFake: ['Date'], now: Date.now() - 400 * day })
  await keepTime()
  vi.useRealTimers()
  expect(await states(...all)).toEqual(['lapsed', 'expired', 'expired'])
})
