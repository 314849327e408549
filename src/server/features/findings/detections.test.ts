import { randomUUID } from 'node:crypto'
import { sql } from 'kysely'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Db } from '../../db/connect.ts'
import { inTransaction } from '../../db/transaction.ts'
import { findingStories, type Story } from '../../testing/finding-stories.ts'
import { openWorld, type World } from '../../testing/world.ts'
import { catalogue, detectionOf } from './catalogue.ts'
import { organizationId, type Found } from './detection.ts'
import { judgeExpressions } from './judged-expressions.ts'

let world: World
let stories: Readonly<Record<string, () => Promise<Story>>>

beforeAll(async () => {
  world = await openWorld()
  const ada = await world.as('ada')
  await world.as('grouped', { groups: ['platform'] })
  const teamId = (await ada.call('teams.list', {})).items[0]?.id ?? ''
  stories = findingStories(world, ada, teamId)
})
afterAll(() => world.close())

const found = async (id: string, at = new Date(), db: Db = world.app.db): Promise<Found[]> => {
  const detection = detectionOf(id)
  if (!detection) throw new Error(`there is no detection ${id}`)
  await judgeExpressions(world.app.db)
  const { rows } = await sql<Found>`select * from (${detection.query(at)}) f`.execute(db)
  return rows
}

test.each(catalogue.map(({ id }) => id).filter((id) => id !== 'sealer-behind'))(
  '%s fires, and does not after the least change',
  async (id) => {
    const { subject, at, calm } = (await stories[id]?.()) ?? {}
    const before = await found(id, at)
    const one = before.find(({ subjectId }) => subjectId === subject)
    expect(one).toBeDefined()
    expect(one?.says).toMatch(/\.$/)
    expect(one?.subjectName).toBeTruthy()
    expect(one?.rows.length).toBe(new Set(one?.rows.map((row) => JSON.stringify(row))).size)
    for (const row of one?.rows ?? []) expect(row).toMatchObject({ what: /./, name: /./ })
    await calm?.()
    expect((await found(id, at)).map(({ subjectId }) => subjectId)).not.toContain(subject)
  },
)

test('sealer-behind fires while an event waits for more than a minute', async () => {
  await world.app.ledger.settle()
  expect(await found('sealer-behind')).toEqual([])
  const seen: Found[][] = []
  const none = new Error('nothing of it stays')
  const waiting = inTransaction(world.app.db, { readOnly: false }, async (db) => {
    const leaf = Buffer.from('{}')
    await db
      .insertInto('auditQueue')
      .values({ eventId: randomUUID(), occurredAt: new Date(), leaf })
      .execute()
    for (const seconds of [30, 90]) {
      seen.push(await found('sealer-behind', new Date(Date.now() + seconds * 1_000), db))
    }
    throw none
  })
  await expect(waiting).rejects.toBe(none)
  expect(seen).toMatchObject([[], [{ subjectId: organizationId }]])
})

test('every detection has its story, one name, words, and what it touches', () => {
  const ids = catalogue.map(({ id }) => id)
  expect(ids.toSorted()).toEqual([...Object.keys(stories), 'sealer-behind'].toSorted())
  expect(new Set(ids).size).toBe(ids.length)
  expect(new Set(catalogue.map(({ title }) => title)).size).toBe(ids.length)
  for (const { id, why, controls, cicdRisk } of catalogue) {
    expect(id).toMatch(/^[a-z-]{1,60}$/)
    expect(why).toMatch(/\.$/)
    expect(controls.length).toBeGreaterThan(0)
    expect(cicdRisk).toMatch(/^CICD-SEC-(10|[1-9])$/)
  }
})
