import { randomUUID } from 'node:crypto'
import { sql } from 'kysely'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { connect } from '../../db/connect.ts'
import { rateLimits } from '../../http/limits.ts'
import { openPipeline, type Pipeline } from '../../testing/pipeline.ts'
import {
  openWorld,
  unlimited,
  type Sent,
  type World,
  type WorldPerson,
} from '../../testing/world.ts'

/*
 * Overload sheds, and never corrupts (P42): what a busy server does not carry out says when to come again, leaves nothing,
 * and is carried out when it comes again.
 */

let world: World
let ada: WorldPerson
let pipeline: Pipeline
beforeAll(async () => {
  // As in life, but for whoever sets the story up.
  world = await openWorld({ limits: { ...unlimited, runs: rateLimits.runs } })
  ada = await world.as('ada')
  pipeline = await openPipeline(world, ada)
})
afterAll(async () => {
  await pipeline.close()
  await world.close()
})

/** Each of another user, so that none is told to wait for another, unless they are all of one. */
const tokens = (many: number, user?: string) =>
  Promise.all(Array.from({ length: many }, () => pipeline.token({}, {}, user ?? randomUUID())))

const exchange = (token: string) => pipeline.exchange({ subject_token: token })
const retryAfter = ({ headers }: Sent) => Number(headers['retry-after'])
const codeOf = ({ body }: Sent) => (body as { code?: string }).code

/** What there is of exchanges: leases, tokens that are spent, and events of what was permitted. */
async function kept() {
  const { db } = world.app
  const count = async (table: 'lease' | 'subjectToken') =>
    (
      await db
        .selectFrom(table)
        .select(sql<number>`count(*)`.as('many'))
        .executeTakeFirst()
    )?.many
  const events = (await world.events()).filter(
    ({ action, outcome }) => action === 'leases.exchange' && outcome === 'permitted',
  )
  return { leases: await count('lease'), spent: await count('subjectToken'), events: events.length }
}

const grown = ({ leases, spent, events }: Awaited<ReturnType<typeof kept>>, by: number) => ({
  leases: (leases ?? 0) + by,
  spent: (spent ?? 0) + by,
  events: events + by,
})

/** Everybody was answered in one of two ways; what was given is there, and of what was shed there is nothing. */
async function sheds(asked: readonly string[], answers: readonly Sent[], code: string) {
  const given = answers.filter(({ status }) => status === 200).length
  const shed = asked.filter((_, at) => answers[at]?.status !== 200)
  expect(new Set(answers.map((answer) => codeOf(answer) ?? 'given'))).toEqual(
    new Set([...(given > 0 ? ['given'] : []), code]),
  )
  const waits = answers.filter(({ status }) => status !== 200).map(retryAfter)
  expect(Math.min(...waits)).toBeGreaterThan(0)
  expect(shed.length).toBeGreaterThan(0)
  return { given, shed }
}

test('whoever asks ten times as fast as they may is told to wait, and loses nothing by it', async () => {
  const before = await kept()
  const asked = await tokens(10 * rateLimits.runs.burst, 'one of many')
  const answers = await Promise.all(asked.map(exchange))
  const { given, shed } = await sheds(asked, answers, 'too_many_requests')
  expect(given).toBeGreaterThanOrEqual(rateLimits.runs.burst)
  expect(given).toBeLessThan(2 * rateLimits.runs.burst)
  expect(await kept()).toEqual(grown(before, given))
  // Others are not kept waiting by it, and what was shed is not spent.
  const [other] = await tokens(1)
  expect((await exchange(other as string)).status).toBe(200)
  await expect
    .poll(async () => (await exchange(shed[0] as string)).status, {
      interval: 200,
    })
    .toBe(200)
})

test('behind a lock that is held too long all are shed, and everything is as before', async () => {
  const before = await kept()
  const asked = await tokens(40)
  const other = connect(world.databaseUrl, { max: 1, statementTimeoutMs: 0 })
  const answers = await other.transaction().execute(async (holding) => {
    await sql`set local idle_in_transaction_session_timeout = 0`.execute(holding)
    await sql`lock table subject_token in exclusive mode`.execute(holding)
    return Promise.all(asked.map(exchange))
  })
  await other.destroy()
  const { given, shed } = await sheds(asked, answers, 'unavailable')
  expect(given).toBe(0)
  expect(await kept()).toEqual(before)
  const again = await Promise.all(shed.map(exchange))
  expect(new Set(again.map(({ status }) => status))).toEqual(new Set([200]))
  expect(await kept()).toEqual(grown(before, shed.length))
})

test('without a free connection all are shed, and everything is as before', async () => {
  const before = await kept()
  const asked = await tokens(20)
  const { pool } = world.app.db
  const held = await Promise.all(Array.from({ length: pool.options.max }, () => pool.connect()))
  const answers = await Promise.all(asked.map(exchange))
  for (const client of held) client.release()
  const { given, shed } = await sheds(asked, answers, 'unavailable')
  expect(given).toBe(0)
  expect(await kept()).toEqual(before)
  const again = await Promise.all(shed.map(exchange))
  expect(new Set(again.map(({ status }) => status))).toEqual(new Set([200]))
})

test('the control: without a crowd, a lock or a lack, nothing is shed', async () => {
  const before = await kept()
  const answers = await Promise.all((await tokens(40)).map(exchange))
  expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([200]))
  expect(await kept()).toEqual(grown(before, 40))
})
