import { afterAll, beforeAll, expect, test } from 'vitest'
import { builtInRoles } from '../../../contract/built-in-roles.ts'
import { Grant, GrantCreate, grants } from '../../../contract/grants.ts'
import type { Permission } from '../../../contract/permissions.ts'
import { connect } from '../../db/connect.ts'
import { newId } from '../../db/new-id.ts'
import type { Actor } from '../../decision/types.ts'
import { actorWith, within, type BareOptions } from '../../testing/bare-scope.ts'
import { cloneDatabase } from '../../testing/test-database.ts'
import { hasAdministrator } from './administrators.ts'
import { grantHandlers } from './routes.ts'
import { grantResource } from './service.ts'

let db: ReturnType<typeof connect>
const person = (name: string) => ({ id: newId(), name })
const ada = person('Ada')
const ben = person('Ben')
const lin = person('Lin')
const segments = { production: newId(), sandbox: newId() }
const contexts = { prod: newId(), loose: newId() }
const root = actorWith(ada)
const { securityAdmin, developer, teamLead } = builtInRoles

beforeAll(async () => {
  db = connect(await cloneDatabase(), { role: 'sallyport_app' })
  await within(db, root, async (scope) => {
    const people = [ada, ben, lin].map((one) => ({
      id: one.id,
      name: one.name,
      email: `${one.name}@meridian.example`,
      source: 'idp' as const,
      issuer: 'https://idp.example',
      subject: one.name,
    }))
    await scope.db.insertInto('person').values(people).execute()
    await scope.db
      .insertInto('segment')
      .values([
        { id: segments.production, name: 'production', tier: 'production' },
        { id: segments.sandbox, name: 'sandbox', tier: 'sandbox' },
      ])
      .execute()
    await scope.db
      .insertInto('context')
      .values([
        { id: contexts.prod, name: 'prod-deploy', segmentId: segments.production },
        { id: contexts.loose, name: 'loose' },
      ])
      .execute()
  })
})
afterAll(() => db.destroy())

type Given = Parameters<typeof grantHandlers.create>[1]
const give = (actor: Actor, more: Partial<Given> = {}) =>
  within(db, actor, (scope) =>
    grantHandlers.create(scope, {
      roleId: developer.id,
      subject: { kind: 'person', id: lin.id },
      scope: { kind: 'organization' },
      reason: '',
      ...more,
    }),
  )
const onGrant = async (id: string, expectedVersion?: number): Promise<BareOptions> => ({
  resource: (await grantResource(db, id))!,
  ...(expectedVersion !== undefined && { expectedVersion }),
})
const list = (actor: Actor, query: Record<string, unknown> = {}) =>
  within(db, actor, async (scope) => grantHandlers.list(scope, grants.list.query.parse(query)))

const lead = (...held: readonly Permission[]) =>
  actorWith(lin, held.length ? held : teamLead.permissions, {
    kind: 'segment',
    id: segments.production,
    name: 'production',
  })

test('a grant is answered whole, and with no key that the schema does not know (P16)', async () => {
  const made = await give(root, { expiresAt: '2099-01-01T00:00:00Z', reason: 'on call' })
  const parsed = Grant.parse(made)
  expect(parsed).toMatchObject({
    role: { name: 'Developer' },
    subject: { kind: 'person', name: 'Lin' },
    scope: { kind: 'organization' },
    state: 'live',
    version: 1,
    grantedBy: { name: 'Ada' },
  })
  expect(parsed.allowed).toContain('grant:revoke')
  for (const extra of [{ grantedBy: ada.id }, { version: 9 }, { unknown: 1 }]) {
    const body = { roleId: developer.id, subject: { kind: 'person', id: lin.id }, reason: '' }
    const whole = { ...body, scope: { kind: 'organization' } }
    expect(GrantCreate.safeParse(whole).success).toBe(true)
    expect(GrantCreate.safeParse({ ...whole, ...extra }).success).toBe(false)
  }
})

test('nobody grants what they do not hold in that scope; the refusal names what is missing', async () => {
  const prod = { kind: 'context' as const, id: contexts.prod }
  await give(lead(), { scope: prod, expiresAt: '2099-01-01T00:00:00Z' })
  await expect(give(lead(), { roleId: securityAdmin.id, scope: prod })).rejects.toMatchObject({
    code: 'forbidden',
    details: { permission: expect.stringContaining('role:update') },
  })
  await expect(give(lead())).rejects.toMatchObject({ code: 'forbidden' })
})

test("what lies outside one's scope answers as what does not exist (P15)", async () => {
  const other = await give(root, { scope: { kind: 'context', id: contexts.loose } })
  const failure = async (work: Promise<unknown>) =>
    work.then(
      () => 'went through',
      (error: { code: string; message: string }) => `${error.code}: ${error.message}`,
    )
  const outside = await failure(give(lead(), { scope: { kind: 'context', id: contexts.loose } }))
  const missing = await failure(give(lead(), { scope: { kind: 'context', id: newId() } }))
  expect(outside).toBe('not_found: There is no such context.')
  expect(missing).toBe(outside)
  const revoke = (id: string) =>
    within(db, lead(), (scope) => grantHandlers.revokeMany(scope, { grantIds: [id], reason: '' }))
  const foreign = await failure(revoke(other.id))
  expect(foreign).toBe('not_found: There is no such grant.')
  expect(await failure(revoke(newId()))).toBe(foreign)
  const seen = await list(lead())
  expect(seen.items.map(({ id }) => id)).not.toContain(other.id)
  // Negative control: who may see it finds it.
  expect((await list(root)).items.map(({ id }) => id)).toContain(other.id)
})

test('of two who change a grant, the second is told (P43)', async () => {
  const made = await give(root, { subject: { kind: 'person', id: ben.id } })
  const change = async (version: number, reason: string) =>
    within(
      db,
      root,
      (scope) => grantHandlers.update(scope, { grantId: made.id, reason }),
      await onGrant(made.id, version),
    )
  expect(await change(1, 'first')).toMatchObject({ reason: 'first', version: 2 })
  await expect(change(1, 'second')).rejects.toMatchObject({
    code: 'stale',
    details: { current: { version: 2, reason: 'first' } },
  })
  expect(await change(2, 'second')).toMatchObject({ reason: 'second', version: 3 })
})

test('the last administrator stays, by revoking, all at once or by an end', async () => {
  const admin = (subject: { id: string }) =>
    give(root, { roleId: securityAdmin.id, subject: { kind: 'person', id: subject.id } })
  const [one, two] = [await admin(ada), await admin(ben)]
  const revokeAll = () =>
    within(db, root, (scope) =>
      grantHandlers.revokeMany(scope, { grantIds: [one.id, two.id], reason: '' }),
    )
  await expect(revokeAll()).rejects.toMatchObject({ code: 'last_administrator' })
  const revoke = async (id: string) =>
    within(
      db,
      root,
      (scope) => grantHandlers.revoke(scope, { grantId: id, reason: 'moved on' }),
      await onGrant(id),
    )
  expect(await revoke(one.id)).toMatchObject({ state: 'ended', endReason: 'moved on' })
  await expect(revoke(two.id)).rejects.toMatchObject({ code: 'last_administrator' })
  const end = async () =>
    within(
      db,
      root,
      (scope) =>
        grantHandlers.update(scope, { grantId: two.id, expiresAt: '2099-01-01T00:00:00Z' }),
      await onGrant(two.id, 1),
    )
  await expect(end()).rejects.toMatchObject({ code: 'last_administrator' })
  expect(await hasAdministrator(db)).toBe(true)
})

test('two who revoke each other at once leave one', async () => {
  const again = await give(root, {
    roleId: securityAdmin.id,
    subject: { kind: 'person', id: ada.id },
  })
  const live = (await list(root, { role: securityAdmin.id })).items
  expect(live.map(({ id }) => id)).toContain(again.id)
  const results = await Promise.allSettled(
    live.map(async ({ id }) =>
      within(
        db,
        root,
        (scope) => grantHandlers.revoke(scope, { grantId: id, reason: '' }),
        await onGrant(id),
      ),
    ),
  )
  expect(results.map(({ status }) => status).toSorted()).toEqual(['fulfilled', 'rejected'])
  expect(await hasAdministrator(db)).toBe(true)
})

test('filters narrow, pages go on where they stopped, a foreign cursor is refused', async () => {
  const all = (await list(root, { state: 'any', limit: '200' })).items.map(({ id }) => id)
  const paged: string[] = []
  let cursor: string | undefined
  do {
    const found = await list(root, { state: 'any', limit: '2', ...(cursor && { cursor }) })
    paged.push(...found.items.map(({ id }) => id))
    cursor = found.next
  } while (cursor)
  expect(paged).toEqual(all)
  expect((await list(root, { state: 'ended' })).items.every(({ state }) => state === 'ended')).toBe(
    true,
  )
  const lasting = (await list(root, { withoutExpiry: 'true' })).items
  expect(lasting.length).toBeGreaterThan(0)
  expect(lasting.every(({ expiresAt }) => expiresAt === undefined)).toBe(true)
  await expect(list(root, { cursor: 'nonsense' })).rejects.toMatchObject({ code: 'invalid_cursor' })
})

test('a context with a live grant cannot go; with an ended one it leaves its name behind', async () => {
  const id = newId()
  const made = await within(db, root, async (scope) => {
    await scope.db.insertInto('context').values({ id, name: 'short-lived' }).execute()
    return grantHandlers.create(scope, {
      roleId: developer.id,
      subject: { kind: 'person', id: lin.id },
      scope: { kind: 'context', id },
      reason: '',
    })
  })
  const drop = () =>
    within(db, root, (scope) => scope.db.deleteFrom('context').where('id', '=', id).execute())
  await expect(drop()).rejects.toMatchObject({ constraint: 'access_grant_scope_check' })
  const resource = await onGrant(made.id)
  await within(
    db,
    root,
    (scope) => grantHandlers.revoke(scope, { grantId: made.id, reason: '' }),
    resource,
  )
  await drop()
  const view = await within(db, root, (scope) => grantHandlers.view(scope, { grantId: made.id }))
  expect(view.scope).toEqual({ kind: 'context', name: 'short-lived' })
})
