import { expect, test } from 'vitest'
import { openWorld } from '../../testing/world.ts'
import { createLately } from './lately.ts'

const controlId = 'pci-dss-8.2.6'

test('the list says when it was asked, and asks again when it is told to; one control is always asked', async () => {
  await using world = await openWorld()
  const ada = await world.as('ada')
  const listed = async (fresh?: 'true') => {
    const found = await ada.call('compliance.list', { limit: 200, ...(fresh && { fresh }) })
    return {
      at: found.checkedAt,
      says: found.items.find(({ id }) => id === controlId)?.says ?? '',
    }
  }
  const before = await listed()
  expect(before.says).toMatch(/^The one active person with access/)
  await world.grant(await world.as('sam'), 'developer')
  expect(await listed()).toEqual(before)
  const now = await listed('true')
  expect(now.says).toMatch(/^All 2 active people with access/)
  expect(Date.parse(now.at)).toBeGreaterThan(Date.parse(before.at))
  // Whoever asks next is told of the same, with its time.
  expect(await listed()).toEqual(now)
  const { says } = await ada.call('compliance.view', { controlId })
  expect(now.says).toBe(says)
})

test('after twenty seconds it is asked again, and never told from a clock that was set back', async () => {
  await using world = await openWorld()
  const { db } = world.app
  const lately = createLately()
  const start = new Date()
  const at = (seconds: number) => ({
    now: new Date(start.getTime() + seconds * 1_000),
    config: world.config,
  })
  const first = await lately(db, at(0))
  expect(await lately(db, at(19))).toBe(first)
  const second = await lately(db, at(20))
  expect(second.at).toEqual(at(20).now)
  expect((await lately(db, at(21), true)).at).toEqual(at(21).now)
  expect((await lately(db, at(-60))).at).toEqual(at(-60).now)
})
