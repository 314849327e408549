import { sql } from 'kysely'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { exceptionLimits } from '../../../contract/exception-limits.ts'
import type { UseExceptionDetail } from '../../../contract/exceptions.ts'
import { inTransaction } from '../../db/transaction.ts'
import { emit } from '../../ledger/emit.ts'
import {
  ofFork,
  onRef,
  openExceptions,
  rerunWithSsh,
  type Exceptions,
} from '../../testing/exceptions.ts'
import type { Pipeline } from '../../testing/pipeline.ts'
import type { World, WorldPerson } from '../../testing/world.ts'
import { keepExceptionsTime } from './service.ts'

/* From a refusal to runs that are admitted for a time: asked by one, approved by another, over by itself. */

let opened: Exceptions
let world: World
let pipeline: Pipeline
let ada: WorldPerson
let ben: WorldPerson
let sam: WorldPerson
let zoe: WorldPerson

beforeAll(async () => {
  opened = await openExceptions()
  ;({ world, pipeline, ada, ben, sam, zoe } = opened)
})
afterAll(() => opened.close())

const on = (branch: string, more: Record<string, unknown> = {}) => onRef(`heads/${branch}`, more)
const run = (claims: Record<string, unknown>) => opened.run(claims)

const ask = async (branch: string, who = sam, minutes = 120) =>
  who.call('exceptions.create', {
    decisionId: await opened.refusal(on(branch)),
    minutes,
    reason: 'The hotfix must ship tonight',
  })

const named = ({ id }: { id: string }) => ({ contextId: pipeline.context.id, exceptionId: id })
const approve = (who: WorldPerson, one: UseExceptionDetail, more: { minutes?: number } = {}) =>
  who.call('exceptions.approve', { ...named(one), reason: '', ...more }, { version: one.version })
const may = async (who: WorldPerson, { id }: { id: string }) =>
  (await who.call('exceptions.view', { exceptionId: id })).may

/** As if the time had passed: below the door, with its event. */
const later = (id: string, set: ReturnType<typeof sql>) =>
  inTransaction(world.app.db, { readOnly: false }, async (db, transaction) => {
    await sql`update use_exception set ${set} where id = ${id}`.execute(db)
    emit(transaction, {
      actor: { kind: 'system', id: 'test', name: 'the clock' },
      action: 'test.clock',
      outcome: 'permitted',
    })
  })

describe('an exception', () => {
  test('admits exactly the branch of the refused run, for the time that was approved, and says who stands behind it', async () => {
    const asked = await ask('hotfix/1')
    expect(asked).toMatchObject({ state: 'pending', branch: 'hotfix/1', may: ['withdraw'] })
    expect((await run(on('hotfix/1'))).status).toBe(403)
    expect(await may(ada, asked)).toEqual(['approve', 'deny'])
    const given = await approve(ada, asked, { minutes: 30 })
    expect(given).toMatchObject({ state: 'active', minutes: 30, decidedBy: { id: ada.id } })
    const lasts =
      new Date(given.expiresAt ?? 0).getTime() - new Date(given.decidedAt ?? 0).getTime()
    expect(lasts).toBe(30 * 60_000)

    expect((await run(on('hotfix/1'))).status).toBe(200)
    const others = [on('hotfix/2'), on('hotfix/10'), on('Hotfix/1'), on('hotfix/1/'), {}]
    const statuses = []
    for (const claims of others) statuses.push((await run(claims)).status)
    // The last is on main, which the restriction admits by itself.
    expect(statuses).toEqual([403, 403, 403, 403, 200])
    const { items } = await ada.call('decisions.list', { action: 'context:use', limit: 50 })
    const admitted = items.find(({ sentence }) => sentence.includes('exception'))
    expect(admitted?.sentence).toContain('Sam asked for and Ada approved')
    const { layers } = await ada.call('decisions.view', { decisionId: admitted?.id ?? '' })
    const approval = layers.find(({ layer }) => layer === 'approval')
    expect(approval).toMatchObject({ verdict: 'permitted', because: [{ id: asked.id }] })
    expect(layers.filter(({ verdict }) => verdict === 'denied')).toEqual([])
  })

  test('admits no code of a fork and no rerun with SSH', async () => {
    await approve(ada, await ask('hotfix/3'))
    expect((await run(on('hotfix/3'))).status).toBe(200)
    const fork = on('hotfix/3', ofFork)
    expect((await run(fork)).status).toBe(403)
    expect((await run(on('hotfix/3', rerunWithSsh))).status).toBe(403)
  })

  test('lifts no policy, and is not asked for where more than restrictions refused', async () => {
    const forbids = await ada.call('policies.create', {
      name: 'Not in the freeze',
      text: '@reason("the freeze") forbid (principal, action == Sallyport::Action::"context:use", resource) when { context has branch && context.branch like "freeze/*" };',
    })
    const policyId = forbids.id
    const tried = await ada.call('policies.setMode', { policyId, mode: 'evaluate' }, { version: 1 })
    const wanted = await ada.call(
      'policies.askEnforcement',
      { policyId, reason: 'freeze' },
      { version: tried.version },
    )
    await approve(ada, await ask('freeze/before'))
    expect((await run(on('freeze/before'))).status).toBe(200)
    await ben.call('policies.approveEnforcement', { policyId }, { version: wanted.version })
    expect((await run(on('freeze/before'))).status).toBe(403)
    await expect(ask('freeze/after')).rejects.toMatchObject({ code: 'conflict' })
  })

  test('counts on every server at once, and is over there at once', async () => {
    await using other = await world.another()
    const there = async () => {
      const body = await pipeline.exchangeForm({ subject_token: await pipeline.token(on('two')) })
      const headers = { 'content-type': 'application/x-www-form-urlencoded' }
      const answer = await other.fastify.inject({
        method: 'POST',
        url: '/api/v1/exchange',
        headers,
        body,
      })
      return answer.statusCode
    }
    expect(await there()).toBe(403)
    const given = await approve(ada, await ask('two'))
    expect(await there()).toBe(200)
    await ada.call('exceptions.end', named(given), { version: given.version })
    expect(await there()).toBe(403)
  })

  test('ends by itself, by the database’s clock; the end is written down once', async () => {
    const given = await approve(ada, await ask('short', sam, exceptionLimits.least))
    expect((await run(on('short'))).status).toBe(200)
    await later(
      given.id,
      sql`expires_at = clock_timestamp(), decided_at = clock_timestamp() - interval '1 hour'`,
    )
    expect((await run(on('short'))).status).toBe(403)
    const shown = await sam.call('exceptions.view', { exceptionId: given.id })
    expect(shown).toMatchObject({ state: 'expired', may: [] })
    const { db } = world.app
    await Promise.all([keepExceptionsTime(db), keepExceptionsTime(db)])
    const events = (await world.events()).filter(({ action }) => action === 'exceptions.expire')
    expect(events.map(({ resource }) => resource?.id)).toEqual([given.id])
  })
})

describe('nobody can', () => {
  test('approve their own, an old look at it, twice, after it lapsed, or more than was asked for', async () => {
    const own = await ask('own', ada)
    await expect(approve(ada, own)).rejects.toMatchObject({ code: 'forbidden' })
    const database = inTransaction(world.app.db, { readOnly: false }, async (db) =>
      sql`update use_exception set state = 'approved', decided_by = requester_id, expires_at = now() + interval '1 hour'
        where id = ${own.id}`.execute(db),
    )
    await expect(database).rejects.toMatchObject({
      constraint: 'use_exception_second_person_check',
    })
    await expect(approve(ben, own, { minutes: 121 })).rejects.toMatchObject({
      code: 'invalid_input',
    })
    await expect(approve(ben, { ...own, version: 7 })).rejects.toMatchObject({ code: 'stale' })
    const given = await approve(ben, own)
    await expect(approve(ben, given)).rejects.toMatchObject({ code: 'already_decided' })
    const late = await ask('late')
    await later(late.id, sql`answer_by = clock_timestamp()`)
    await expect(approve(ada, late)).rejects.toMatchObject({ code: 'conflict' })
    // What lapsed is asked for anew.
    expect(await ask('late')).toMatchObject({ state: 'pending' })
  })

  test('of two who decide at once, both', async () => {
    const asked = await ask('raced')
    const answers = await Promise.allSettled([
      approve(ada, asked),
      ben.call('exceptions.deny', { ...named(asked), reason: 'no' }, { version: asked.version }),
    ])
    expect(answers.filter(({ status }) => status === 'fulfilled')).toHaveLength(1)
    const { state } = await sam.call('exceptions.view', { exceptionId: asked.id })
    expect((await run(on('raced'))).status).toBe(state === 'active' ? 200 : 403)
  })

  test('see or decide what they may not: who sees neither learns nothing, who may not restrict is told so', async () => {
    const asked = await ask('private')
    const exceptionId = asked.id
    await expect(zoe.call('exceptions.view', { exceptionId })).rejects.toMatchObject({
      code: 'not_found',
    })
    expect((await zoe.call('exceptions.list', {})).items).toEqual([])
    const decision = { decisionId: asked.decision, reason: 'please', minutes: 60 }
    await expect(zoe.call('exceptions.create', decision)).rejects.toMatchObject({
      code: 'not_found',
    })
    const viewer = await world.as('viewer')
    await world.grant(viewer, 'auditor')
    expect(await viewer.call('exceptions.view', { exceptionId })).toMatchObject({
      may: [],
      whyNot: expect.stringContaining('context:restrict'),
    })
    await expect(approve(viewer, asked)).rejects.toMatchObject({ code: 'forbidden' })
    await expect(approve(sam, asked)).rejects.toMatchObject({
      code: expect.stringMatching(/forbidden|not_found/),
    })
    const elsewhere = await ada.call('contexts.create', { name: 'elsewhere' })
    const astray = { ...named(asked), contextId: elsewhere.id, reason: '' }
    await expect(ada.call('exceptions.approve', astray, { version: 1 })).rejects.toMatchObject({
      code: 'not_found',
    })
    await expect(ask('private')).rejects.toMatchObject({ code: 'conflict' })
  })

  test('ask for nothing, for too long, or from what was no refusal of a run', async () => {
    const decisionId = await opened.refusal(on('bad'))
    const create = (more: object) =>
      sam.call('exceptions.create', { decisionId, reason: 'x', minutes: 60, ...more })
    for (const bad of [{ minutes: 4 }, { minutes: 1_441 }, { reason: '' }, { reason: '  ' }]) {
      await expect(create(bad)).rejects.toMatchObject({ code: 'invalid_input' })
    }
    await run({})
    const { items } = await ada.call('decisions.list', { limit: 50 })
    const permitted = items.find(
      ({ action, outcome }) => action === 'context:use' && outcome === 'permitted',
    )
    const ofPerson = items.find(({ action }) => action !== 'context:use')
    for (const other of [permitted, ofPerson]) {
      const from = ada.call('exceptions.create', {
        decisionId: other?.id ?? '',
        reason: 'x',
        minutes: 60,
      })
      await expect(from).rejects.toMatchObject({ code: 'conflict' })
    }
  })
})

test('whoever may decide finds it in the inbox, and who asked may take it back at any time', async () => {
  const asked = await ask('inbox')
  const waiting = async (who: WorldPerson) =>
    (await who.call('inbox.view', {})).items.filter(({ id }) => id === asked.id).length
  expect([await waiting(ada), await waiting(ben), await waiting(sam), await waiting(zoe)]).toEqual([
    1, 1, 0, 0,
  ])
  const given = await approve(ada, asked)
  expect(await waiting(ben)).toBe(0)
  expect((await run(on('inbox'))).status).toBe(200)
  const back = await sam.call(
    'exceptions.withdraw',
    { exceptionId: asked.id },
    { version: given.version },
  )
  expect(back).toMatchObject({ state: 'ended', endedBy: { id: sam.id } })
  expect((await run(on('inbox'))).status).toBe(403)
  const other = await ask('inbox')
  const taken = await sam.call(
    'exceptions.withdraw',
    { exceptionId: other.id },
    { version: other.version },
  )
  expect(taken).toMatchObject({ state: 'withdrawn', may: [] })
  const mine = await sam.call('exceptions.list', { which: 'mine', state: 'withdrawn' })
  expect(mine.items.map(({ id }) => id)).toEqual([other.id])
  const events = (await world.events()).filter(({ resource }) => resource?.id === asked.id)
  expect(events.map(({ action }) => action)).toEqual([
    'exceptions.create',
    'exceptions.approve',
    'exceptions.withdraw',
  ])
})
