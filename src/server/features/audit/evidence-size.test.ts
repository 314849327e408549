import { afterAll, beforeAll, expect, test } from 'vitest'
import { mostFileBytes } from '../../../proof/pack.ts'
import { emitAll } from '../../ledger/emit.ts'
import { openWorld, type World } from '../../testing/world.ts'
import { packEntries, planPack } from './evidence.ts'

let world: World
beforeAll(async () => {
  world = await openWorld()
})
afterAll(() => world.close())

test('files of entries stay below what a verifier holds in memory, however large the events are', async () => {
  const largest = Array.from({ length: 340 }, (_, at) => ({
    at: new Date(),
    event: {
      actor: { kind: 'person', id: 'lin', name: 'Lin' },
      action: 'large.create',
      outcome: 'permitted' as const,
      detail: `${at} ${'x'.repeat(55_000)}`,
    },
  }))
  await emitAll(world.app.db, largest)
  await world.app.ledger.settle()
  const { db } = world.app
  const reach = { everywhere: true, segments: [], projects: [], contexts: [] }
  const plan = await planPack(db, { conditions: [], reach }, undefined, {
    query: {},
    exportedAt: new Date().toISOString(),
    exportedBy: { kind: 'person', id: 'noor', name: 'Noor' },
    requestId: 'one',
  })
  const sizes: number[] = []
  let rows = 0
  while (plan.start + rows < plan.end) {
    const { files, whole, hashOnly } = await packEntries(db, plan, plan.start + rows)
    expect(hashOnly).toBe(0)
    rows += whole
    sizes.push(files[0]?.bytes ?? 0)
  }
  expect(rows).toBe(plan.end - plan.start)
  expect(sizes.length).toBe(2)
  for (const size of sizes) expect(size).toBeLessThanOrEqual(mostFileBytes)
  // As full as they can be: a whole leaf more would not fit.
  expect(sizes[0]).toBeGreaterThan(mostFileBytes - 2 * 56_000)
})
