import { createHash, randomUUID } from 'node:crypto'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { builtInRoles } from '../../../contract/built-in-roles.ts'
import { sessions } from '../../../contract/sessions.ts'
import { connect } from '../../db/connect.ts'
import type { Actor } from '../../decision/types.ts'
import { hashApiToken } from '../../http/authenticate/api-token.ts'
import type { Identity } from '../../http/authenticate/identity.ts'
import { seenInDatabase } from '../../http/authenticate/seen.ts'
import { actorWith, within } from '../../testing/bare-scope.ts'
import { cloneDatabase } from '../../testing/test-database.ts'
import { createRole } from '../roles/service.ts'
import { apiTokenHandlers } from '../api-tokens/routes.ts'
import { findLiveToken, narrowedGrants } from '../api-tokens/service.ts'
import { sessionHandlers } from './routes.ts'
import { findSession } from './store.ts'

let url: string
let db: ReturnType<typeof connect>
beforeAll(async () => {
  url = await cloneDatabase()
  db = connect(url, { role: 'sallyport_app' })
})
afterAll(() => db.destroy())

const issuer = 'https://idp.example'
const nobody: Actor = { kind: 'anonymous', id: '', name: '', teams: [], grants: [] }
const identity = (name: string, more: Partial<Identity> = {}): Identity => ({
  issuer,
  subject: name,
  sessionKey: randomUUID(),
  email: `${name}@meridian.example`,
  emailVerified: true,
  name,
  groups: ['payments'],
  expiresAt: new Date(Date.now() + 300_000),
  ...more,
})
const start = (who: Identity) =>
  within(db, nobody, (scope) => sessionHandlers.start(scope, {}), { identity: who })
const person = async (name: string, ...held: Parameters<typeof actorWith>[1][]) => {
  const who = identity(name)
  const session = await start(who)
  const actor = actorWith(session.person, ...held)
  return { who, session, actor: { ...actor, sessionId: session.id } satisfies Actor }
}
const query = { limit: 50, ended: false }

test('a sign-in makes the person and begins one session, however often it is told', async () => {
  const who = identity('mia')
  const first = await start(who)
  const again = await start({ ...who, acr: 'stronger' })
  expect(again.id).toBe(first.id)
  const row = await findSession(db, first.id)
  expect(row).toMatchObject({ personName: 'mia', acr: 'stronger', endedAt: null })
})

test('without an e-mail nobody signs in, and another person does not take over a session', async () => {
  const { email: _, ...without } = identity('noname')
  await expect(start(without)).rejects.toMatchObject({ code: 'forbidden' })
  const who = identity('first')
  await start(who)
  await expect(start(identity('second', { sessionKey: who.sessionKey }))).rejects.toMatchObject({
    code: 'session_revoked',
  })
})

test("one sees and ends one's own sessions; others' are not there for those who may not", async () => {
  const sam = await person('sam', [])
  const lin = await person('lin', [])
  const mine = await within(db, sam.actor, (scope) => sessionHandlers.mine(scope, query))
  expect(sessions.mine.returns.parse(mine).items).toMatchObject([
    { id: sam.session.id, current: true, revocable: true },
  ])
  await expect(
    within(db, sam.actor, (scope) => sessionHandlers.list(scope, query)),
  ).rejects.toMatchObject({ code: 'forbidden' })
  await expect(
    within(db, sam.actor, (scope) => sessionHandlers.revoke(scope, { sessionId: lin.session.id })),
  ).rejects.toMatchObject({ code: 'not_found' })
  const ended = await within(db, sam.actor, (scope) =>
    sessionHandlers.revoke(scope, { sessionId: sam.session.id }),
  )
  expect(ended).toMatchObject({ endReason: 'ended by its owner', revocable: false })
})

test('an administrator ends a session, and the same sign-in cannot begin it anew', async () => {
  const root = await person('root')
  const sam = await person('gone', [])
  await within(db, root.actor, (scope) =>
    sessionHandlers.revoke(scope, { sessionId: sam.session.id }),
  )
  await expect(start(sam.who)).rejects.toMatchObject({ code: 'session_revoked' })
  // Negative control: a sign-in of its own is welcome.
  await expect(start({ ...sam.who, sessionKey: randomUUID() })).resolves.toMatchObject({
    person: { name: 'gone' },
  })
})

test('an API token is shown once, kept as a hash, narrowed to role and maker, and ends at once', async () => {
  const maker = await person('maker', ['apiToken:create', 'context:view', 'audit:view'])
  const made = await within(db, maker.actor, (scope) =>
    apiTokenHandlers.create(scope, {
      name: 'deploy script',
      roleId: builtInRoles.developer.id,
      expiresInDays: 30,
      allowSensitive: false,
    }),
  )
  const find = async () => findLiveToken(db, hashApiToken(made.token), new Date())
  const live = await find()
  expect(live?.id).toBe(made.id)
  expect(JSON.stringify(live)).not.toContain(made.token)
  const [grant] = narrowedGrants(maker.actor.grants, live?.permissions ?? [])
  expect([...(grant?.permissions ?? [])]).toEqual(['apiToken:create', 'context:view'])
  const late = new Date(Date.now() + 31 * 86_400_000)
  await expect(findLiveToken(db, hashApiToken(made.token), late)).resolves.toBeUndefined()
  const other = await person('other', [])
  await expect(
    within(db, other.actor, (scope) => apiTokenHandlers.revoke(scope, { apiTokenId: made.id })),
  ).rejects.toMatchObject({ code: 'not_found' })
  await within(db, maker.actor, (scope) => apiTokenHandlers.revoke(scope, { apiTokenId: made.id }))
  await expect(find()).resolves.toBeUndefined()
})

test('nobody makes a token of a role in which they hold nothing, nor without apiToken:create', async () => {
  const { actor: maker } = await person('role-maker', ['role:create', 'context:view'])
  const looking = { name: 'Looking', description: '', permissions: ['context:view' as const] }
  const input = {
    name: 'x',
    roleId: await within(db, maker, (scope) => createRole(scope, looking)),
    expiresInDays: 1,
    allowSensitive: false,
  }
  for (const held of [['apiToken:create'], ['context:view']] as const) {
    const { actor } = await person(`poor-${held[0].replace(':', '-')}`, [...held])
    await expect(
      within(db, actor, (scope) => apiTokenHandlers.create(scope, input)),
    ).rejects.toMatchObject({ code: 'forbidden' })
  }
})

test('P21: one proof shown to four servers at once, 250 times each, passes once', async () => {
  const servers = Array.from({ length: 4 }, () => connect(url, { role: 'sallyport_app', max: 8 }))
  const hash = createHash('sha256').update(randomUUID()).digest()
  const until = new Date(Date.now() + 60_000)
  const tries = await Promise.all(
    servers.flatMap((pool) => Array.from({ length: 250 }, () => seenInDatabase(pool)(hash, until))),
  )
  await Promise.all(servers.map((pool) => pool.destroy()))
  expect(tries.filter(Boolean)).toHaveLength(1)
})
