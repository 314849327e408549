import { randomBytes } from 'node:crypto'
import { gzipSync } from 'node:zlib'
import { Client } from 'pg'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { contexts } from '../../../contract/contexts.ts'
import { permissions, type Permission } from '../../../contract/permissions.ts'
import { readConfig } from '../../config.ts'
import { connect, type Database } from '../../db/connect.ts'
import { newId } from '../../db/new-id.ts'
import { inTransaction } from '../../db/transaction.ts'
import { createDecider } from '../../decision/decide.ts'
import { noPolicies } from '../../decision/policy-judge.ts'
import type { Actor, GrantScope } from '../../decision/types.ts'
import { problemOf } from '../../http/constraints.ts'
import { problem, ProblemError } from '../../http/problem.ts'
import type { Record as EventRecord, Scope } from '../../http/scope.ts'
import { emit } from '../../ledger/emit.ts'
import { cloneDatabase } from '../../testing/test-database.ts'
import { masterKeyProvider } from '../../vault/key-wrap.ts'
import { openVault, type Vault } from '../../vault/vault.ts'
import { contextHandlers } from './routes.ts'
import { contextResource } from './service.ts'
import { vaultKeys } from './vault-keys.ts'

const canary = `canary-${randomBytes(12).toString('hex')}`
let url: string
let db: Database
let vault: Vault
let handlers: ReturnType<typeof contextHandlers>
const ids = { segment: newId(), other: newId(), team: newId(), project: newId(), person: newId() }
const unseen = { issuer: null, subject: null, leftAt: null, lastSeenAt: null }
const told: unknown[] = []

beforeAll(async () => {
  url = await cloneDatabase()
  db = connect(url, { role: 'sallyport_app', max: 4 })
  vault = await openVault(masterKeyProvider(randomBytes(32)), vaultKeys(db))
  handlers = contextHandlers({ vault, policies: { current: async () => noPolicies } })
  await inTransaction(db, { readOnly: false }, async (open, transaction) => {
    await open
      .insertInto('segment')
      .values([
        { id: ids.segment, name: 'production', tier: 'production' },
        { id: ids.other, name: 'staging', tier: 'staging' },
      ])
      .execute()
    await open
      .insertInto('team')
      .values({ id: ids.team, name: 'Payments', slug: 'payments', idpGroup: null })
      .execute()
    await open
      .insertInto('person')
      .values({ id: ids.person, email: 'ada@x.example', name: 'Ada', source: 'import', ...unseen })
      .execute()
    await open
      .insertInto('project')
      .values({
        id: ids.project,
        name: 'checkout',
        slug: 'gh/x/checkout',
        provider: 'github',
        repository: 'x/checkout',
        segmentId: ids.segment,
        teamId: ids.team,
        externalId: null,
        renamedFrom: null,
      })
      .execute()
    emit(transaction, { actor: system, action: 'test.seed', outcome: 'permitted' })
  })
})
afterAll(() => db.destroy())

const system = { kind: 'system', id: 'test', name: 'test' }
function actorWith(scope: GrantScope, held: readonly Permission[] = permissions): Actor {
  const via = { kind: 'person', id: ids.person, name: 'Ada' } as const
  const grant = { id: newId(), roleId: newId(), roleName: 'Role', permissions: new Set(held) }
  const grants = [{ ...grant, scope, via }]
  return { kind: 'person', id: ids.person, personId: ids.person, name: 'Ada', teams: [], grants }
}
const ada = actorWith({ kind: 'organization', name: 'the organization' })
const lin = actorWith({ kind: 'segment', id: ids.segment, name: 'production' })

/** What an operation that prepares answers is carried out; anything else is the answer. */
const carriedOut = async (answer: unknown, scope: Scope): Promise<unknown> =>
  typeof answer === 'function'
    ? (await (answer as () => Promise<(inside: Scope) => Promise<unknown>>)())(scope)
    : answer

/** As the door does it: one transaction, the operation's answer parsed by its schema, one event with what was told. */
async function call<V extends keyof typeof contexts>(
  actor: Actor,
  verb: V,
  input: object,
  expectedVersion?: number,
): Promise<ReturnType<(typeof contexts)[V]['returns']['parse']>> {
  const spec = contexts[verb]
  const decider = createDecider({ policies: noPolicies })
  const body = 'body' in spec ? spec.body : undefined
  try {
    return await inTransaction(db, { readOnly: 'readOnly' in spec }, async (open, transaction) => {
      let record: EventRecord = {}
      const scope: Scope = {
        db: open,
        transaction,
        actor,
        now: transaction.now,
        request: { id: 'r', ip: '127.0.0.1', userAgent: 't', method: spec.method, path: spec.path },
        config: readConfig({}),
        ...(expectedVersion !== undefined && { expectedVersion }),
        decide: (action, resource) => decider.decide({ actor, action, resource }),
        demand(action, resource) {
          const decision = decider.decide({ actor, action, resource })
          if (decision.outcome === 'denied') throw problem('forbidden', decision.sentence)
          return decision
        },
        reach: (action) => decider.reach(actor, action),
        allowed: (resource) => decider.allowed(actor, resource),
        record(more) {
          record = { ...record, ...more }
        },
        also: () => {},
        actAs: () => {},
        decided: () => newId(),
        decideForOthers: async () => (other, action, resource, facts) =>
          decider.decide({ actor: other, action, resource, facts }),
      }
      const id = (input as { contextId?: string }).contextId
      if ('on' in spec && spec.on === 'context' && id) {
        const resource = await contextResource(open, id)
        if (!resource) throw problem('not_found', 'There is no such context.')
        scope.demand(spec.may, resource)
      }
      const handle = handlers[verb] as unknown as (s: Scope, i: object) => Promise<unknown>
      const parsed = body && !('contextId' in input) ? body.parse(input) : input
      const answer = spec.returns.parse(await carriedOut(await handle(scope, parsed), scope))
      if (!('readOnly' in spec) && spec.method !== 'GET') {
        const { before, after, detail } = record
        told.push(record)
        const event = { actor: system, action: `contexts.${verb}`, outcome: 'permitted' } as const
        emit(transaction, { ...event, before, after, detail })
      }
      return answer as ReturnType<(typeof contexts)[V]['returns']['parse']>
    })
  } catch (error) {
    throw problemOf(error) ?? error
  }
}

const codeOf = (attempt: Promise<unknown>) =>
  attempt.then(
    () => 'done',
    (error: unknown) => (error instanceof ProblemError ? error.code : String(error)),
  )
let made = 0
const create = (actor: Actor, more: object = {}) =>
  call(actor, 'create', { name: `context-${++made}`, ...more })
const list = { limit: 200 }

test('create, rename, describe, delete by typed name; a taken name and a stale version are refused', async () => {
  const context = await create(ada, { description: 'deploys', segmentId: ids.segment })
  expect(context).toMatchObject({ closed: true, secrets: 0, segment: { name: 'production' } })
  const contextId = context.id
  const taken = { name: context.name.toUpperCase(), segmentId: null }
  expect(await codeOf(call(ada, 'create', taken))).toBe('name_taken')
  const renamed = await call(ada, 'update', { contextId, name: 'deploy-prod' }, 1)
  expect(renamed).toMatchObject({ name: 'deploy-prod', version: 2 })
  expect(await codeOf(call(ada, 'update', { contextId, name: 'x' }, 1))).toBe('stale')
  expect(await codeOf(call(ada, 'remove', { contextId, confirm: 'deploy' }, 2))).toBe(
    'invalid_input',
  )
  await call(ada, 'remove', { contextId, confirm: 'deploy-prod' }, 2)
  expect(await codeOf(call(ada, 'view', { contextId }))).toBe('not_found')
})

test('a grant on a segment sees and changes what lies in it, and nothing else', async () => {
  const inside = await create(lin, { segmentId: ids.segment })
  const outside = await create(ada, { segmentId: ids.other })
  expect(await codeOf(create(lin, { segmentId: ids.other }))).toBe('invalid_input')
  expect(await codeOf(create(lin))).toBe('forbidden')
  const seen = (await call(lin, 'list', list)).items.map(({ id }) => id)
  expect(seen).toContain(inside.id)
  expect(seen).not.toContain(outside.id)
  const contextId = outside.id
  expect(await codeOf(call(lin, 'store', { contextId, name: 'A', value: 'b' }))).toBe('forbidden')
  const move = { contextId: inside.id, segmentId: ids.other }
  expect(await codeOf(call(lin, 'update', move, 1))).toBe('invalid_input')
})

test('forms offer what one may see, and say where one may create', async () => {
  const all = await call(ada, 'options', {})
  expect(all.segments.map(({ name }) => name)).toEqual(['production', 'staging'])
  expect(all.mayCreateOutside).toBe(true)
  const few = await call(lin, 'options', {})
  expect(few).toMatchObject({
    segments: [{ name: 'production', mayCreate: true }],
    mayCreateOutside: false,
  })
})

test('lists page by name, and filter', async () => {
  const all = (await call(ada, 'list', list)).items
  const first = await call(ada, 'list', { limit: 1 })
  const rest = await call(ada, 'list', { limit: 200, cursor: first.next })
  expect([...first.items, ...rest.items].map(({ id }) => id)).toEqual(all.map(({ id }) => id))
  expect(await codeOf(call(ada, 'list', { limit: 2, cursor: 'nonsense' }))).toBe('invalid_cursor')
  const found = await call(ada, 'list', { ...list, q: '%' })
  expect(found.items).toEqual([])
})

test('secrets: stored, replaced, rolled back, deleted; never shown; the same value elsewhere is told', async () => {
  const { id: contextId } = await create(ada)
  const { id: otherId, name: otherName } = await create(ada, { segmentId: ids.other })
  const name = 'API_KEY'
  const stored = await call(ada, 'store', { contextId, name, value: canary })
  expect(stored).toMatchObject({ currentVersion: 1, sameIn: { contexts: 0 } })
  expect(stored.token).toMatch(/^sp_tok_/)
  const replaced = await call(ada, 'store', { contextId, name, value: 'second' })
  expect(replaced.token).not.toBe(stored.token)
  const back = await call(ada, 'rollback', { contextId, name, version: 1 }, 2)
  expect(back).toMatchObject({ currentVersion: 3, token: stored.token })
  const again = (version: number) => codeOf(call(ada, 'rollback', { contextId, name, version }, 3))
  expect(await again(3)).toBe('conflict')
  expect(await again(9)).toBe('not_found')
  const history = await call(ada, 'versions', { contextId, name })
  expect(history.items.map(({ version, how }) => [version, how])).toEqual([
    [3, 'rolled_back'],
    [2, 'stored'],
    [1, 'stored'],
  ])
  await call(ada, 'store', { contextId: otherId, name: 'SAME', value: canary })
  const shown = await call(ada, 'secrets', { contextId })
  expect(shown.items[0]?.sameIn).toEqual({ contexts: 1, names: [otherName] })
  const row = await db.selectFrom('secretVersion').selectAll().where('version', '=', 3).execute()
  const place = { contextId, secretId: stored.id, name, version: 3 }
  expect(vault.open(row[0]!.sealed, place).toString()).toBe(canary)
  await call(ada, 'removeSecret', { contextId, name }, 3)
  expect(await codeOf(call(ada, 'removeSecret', { contextId, name }))).toBe('not_found')
})

test('a reader who may not see the other context is told of it by number only', async () => {
  const inside = await create(ada, { segmentId: ids.segment })
  const outside = await create(ada, { segmentId: ids.other })
  for (const { id } of [inside, outside]) {
    await call(ada, 'store', { contextId: id, name: 'SHARED', value: 'the same everywhere' })
  }
  const seen = await call(lin, 'secrets', { contextId: inside.id })
  expect(seen.items[0]?.sameIn).toEqual({ contexts: 1, names: [] })
})

test('a .env text: previewed line by line, imported all or none', async () => {
  const { id: contextId } = await create(ada)
  await call(ada, 'store', { contextId, name: 'OLD', value: 'old' })
  await call(ada, 'store', { contextId, name: 'KEPT', value: 'kept' })
  const text = `OLD=new\nKEPT=kept\nFRESH="${canary}"\n`
  const preview = await call(ada, 'previewImport', { contextId, text })
  expect(preview.items.map(({ change }) => change)).toEqual(['replace', 'same', 'new'])
  const broken = call(ada, 'importSecrets', { contextId, text: `${text}1X=\n` })
  expect(await codeOf(broken)).toBe('invalid_input')
  expect((await call(ada, 'secrets', { contextId })).items).toHaveLength(2)
  const counts = await call(ada, 'importSecrets', { contextId, text })
  expect(counts).toEqual({ stored: 1, replaced: 1, unchanged: 1 })
})

test('limits: the hundred-and-first secret, also when two are stored at once', async () => {
  const { id: contextId } = await create(ada)
  const text = Array.from({ length: 99 }, (_, index) => `S${index}=x`).join('\n')
  await call(ada, 'importSecrets', { contextId, text })
  const two = ['LAST', 'ONE_TOO_MANY'].map((name) =>
    codeOf(call(ada, 'store', { contextId, name, value: '' })),
  )
  expect((await Promise.all(two)).toSorted((a, b) => a.localeCompare(b))).toEqual([
    'done',
    'limit_reached',
  ])
  const { value } = contexts.store.body.shape
  expect(value.safeParse('x'.repeat(32_000)).success).toBe(true)
  expect(value.safeParse('x'.repeat(32_001)).error?.issues[0]?.message).toContain('32,000')
})

test('restrictions: none is closed, kinds combine, faults of an expression are told with their position', async () => {
  const { id: contextId } = await create(ada)
  const run = { contextId, ...contexts.tryRun.body.parse({ projectId: ids.project }) }
  const closed = await call(ada, 'tryRun', run)
  expect(closed).toMatchObject({ outcome: 'denied' })
  expect(closed.sentence).toContain('closed')
  const add = (restriction: object) => call(ada, 'restrict', { contextId, restriction })
  const byProject = await add({ kind: 'project', targetId: ids.project })
  expect(await call(ada, 'tryRun', run)).toMatchObject({ outcome: 'permitted' })
  expect(await codeOf(add({ kind: 'project', targetId: ids.project }))).toBe('conflict')
  expect(await codeOf(add({ kind: 'team', targetId: newId() }))).toBe('invalid_input')
  await add({ kind: 'expression', expression: 'pipeline.git.branch == "main"' })
  expect(await call(ada, 'tryRun', run)).toMatchObject({ outcome: 'denied' })
  expect(await call(ada, 'tryRun', { ...run, branch: 'main' })).toMatchObject({
    outcome: 'permitted',
  })
  const told = await call(ada, 'tryRun', { ...run, branch: 'other', environment: 'production' })
  expect(told.clauses.filter(({ layer }) => layer === 'restriction')).toMatchObject([
    { depth: 0, value: 'true' },
    { depth: 1, value: 'true' },
    { depth: 0, value: 'false', actual: 'pipeline.git.branch is "other"' },
  ])
  const wrong = add({ kind: 'expression', expression: 'pipeline.git.branch == ' })
  await expect(wrong).rejects.toThrow(/not right at character \d+/)
  const checked = await call(ada, 'checkExpression', { expression: 'pipeline.nothing == 1' })
  expect(checked.faults[0]).toMatchObject({ from: 0, to: 16 })
  const { version } = await call(ada, 'restrictions', { contextId })
  await call(ada, 'removeRestriction', { contextId, restrictionId: byProject.id }, version)
  expect((await call(ada, 'restrictions', { contextId })).items).toHaveLength(1)
})

test('P31: no plaintext in any row of the database nor in what events are told; the control finds one', async () => {
  const everything = Buffer.concat([await everyRow(), Buffer.from(JSON.stringify(told))])
  expect(everything.includes('SHARED')).toBe(true)
  expect(findings(everything, canary)).toEqual([])
  for (const form of ['hex', 'base64'] as const) {
    const leak = Buffer.from(`x${Buffer.from(canary).toString(form)}`)
    expect(findings(Buffer.concat([everything, leak]), canary)).toEqual([form])
  }
})

/** Every row of every table as text: what a dump of the database holds, whatever version of pg_dump is about. */
async function everyRow(): Promise<Buffer> {
  const client = new Client({ connectionString: url })
  await client.connect()
  try {
    const tables = await client.query<{ name: string }>(
      `select quote_ident(relname) as name from pg_class
       where relkind = 'r' and relnamespace = 'public'::regnamespace`,
    )
    const texts: string[] = []
    for (const { name } of tables.rows) {
      const { rows } = await client.query<{ row: string }>(`select t::text as row from ${name} t`)
      texts.push(name, ...rows.map(({ row }) => row))
    }
    return Buffer.from(texts.join('\n'))
  } finally {
    await client.end()
  }
}

function findings(haystack: Buffer, secret: string): string[] {
  const bytes = Buffer.from(secret)
  const base64 = [0, 1, 2].map((shift) =>
    Buffer.concat([Buffer.alloc(shift), bytes])
      .toString('base64')
      .slice(4, -4),
  )
  const forms = { raw: [secret], base64, hex: [bytes.toString('hex')] }
  const text = haystack.toString('latin1')
  const found = Object.entries(forms).filter(([, needles]) => needles.some((n) => text.includes(n)))
  if (haystack.includes(gzipSync(bytes).subarray(10, -8))) found.push(['gzip', []])
  return found.map(([form]) => form)
}
