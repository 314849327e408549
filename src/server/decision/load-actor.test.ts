import { sql } from 'kysely'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { builtInRoles } from '../../contract/built-in-roles.ts'
import { connect, type Db } from '../db/connect.ts'
import { newId } from '../db/new-id.ts'
import { inTransaction, type Transaction } from '../db/transaction.ts'
import { emit } from '../ledger/emit.ts'
import { cloneDatabase } from '../testing/test-database.ts'
import { grantUsed, loadActor } from './load-actor.ts'

let db: ReturnType<typeof connect>
beforeAll(async () => {
  db = connect(await cloneDatabase(), { role: 'sallyport_app' })
})
afterAll(() => db.destroy())

const change = <T>(work: (db: Db, transaction: Transaction) => Promise<T>) =>
  inTransaction(db, { readOnly: false }, async (open, transaction) => {
    const result = await work(open, transaction)
    emit(transaction, {
      actor: { kind: 'system', id: 'test', name: 'test' },
      action: 'grants.create',
      outcome: 'permitted',
    })
    return result
  })

async function person(name: string): Promise<string> {
  const id = newId()
  const email = `${name}@meridian.example`
  await change((open) =>
    open.insertInto('person').values({ id, email, name, source: 'import' }).execute(),
  )
  return id
}

async function grant(to: { personId: string } | { teamId: string }, expiresAt?: Date) {
  const id = newId()
  await change((open) =>
    open
      .insertInto('accessGrant')
      .values({
        id,
        roleId: builtInRoles.developer.id,
        subjectKind: 'teamId' in to ? 'team' : 'person',
        personId: null,
        teamId: null,
        ...to,
        scopeKind: 'organization',
        expiresAt: expiresAt ?? null,
      })
      .execute(),
  )
  return id
}

test('live grants come directly and through teams; ended and expired ones do not', async () => {
  const mia = await person('mia')
  const team = newId()
  await change(async (open) => {
    await open.insertInto('team').values({ id: team, name: 'Web', slug: 'web' }).execute()
    const member = { teamId: team, personId: mia, source: 'manual' } as const
    await open.insertInto('teamMember').values(member).execute()
  })
  const direct = await grant({ personId: mia })
  const byTeam = await grant({ teamId: team })
  await grant({ personId: mia }, new Date(Date.now() - 1000))
  const ended = await grant({ personId: mia }, new Date(Date.now() + 3_600_000))
  expect((await loadActor(db, mia))?.grants.map(({ id }) => id)).toEqual([direct, byTeam, ended])
  await change((open) =>
    open.updateTable('accessGrant').set({ endedAt: new Date() }).where('id', '=', ended).execute(),
  )
  const actor = await loadActor(db, mia)
  expect(actor).toMatchObject({ kind: 'person', name: 'mia', teams: [{ id: team, name: 'Web' }] })
  expect(actor?.grants.map(({ id, via }) => [id, via.kind, via.name])).toEqual([
    [direct, 'person', 'mia'],
    [byTeam, 'team', 'Web'],
  ])
  expect(actor?.grants[0]?.permissions.has('context:use')).toBe(true)
})

test('nobody is loaded for who is unknown or has left', async () => {
  expect(await loadActor(db, newId())).toBeUndefined()
  const leaver = await person('leaver')
  await change((open) =>
    open
      .updateTable('person')
      .set({ state: 'left', leftAt: new Date() })
      .where('id', '=', leaver)
      .execute(),
  )
  expect(await loadActor(db, leaver)).toBeUndefined()
})

test('last use is written at most once a minute, of each who uses it', async () => {
  const [user, other] = [await person('user'), await person('other')]
  const id = await grant({ personId: user })
  const uses = async () => [
    await db.selectFrom('grantUsed').select('uses').where('grantId', '=', id).execute(),
    await db
      .selectFrom('grantUsedBy')
      .select(['personId', 'uses'])
      .where('grantId', '=', id)
      .orderBy('personId')
      .execute(),
  ]
  await grantUsed(db, [id], user)
  await grantUsed(db, [id], user)
  expect(await uses()).toEqual([[{ uses: 1 }], [{ personId: user, uses: 1 }]])
  await sql`update grant_used set last_used_at = last_used_at - interval '2 minutes'`.execute(db)
  await sql`update grant_used_by set last_used_at = last_used_at - interval '2 minutes'`.execute(db)
  await grantUsed(db, [id], user)
  await grantUsed(db, [id], other)
  expect(await uses()).toEqual([
    [{ uses: 2 }],
    [
      { personId: user, uses: 2 },
      { personId: other, uses: 1 },
    ],
  ])
  // Where nobody stands behind it, the use counts as the grant's alone.
  await sql`update grant_used set last_used_at = last_used_at - interval '2 minutes'`.execute(db)
  await grantUsed(db, [id], undefined)
  expect(await uses()).toMatchObject([[{ uses: 3 }], [{ uses: 2 }, { uses: 1 }]])
})
