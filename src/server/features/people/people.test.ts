import { afterAll, beforeAll, expect, test } from 'vitest'
import { builtInRoles } from '../../../contract/built-in-roles.ts'
import { PersonDetail, people } from '../../../contract/people.ts'
import { TeamDetail, TeamUpdate } from '../../../contract/teams.ts'
import { connect } from '../../db/connect.ts'
import { newId } from '../../db/new-id.ts'
import type { Actor } from '../../decision/types.ts'
import { actorWith, within } from '../../testing/bare-scope.ts'
import { cloneDatabase } from '../../testing/test-database.ts'
import { grantHandlers } from '../grants/routes.ts'
import { teamHandlers } from '../teams/routes.ts'
import { peopleHandlers } from './routes.ts'

let db: ReturnType<typeof connect>
const ada = { id: newId(), name: 'Ada' }
const root = actorWith(ada)
const lead = actorWith(ada, builtInRoles.teamLead.permissions)

beforeAll(async () => {
  db = connect(await cloneDatabase(), { role: 'sallyport_app' })
  await within(db, root, (scope) =>
    scope.db
      .insertInto('person')
      .values({ ...ada, email: 'ada@meridian.example', source: 'idp' })
      .execute(),
  )
})
afterAll(() => db.destroy())

const list = (query: Record<string, unknown> = {}) =>
  within(db, root, (scope) => peopleHandlers.list(scope, people.list.query.parse(query)))
const view = (personId: string, actor: Actor = root) =>
  within(db, actor, (scope) => peopleHandlers.view(scope, { personId }))
const bring = (csv: string, actor: Actor = root) =>
  within(db, actor, (scope) => peopleHandlers.import(scope, { csv }))
const preview = (csv: string) => within(db, root, (scope) => peopleHandlers.preview(scope, { csv }))
const idOf = async (search: string) => (await list({ search })).items[0]?.id ?? ''
const team = async (search: string) =>
  within(
    db,
    root,
    async (scope) => (await teamHandlers.list(scope, { search, limit: 5 })).items[0]!,
  )
const grantTeam = async (roleId: string, name: string) => {
  const { id } = await team(name)
  return within(db, root, (scope) =>
    grantHandlers.create(scope, {
      roleId,
      subject: { kind: 'team', id },
      scope: { kind: 'organization' },
      reason: '',
    }),
  )
}
const change = (
  teamId: string,
  version: number,
  input: { add?: string[]; remove?: string[]; leads?: string[]; description?: string },
  actor: Actor = root,
) =>
  within(db, actor, (scope) => teamHandlers.update(scope, { teamId, ...input }), {
    expectedVersion: version,
  })

const csv = `email,name,title,team,lead
lin@meridian.example,Lin,Staff engineer,Payments,true
sam@meridian.example,"Sam, Jr.",,Payments,
noor@meridian.example,Noor,Auditor,,`

test('an import says first what it would do, does it, and then finds nothing left to do', async () => {
  expect(await preview(csv)).toMatchObject({ added: 3, changed: 0, errors: 0 })
  expect((await list()).items.map(({ name }) => name)).toEqual(['Ada'])
  expect(await bring(csv)).toMatchObject({ added: 3 })
  expect((await list()).items.map(({ name }) => name)).toEqual(['Ada', 'Lin', 'Noor', 'Sam, Jr.'])
  expect(await preview(csv)).toMatchObject({ added: 0, changed: 0, unchanged: 3 })
  const renamed = 'name,email\nSamuel,SAM@meridian.example'
  expect(await preview(renamed)).toMatchObject({
    changed: 1,
    lines: [{ line: 2, what: 'changed' }],
  })
})

test('one faulty line imports nothing, and is named', async () => {
  const faulty = `${csv}\nnew@meridian.example,New\nnot-an-address,Nobody,,,`
  const result = await preview(faulty)
  expect(result.lines.filter(({ what }) => what === 'error').map(({ line }) => line)).toEqual([
    5, 6,
  ])
  await expect(bring(faulty)).rejects.toMatchObject({
    code: 'invalid_input',
    details: { fields: [{ path: 'csv.5' }, { path: 'csv.6' }] },
  })
  expect(await idOf('new@')).toBe('')
  await expect(preview('email,secret\na,b')).rejects.toMatchObject({ code: 'invalid_input' })
})

test("a person's access shows each path: grant, role, scope, by which team", async () => {
  await grantTeam(builtInRoles.developer.id, 'Payments')
  const lin = PersonDetail.parse(await view(await idOf('lin@')))
  expect(lin.teams).toMatchObject([{ name: 'Payments', lead: true }])
  expect(lin.access).toMatchObject([
    {
      role: { name: 'Developer' },
      scope: { kind: 'organization' },
      via: { kind: 'team', name: 'Payments' },
    },
  ])
  // Who may not see grants sees the person without them.
  expect((await view(lin.id, actorWith(ada, ['person:view']))).access).toEqual([])
})

test('nobody writes themselves or others into a team that holds more than they do', async () => {
  const noor = await idOf('noor@')
  await bring('email,name,title,team,lead\nkim@meridian.example,Kim,,Security,true')
  await grantTeam(builtInRoles.securityAdmin.id, 'Security')
  const security = await team('Security')
  await expect(change(security.id, 1, { add: [noor] }, lead)).rejects.toMatchObject({
    code: 'forbidden',
  })
  const importer = actorWith(ada, ['person:import', 'person:view'])
  await expect(
    bring('email,name,team\nnoor@meridian.example,Noor,Security', importer),
  ).rejects.toMatchObject({ code: 'forbidden' })
  // Negative control: who holds it all may.
  const changed = TeamDetail.parse(await change(security.id, 1, { add: [noor], leads: [noor] }))
  expect(changed).toMatchObject({ members: 2, leads: [{ name: 'Noor' }], version: 2 })
})

test('neither emptying the team nor leaving takes the last administrator away', async () => {
  const security = await team('Security')
  const { people: members } = await within(db, root, (scope) =>
    teamHandlers.view(scope, { teamId: security.id }),
  )
  const everybody = members.map(({ person }) => person.id)
  // Both have signed in before; whoever never did is nobody to count on.
  await within(db, root, (scope) =>
    scope.db
      .updateTable('person')
      .set((set) => ({ issuer: 'https://idp.example', subject: set.ref('email') }))
      .where('id', 'in', everybody)
      .execute(),
  )
  await expect(change(security.id, 2, { remove: everybody })).rejects.toMatchObject({
    code: 'last_administrator',
  })
  const [first = '', second = ''] = everybody
  await change(security.id, 2, { remove: [second] })
  const left = (id: string) =>
    within(db, root, (scope) => peopleHandlers.update(scope, { personId: id, state: 'left' }), {
      expectedVersion: 1,
    })
  await expect(left(first)).rejects.toMatchObject({ code: 'last_administrator' })
  // Negative control: anybody else may leave; and of two who say so, the second is told (P43).
  expect(await left(second)).toMatchObject({ state: 'left', version: 2 })
  await expect(left(second)).rejects.toMatchObject({ code: 'stale' })
})

test('a membership of the identity provider is not removed here; a stale change of a team is told (P43)', async () => {
  const payments = await team('Payments')
  const sam = await idOf('sam@')
  await within(db, root, (scope) =>
    scope.db.updateTable('teamMember').set({ source: 'idp' }).where('personId', '=', sam).execute(),
  )
  await expect(change(payments.id, 1, { remove: [sam] })).rejects.toMatchObject({
    code: 'invalid_input',
  })
  await change(payments.id, 1, { description: 'Moves money' })
  await expect(change(payments.id, 1, { description: 'Late' })).rejects.toMatchObject({
    code: 'stale',
    details: { current: { description: 'Moves money', version: 2 } },
  })
})

test('lists page by name, search literally, and refuse foreign cursors and unknown fields (P16)', async () => {
  const all = (await list({ state: 'any' })).items.map(({ id }) => id)
  const first = await list({ state: 'any', limit: 2 })
  const rest = await list({ state: 'any', limit: 200, cursor: first.next })
  expect([...first.items, ...rest.items].map(({ id }) => id)).toEqual(all)
  expect((await list({ search: '%' })).items).toEqual([])
  const foreign = Buffer.from('["a","b"]').toString('base64url')
  await expect(list({ cursor: foreign })).rejects.toMatchObject({ code: 'invalid_cursor' })
  expect(people.update.body.safeParse({ state: 'left' }).success).toBe(true)
  expect(people.update.body.safeParse({ state: 'left', source: 'idp' }).success).toBe(false)
  expect(TeamUpdate.safeParse({ idpGroup: 'admins' }).success).toBe(false)
})
