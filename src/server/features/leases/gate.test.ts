import { cpSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { sql } from 'kysely'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { connect } from '../../db/connect.ts'
import { openPipeline, type Pipeline } from '../../testing/pipeline.ts'
import { openWorld, type World, type WorldPerson } from '../../testing/world.ts'

/*
 * What runs are decided about is kept in memory by each server, and yet what is changed on one counts on the very next
 * request of another: two servers over one database.
 */

interface Flow {
  readonly from: string
  readonly to: string
}

async function changeFlows(ada: WorldPerson, change: { allow?: Flow[]; stop?: Flow[] }) {
  const { version } = await ada.call('segments.flows', {})
  return ada.call('segments.changeFlows', { ...change, reason: 'for a test' }, { version })
}

interface Two {
  readonly one: World
  readonly other: World
  readonly ada: WorldPerson
  readonly pipeline: Pipeline
  readonly flow: Flow
  close(): Promise<void>
}

async function openTwo(): Promise<Two> {
  const one = await openWorld()
  // A folder of its own, with the same master key.
  const folder = mkdtempSync(join(tmpdir(), 'sallyport-two-'))
  cpSync(join(one.dataDir, 'master-key'), join(folder, 'master-key'))
  const env = { SALLYPORT_DATA: folder }
  const other = await openWorld({ databaseUrl: one.databaseUrl, env })
  const ada = await one.as('ada')
  const pipeline = await openPipeline(one, ada)
  // The context lies in a segment in which nothing runs: a flow is what admits the run.
  const vault = await ada.call('segments.create', {
    name: 'Vault',
    tier: 'production',
    cidrs: ['198.51.100.0/24'],
  })
  const flow = { from: pipeline.segment.id, to: vault.id }
  await changeFlows(ada, { allow: [flow] })
  const contextId = pipeline.context.id
  const { version } = await ada.call('contexts.view', { contextId })
  await ada.call('contexts.update', { contextId, segmentId: vault.id }, { version })
  return {
    one,
    flow,
    other,
    ada,
    pipeline,
    async close() {
      await pipeline.close()
      await other.close()
      await one.close()
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

/** What a run is answered at the other server, by the code of the refusal or `given`. */
async function asked({ other, pipeline }: Two): Promise<string> {
  const form = await pipeline.exchangeForm()
  const headers = { 'content-type': 'application/x-www-form-urlencoded' }
  const { body } = await other.ask('/api/v1/exchange', { method: 'POST', body: form, headers })
  return (body as { code?: string }).code ?? 'given'
}

interface Change {
  readonly what: string
  readonly table: string
  readonly change: (two: Two) => Promise<() => Promise<unknown>>
  readonly answer: string
}

const restrict = ({ ada, pipeline }: Two, expression: string) =>
  ada.call('contexts.restrict', {
    contextId: pipeline.context.id,
    restriction: { kind: 'expression', expression },
  })

/** Each change, how it is undone, and what it makes of the same run. */
const changes: readonly Change[] = [
  {
    what: 'a restriction that excludes it',
    table: 'restriction',
    async change(two) {
      const { ada, pipeline } = two
      const contextId = pipeline.context.id
      const { id: restrictionId } = await restrict(two, 'pipeline.git.branch == "nowhere"')
      const { version } = await ada.call('contexts.view', { contextId })
      const removed = { contextId, restrictionId, reason: 'as it was' }
      return () => ada.call('contexts.removeRestriction', removed, { version })
    },
    answer: 'use_denied',
  },
  {
    what: 'a trust rule that no longer admits it',
    table: 'trust_rule',
    async change({ ada, pipeline }) {
      const trustRuleId = pipeline.rule.id
      const { version, conditions } = await ada.call('trustRules.view', { trustRuleId })
      const narrow = [
        ...conditions,
        { claim: 'oidc.circleci.com/vcs-ref', op: 'eq' as const, values: ['refs/heads/other'] },
      ]
      const changed = await ada.call(
        'trustRules.update',
        { trustRuleId, conditions: narrow },
        { version },
      )
      const widened = { trustRuleId, conditions, reason: 'as it was' }
      return () => ada.call('trustRules.update', widened, { version: changed.version })
    },
    answer: 'use_denied',
  },
  {
    what: 'an issuer whose tokens are for another audience',
    table: 'issuer',
    async change({ ada, pipeline }) {
      const issuerId = pipeline.issuer.id
      const { version, audience } = await ada.call('issuers.view', { issuerId })
      const other = { issuerId, audience: 'https://other.example' }
      const changed = await ada.call('issuers.update', other, { version })
      return () => ada.call('issuers.update', { issuerId, audience }, { version: changed.version })
    },
    answer: 'invalid_subject_token',
  },
  {
    what: 'an algorithm that is no longer admitted',
    table: 'issuer',
    async change({ ada, pipeline }) {
      const issuerId = pipeline.issuer.id
      const { version } = await ada.call('issuers.view', { issuerId })
      const changed = await ada.call(
        'issuers.update',
        { issuerId, algorithms: ['RS256'] },
        { version },
      )
      return () =>
        ada.call(
          'issuers.update',
          { issuerId, algorithms: ['ES256'] },
          { version: changed.version },
        )
    },
    answer: 'invalid_subject_token',
  },
  {
    what: 'a segment that it does not come from',
    table: 'segment',
    async change({ ada, pipeline }) {
      const segmentId = pipeline.segment.id
      const { version } = await ada.call('segments.view', { segmentId })
      const away = { segmentId, cidrs: ['192.0.2.0/24'] }
      const changed = await ada.call('segments.update', away, { version })
      return () =>
        ada.call('segments.update', { segmentId, cidrs: [] }, { version: changed.version })
    },
    answer: 'use_denied',
  },
  {
    what: 'a flow that is stopped',
    table: 'segment_flow',
    async change({ ada, flow }) {
      await changeFlows(ada, { stop: [flow] })
      return () => changeFlows(ada, { allow: [flow] })
    },
    answer: 'use_denied',
  },
  {
    what: 'a project that was moved out of the segment',
    table: 'project',
    async change({ ada, pipeline }) {
      const projectId = pipeline.project.id
      const elsewhere = await ada.call('segments.create', { name: 'Elsewhere', tier: 'build' })
      const { version } = await ada.call('projects.view', { projectId })
      const moved = { projectId, segmentId: elsewhere.id }
      const changed = await ada.call('projects.update', moved, { version })
      const back = { projectId, segmentId: pipeline.segment.id }
      return () => ada.call('projects.update', back, { version: changed.version })
    },
    answer: 'use_denied',
  },
  {
    what: 'a context that has another name',
    table: 'context',
    async change({ ada, pipeline }) {
      const { id: contextId, name } = pipeline.context
      const { version } = await ada.call('contexts.view', { contextId })
      const renamed = { contextId, name: 'renamed' }
      const changed = await ada.call('contexts.update', renamed, { version })
      return () => ada.call('contexts.update', { contextId, name }, { version: changed.version })
    },
    answer: 'invalid_target',
  },
]

describe('what is changed on one server counts on the next request of another', () => {
  let two: Two
  beforeAll(async () => {
    two = await openTwo()
  })
  afterAll(() => two.close())

  test.each(changes)('$what', async ({ change, answer }) => {
    expect(await asked(two)).toBe('given')
    const undo = await change(two)
    expect(await asked(two)).toBe(answer)
    await undo()
    expect(await asked(two)).toBe('given')
  })

  test('for a lease that was given before as well', async () => {
    const { other, pipeline, ada } = two
    const { access_token: lease } = await pipeline.lease()
    const { id: restrictionId } = await restrict(two, 'pipeline.git.branch == "nowhere"')
    const redeem = () =>
      other.ask('/api/v1/leases/redeem', {
        method: 'POST',
        headers: { authorization: `Bearer ${lease}` },
      })
    expect(await redeem()).toMatchObject({ status: 403, body: { code: 'use_denied' } })
    const contextId = pipeline.context.id
    const { version } = await ada.call('contexts.view', { contextId })
    await ada.call(
      'contexts.removeRestriction',
      { contextId, restrictionId, reason: 'as it was' },
      { version },
    )
    expect(await redeem()).toMatchObject({ status: 200 })
  })

  test('and runs themselves change nothing of it, so that it is read once', async () => {
    const epoch = async () => {
      const { rows } = await sql`select bit_xor(epoch)::text as epoch from gate_epoch`.execute(
        two.one.app.db,
      )
      return rows
    }
    const before = await epoch()
    const { access_token: lease } = await two.pipeline.lease()
    expect((await two.pipeline.redeem(lease)).status).toBe(200)
    expect(await epoch()).toEqual(before)
    const contextId = two.pipeline.context.id
    expect((await two.ada.call('contexts.view', { contextId })).lastUsedAt).not.toBeNull()
  })
})

test('negative control: without the triggers, the other server goes on with what it knows', async () => {
  const two = await openTwo()
  const owner = connect(two.one.databaseUrl)
  for (const table of new Set(changes.map((each) => each.table))) {
    await sql`drop trigger gate_epoch on ${sql.table(table)}`.execute(owner)
  }
  await owner.destroy()
  for (const { change } of changes) {
    expect(await asked(two)).toBe('given')
    const undo = await change(two)
    expect(await asked(two)).toBe('given')
    await undo()
  }
  await two.close()
})

describe('P5: of any number at once with one token, on two servers, one is given a lease', () => {
  /** What each of forty is answered, and how many leases there are then. */
  async function race(two: Two) {
    const { one, other, pipeline } = two
    const form = await pipeline.exchangeForm()
    const headers = { 'content-type': 'application/x-www-form-urlencoded' }
    const answers = await Promise.all(
      Array.from({ length: 40 }, async (_, at) => {
        const { body } = await [one, other][at % 2]!.ask('/api/v1/exchange', {
          method: 'POST',
          body: form,
          headers,
        })
        return (body as { code?: string }).code ?? 'given'
      }),
    )
    const { leases } = await one.app.db
      .selectFrom('lease')
      .select(({ fn }) => fn.countAll<number>().as('leases'))
      .executeTakeFirstOrThrow()
    return { answers, leases }
  }

  test('the others are told of a replay, which is on record and leaves nothing', async () => {
    const two = await openTwo()
    const { answers, leases } = await race(two)
    expect(answers.filter((answer) => answer === 'given')).toHaveLength(1)
    expect(answers.filter((answer) => answer === 'replayed_token')).toHaveLength(39)
    expect(leases).toBe(1)
    const events = (await two.one.events()).filter(({ action }) => action === 'leases.exchange')
    expect(events.filter(({ outcome }) => outcome === 'permitted')).toHaveLength(1)
    const refused = events.filter(({ outcome }) => outcome === 'denied')
    expect(refused).toHaveLength(39)
    expect(refused.every(({ after }) => after === undefined)).toBe(true)
    await two.close()
  })

  test('negative control: without the primary key, each is given one', async () => {
    const two = await openTwo()
    const owner = connect(two.one.databaseUrl)
    await sql`alter table subject_token drop constraint subject_token_pkey`.execute(owner)
    await owner.destroy()
    const { answers, leases } = await race(two)
    expect(answers.every((answer) => answer === 'given')).toBe(true)
    expect(leases).toBe(40)
    await two.close()
  })
})
