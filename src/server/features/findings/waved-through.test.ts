import { sql } from 'kysely'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { below } from '../../testing/below.ts'
import { openManyLines } from '../../testing/many-lines.ts'
import { openWorld, type World, type WorldPerson } from '../../testing/world.ts'

let world: World
let ada: WorldPerson
beforeAll(async () => {
  world = await openWorld()
  ada = await world.as('ada')
})
afterAll(() => world.close())

const told = async (reviewId: string, all = false) => {
  await world.app.ledger.settle()
  await world.app.findings.look({ all })
  const { items } = await ada.call('findings.list', { detection: 'review-waved-through' })
  return items.find(({ subject }) => subject.id === reviewId)
}

/** As if its lines had been answered so many seconds one after the other. */
const paced = (reviewId: string, seconds: number) =>
  below(world, (db) =>
    sql`update review_answer set decided_at = decided_at + number * ${seconds}::float8 * interval '1 second'
      where review_id = ${reviewId} and decision is not null`.execute(db),
  )

test.each([
  { lines: 10, revoked: 0, seconds: 0, state: 'open', why: 'all at once' },
  { lines: 10, revoked: 0, seconds: 1, state: 'open', why: 'one a second' },
  { lines: 10, revoked: 0, seconds: 4, state: undefined, why: 'slow enough to be read' },
  { lines: 10, revoked: 1, seconds: 0, state: undefined, why: 'one of them revoked' },
  { lines: 9, revoked: 0, seconds: 0, state: undefined, why: 'few enough to be read at once' },
])('$lines lines, $revoked revoked, $seconds s each: $why', async (given) => {
  const { start, answer, signOff } = await openManyLines({ world, ada }, given.lines)
  const { id } = await start()
  await answer(id, (nth) => (nth < given.revoked ? 'revoke' : 'keep'))
  await paced(id, given.seconds)
  expect(await told(id)).toBeUndefined()
  await signOff(id)
  expect((await told(id))?.state).toBe(given.state)
})

test('it says who kept what against the recommendation, opens the review of the same, and ends with the access', async () => {
  const { start, answer, signOff, reviewer, segmentId } = await openManyLines({ world, ada }, 12)
  const { id, name } = await start()
  await answer(id, () => 'keep')
  await signOff(id)
  const { name: who } = await ada.call('people.view', { personId: reviewer.id })
  const found = await told(id)
  expect(found).toMatchObject({
    subject: { kind: 'review', id, name },
    severity: 'medium',
    says: `${who} kept all 12 lines, most of them several at once or within 2 seconds; 11 were recommended to be revoked.`,
  })
  const detail = await ada.call('findings.view', { findingId: found?.id ?? '' })
  expect(detail.fix).toEqual({ label: 'Review it again', opens: 'review.again', id })
  expect(detail.evidence).toHaveLength(11)
  expect(detail.evidence[0]).toMatchObject({
    kind: 'grant',
    says: expect.stringContaining('never used'),
  })

  // What was kept ends one by one: with the last of it nothing is left to be looked at again.
  const { items } = await ada.call('grants.list', { scope: 'segment', scopeId: segmentId })
  expect(items).toHaveLength(11)
  const [last, ...others] = items
  for (const grant of others) await ada.call('grants.revoke', { grantId: grant.id }, grant)
  expect((await told(id, true))?.says).toMatch(/; 1 was recommended to be revoked\.$/)
  if (last) await ada.call('grants.revoke', { grantId: last.id }, last)
  expect((await told(id, true))?.state).not.toBe('open')
})
