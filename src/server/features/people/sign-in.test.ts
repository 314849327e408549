import { afterAll, beforeAll, expect, test } from 'vitest'
import { connect, type Db } from '../../db/connect.ts'
import { inTransaction, type Transaction } from '../../db/transaction.ts'
import { newId } from '../../db/new-id.ts'
import { emit } from '../../ledger/emit.ts'
import { actorWith, within } from '../../testing/bare-scope.ts'
import { cloneDatabase } from '../../testing/test-database.ts'
import {
  grantFirstAdministrator,
  hasAdministrator,
  keepingAnAdministrator,
} from '../grants/service.ts'
import { signInPerson, type SignInClaims } from './service.ts'

let db: ReturnType<typeof connect>
beforeAll(async () => {
  db = connect(await cloneDatabase(), { role: 'sallyport_app' })
})
afterAll(() => db.destroy())

const nobody = actorWith({ id: newId(), name: 'Nobody' }, [])
/** As the door does: the change and an event in one transaction. */
const change = <T>(work: (db: Db, transaction: Transaction) => Promise<T>) =>
  inTransaction(db, { readOnly: false }, async (open, transaction) => {
    const result = await work(open, transaction)
    emit(transaction, {
      actor: { kind: 'system', id: 'test', name: 'test' },
      action: 'sessions.start',
      outcome: 'permitted',
    })
    return result
  })
const claims = (name: string, more: Partial<SignInClaims> = {}): SignInClaims => ({
  issuer: 'https://idp.example',
  subject: `sub-${name}`,
  email: `${name}@meridian.example`,
  emailVerified: true,
  name,
  ...more,
})
const signIn = (given: SignInClaims) => within(db, nobody, (scope) => signInPerson(scope, given))
const imported = (name: string, state: 'active' | 'left' = 'active') =>
  change(async (open) => {
    const id = newId()
    const leftAt = state === 'left' ? new Date() : null
    await open
      .insertInto('person')
      .values({ id, email: `${name}@meridian.example`, name, source: 'import', state, leftAt })
      .execute()
    return id
  })

test('a first sign-in makes the person and their teams; later ones follow the groups', async () => {
  const first = await signIn(claims('Ida', { groups: ['Payments', 'Core'] }))
  expect(first).toMatchObject({ how: 'created', joined: ['Payments', 'Core'], left: [] })
  const later = await signIn(claims('Ida', { groups: ['Core', 'Search'] }))
  expect(later).toMatchObject({ how: 'known', joined: ['Search'], left: ['Payments'] })
  expect(later.person.id).toBe(first.person.id)
  const silent = await signIn(claims('Ida'))
  expect(silent).toMatchObject({ joined: [], left: [] })
})

test('somebody imported is linked by a verified e-mail, and by no unverified one', async () => {
  const id = await imported('jon')
  await expect(
    signIn(claims('Jon', { email: 'JON@meridian.example', emailVerified: false })),
  ).rejects.toMatchObject({ code: 'conflict' })
  const linked = await signIn(claims('Jon', { email: 'JON@meridian.example' }))
  expect(linked).toMatchObject({ how: 'linked', person: { id } })
})

test('an e-mail does not hand one identity the account of another', async () => {
  await signIn(claims('Kim'))
  await expect(signIn(claims('Kim', { subject: 'somebody-else' }))).rejects.toMatchObject({
    code: 'conflict',
  })
})

test('who has left stays out', async () => {
  await imported('lou', 'left')
  await expect(signIn(claims('lou'))).rejects.toMatchObject({ code: 'forbidden' })
})

test('the first administrator is whom the setting names, once, by a grant that cannot be taken last', async () => {
  const { person } = await signIn(claims('Ada'))
  const candidate = { personId: person.id, email: person.email }
  const grant = (given: Parameters<typeof grantFirstAdministrator>[1], admin?: string) =>
    change((open) => grantFirstAdministrator(open, given, admin))
  expect(await grant({ ...candidate, emailVerified: true })).toBeUndefined()
  expect(await grant(candidate, person.email)).toBeUndefined()
  expect(await grant({ ...candidate, groups: ['ops'] }, 'group:admins')).toBeUndefined()
  expect(await hasAdministrator(db)).toBe(false)
  const id = await grant({ ...candidate, groups: ['admins'] }, 'group:admins')
  expect(id).toEqual(expect.any(String))
  expect(await hasAdministrator(db)).toBe(true)
  expect(await grant({ ...candidate, groups: ['admins'] }, 'group:admins')).toBeUndefined()

  const ways: Record<string, (open: Db) => Promise<unknown>> = {
    revoke: (open) =>
      open.updateTable('accessGrant').set({ endedAt: new Date() }).where('id', '=', id!).execute(),
    expire: (open) =>
      open
        .updateTable('accessGrant')
        .set({ expiresAt: new Date('2099-01-01') })
        .where('id', '=', id!)
        .execute(),
    leave: (open) =>
      open
        .updateTable('person')
        .set({ state: 'left', leftAt: new Date() })
        .where('id', '=', person.id)
        .execute(),
  }
  for (const way of Object.values(ways)) {
    await expect(
      within(db, nobody, (scope) => keepingAnAdministrator(scope, () => way(scope.db))),
    ).rejects.toMatchObject({ code: 'last_administrator' })
    expect(await hasAdministrator(db)).toBe(true)
  }
  // Negative control: without the guard each of them goes through.
  await change((open) => ways['revoke']!(open))
  expect(await hasAdministrator(db)).toBe(false)
})
