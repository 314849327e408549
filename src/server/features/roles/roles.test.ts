import { afterAll, beforeAll, expect, test } from 'vitest'
import { builtInRoles } from '../../../contract/built-in-roles.ts'
import { permissions, type Permission } from '../../../contract/permissions.ts'
import { Role, RoleCreate, RoleDetail } from '../../../contract/roles.ts'
import { connect } from '../../db/connect.ts'
import { newId } from '../../db/new-id.ts'
import type { Actor } from '../../decision/types.ts'
import { actorWith, within } from '../../testing/bare-scope.ts'
import { cloneDatabase } from '../../testing/test-database.ts'
import { grantHandlers } from '../grants/routes.ts'
import { roleHandlers } from './routes.ts'

let db: ReturnType<typeof connect>
const ada = { id: newId(), name: 'Ada' }
const sam = { id: newId(), name: 'Sam' }
const root = actorWith(ada)

beforeAll(async () => {
  db = connect(await cloneDatabase(), { role: 'sallyport_app' })
  await within(db, root, (scope) =>
    scope.db
      .insertInto('person')
      .values(
        [ada, sam].map((one) => ({
          id: one.id,
          name: one.name,
          email: `${one.name}@meridian.example`,
          source: 'idp' as const,
          issuer: 'https://idp.example',
          subject: one.name,
        })),
      )
      .execute(),
  )
})
afterAll(() => db.destroy())

const create = (name: string, held: Permission[], actor: Actor = root) =>
  within(db, actor, (scope) =>
    roleHandlers.create(scope, { name, description: '', permissions: held }),
  )
const update = (
  roleId: string,
  version: number,
  change: { permissions?: Permission[]; name?: string },
  actor: Actor = root,
) =>
  within(
    db,
    actor,
    async (scope) => (await (await roleHandlers.update(scope, { roleId, ...change }))())(scope),
    { expectedVersion: version },
  )
const remove = (roleId: string, expectedVersion = 1) =>
  within(db, root, (scope) => roleHandlers.remove(scope, { roleId }), { expectedVersion })
const grant = (roleId: string, person: { id: string }) =>
  within(db, root, (scope) =>
    grantHandlers.create(scope, {
      roleId,
      subject: { kind: 'person', id: person.id },
      scope: { kind: 'organization' },
      reason: '',
    }),
  )

test('the built-in roles lead the list, and cannot be edited or deleted, not even by everything', async () => {
  const { items } = await within(db, root, (scope) => roleHandlers.list(scope, { limit: 50 }))
  expect(items.slice(0, 4).map(({ name }) => name)).toEqual(
    Object.values(builtInRoles).map(({ name }) => name),
  )
  for (const item of items) Role.parse(item)
  const { id } = builtInRoles.developer
  expect(items.find((item) => item.id === id)?.allowed).not.toContain('role:update')
  await expect(update(id, 1, { name: 'Mine' })).rejects.toMatchObject({ code: 'built_in' })
  await expect(remove(id)).rejects.toMatchObject({ code: 'built_in' })
})

test('a copy is a role of its own: edited, searched by permission, deleted', async () => {
  const copy = await create('Release manager', [...builtInRoles.teamLead.permissions])
  expect(copy).toMatchObject({ builtIn: false, version: 1, grants: 0 })
  expect(copy.allowed).toContain('role:update')
  const changed = await update(copy.id, 1, { permissions: ['context:view', 'policy:enforce'] })
  expect(changed).toMatchObject({ version: 2, permissions: ['context:view', 'policy:enforce'] })
  const found = await within(db, root, (scope) =>
    roleHandlers.list(scope, { limit: 50, search: 'policy:enforce' }),
  )
  expect(found.items.map(({ name }) => name)).toEqual(['Security admin', 'Release manager'])
  const wild = await within(db, root, (scope) =>
    roleHandlers.list(scope, { limit: 50, search: '%_%' }),
  )
  expect(wild.items).toEqual([])
  await remove(copy.id, 2)
  await expect(
    within(db, root, (scope) => roleHandlers.view(scope, { roleId: copy.id })),
  ).rejects.toMatchObject({ code: 'not_found' })
})

test('of two who edit a role, the second is told and shown what there is (P43)', async () => {
  const role = await create('Raced', ['context:view'])
  await update(role.id, 1, { name: 'Raced first' })
  await expect(update(role.id, 1, { name: 'Raced second' })).rejects.toMatchObject({
    code: 'stale',
    details: { current: { name: 'Raced first', version: 2 } },
  })
})

test('a name is taken once, in any case of letters', async () => {
  await create('Night shift', ['context:view'])
  await expect(create('night SHIFT', ['context:view'])).rejects.toMatchObject({
    constraint: 'role_name_key',
  })
})

test('nobody widens a role by what they do not hold', async () => {
  const role = await create('Widened', ['context:view'])
  const narrow = actorWith(sam, ['role:view', 'role:update', 'context:view', 'context:use'])
  await expect(
    update(role.id, 1, { permissions: ['context:view', 'policy:enforce'] }, narrow),
  ).rejects.toMatchObject({ code: 'forbidden', details: { permission: 'policy:enforce' } })
  // What is held may be added, and anything taken away.
  const done = await update(role.id, 1, { permissions: ['context:use'] }, narrow)
  expect(done.permissions).toEqual(['context:use'])
})

test('the impact says who gains and loses what, and leaves out what they hold otherwise', async () => {
  const role = await create('Watcher', ['context:view', 'audit:view'])
  await grant(role.id, sam)
  await grant(builtInRoles.developer.id, sam)
  const impact = await within(db, root, (scope) =>
    roleHandlers.impact(scope, { roleId: role.id, permissions: ['secret:store', 'context:use'] }),
  )
  expect(impact.total).toBe(1)
  expect(impact.people[0]).toMatchObject({
    person: { name: 'Sam' },
    gains: ['secret:store'],
    loses: ['audit:view'],
  })
  const blind = actorWith(sam, ['role:view'])
  const unseen = await within(db, blind, (scope) =>
    roleHandlers.impact(scope, { roleId: role.id, permissions: ['secret:store'] }),
  )
  expect(unseen).toEqual({ people: [], total: 0, uses: null, notHeld: ['secret:store'] })
  const detail = await within(db, root, (scope) => roleHandlers.view(scope, { roleId: role.id }))
  expect(RoleDetail.parse(detail).holders).toMatchObject([{ subject: { name: 'Sam' } }])
  await expect(remove(role.id)).rejects.toMatchObject({ code: 'in_use' })
})

test('the role that makes the last administrator cannot be narrowed', async () => {
  const role = await create('Everything', [...permissions])
  await grant(role.id, ada)
  const narrowed = permissions.filter((permission) => permission !== 'audit:export')
  await expect(update(role.id, 1, { permissions: narrowed })).rejects.toMatchObject({
    code: 'last_administrator',
  })
  // Negative control: with another administrator it goes through.
  await grant(builtInRoles.securityAdmin.id, sam)
  expect(await update(role.id, 1, { permissions: narrowed })).toMatchObject({ version: 2 })
})

test('unknown and privileged fields are refused (P16)', () => {
  const body = { name: 'Plain', permissions: ['context:view'] }
  expect(RoleCreate.safeParse(body).success).toBe(true)
  for (const extra of [{ builtIn: true }, { id: newId() }, { version: 3 }, { other: 1 }]) {
    expect(RoleCreate.safeParse({ ...body, ...extra }).success).toBe(false)
  }
  expect(RoleCreate.safeParse({ ...body, permissions: ['root:all'] }).success).toBe(false)
})
