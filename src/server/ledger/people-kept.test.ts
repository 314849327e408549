import { sql } from 'kysely'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { connect, type Database } from '../db/connect.ts'
import { newId } from '../db/new-id.ts'
import { inTransaction } from '../db/transaction.ts'
import { openWorld, type World, type WorldPerson } from '../testing/world.ts'
import { emit, sallyport } from './emit.ts'

/* P12: no leaf names anybody, whatever a server remembers of who there is. */

let world: World
let other: Database
let ada: WorldPerson
beforeAll(async () => {
  world = await openWorld()
  other = connect(world.databaseUrl, { max: 1 })
  ada = await world.as('ada')
})
afterAll(async () => {
  await other.destroy()
  await world.close()
})

/** As another server would add them, of whom this one hears nothing. */
const arrive = async (name: string, db = other) =>
  sql`insert into person (id, email, name, source)
    values (${newId()}, ${`${name.replace(' ', '.')}@elsewhere.example`}, ${name}, 'import')`.execute(
    db,
  )
/** What stands of a text in leaves, those that wait included. */
const leavesWith = async (text: string) => {
  const { rows } = await sql<{ leaf: string }>`
    select convert_from(leaf, 'UTF8') as leaf from (select leaf from audit_queue union all select leaf from audit_entry) l
    where convert_from(leaf, 'UTF8') like ${`%${text}%`}`.execute(other)
  return rows.length
}
let made = 0
const write = async (description: string) => {
  made += 1
  await ada.call('contexts.create', { name: `context-${made}`, segmentId: null, description })
  expect(await leavesWith(`"context-${made}"`)).toBe(1)
}

test('whoever came since, or is called otherwise, is not in the next event either', async () => {
  await sql`alter table person disable trigger must_audit`.execute(other)
  await arrive('Zelda Unger')
  await write('For everybody')
  await write('For Zelda Unger alone')
  await arrive('Yorick Unger')
  await write('For Yorick Unger and yorick.unger@elsewhere.example')
  await sql`update person set name = 'Xenia Unger' where name = 'Yorick Unger'`.execute(other)
  await write('For Xenia Unger alone')
  expect(await leavesWith('Unger')).toBe(0)
  expect(await leavesWith('unger@')).toBe(0)
  expect(await leavesWith('For everybody')).toBe(1)
  expect(await leavesWith(' alone')).toBe(2)
})

test('nor is whoever came by the very transaction that tells of it', async () => {
  await inTransaction(other, { readOnly: false }, async (tx, transaction) => {
    await arrive('Wanda Unger', tx as Database)
    emit(transaction, {
      actor: { ...sallyport, kind: 'system' },
      action: 'people.import',
      outcome: 'permitted',
      detail: { says: 'It was Wanda Unger who came' },
    })
  })
  expect(await leavesWith('who came')).toBe(1)
  expect(await leavesWith('Unger')).toBe(0)
})
