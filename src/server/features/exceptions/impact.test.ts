import { afterAll, beforeAll, expect, test } from 'vitest'
import {
  ofFork,
  onRef,
  openExceptions,
  rerunWithSsh,
  type Exceptions,
} from '../../testing/exceptions.ts'
import { openPipeline, type Pipeline } from '../../testing/pipeline.ts'
import type { WorldPerson } from '../../testing/world.ts'

/* Before an exception is asked for, and again before it is approved: what it would have permitted, and what it would not. */

let opened: Exceptions
let pipeline: Pipeline
let ada: WorldPerson
let ben: WorldPerson
let sam: WorldPerson
let zoe: WorldPerson

beforeAll(async () => {
  opened = await openExceptions()
  ;({ pipeline, ada, ben, sam, zoe } = opened)
})
afterAll(() => opened.close())

const run = (ref: string, more?: Record<string, unknown>) => opened.run(onRef(ref, more))
const refusal = (ref: string, more?: Record<string, unknown>) => opened.refusal(onRef(ref, more))
const ask = (decisionId: string) =>
  sam.call('exceptions.create', { decisionId, minutes: 60, reason: 'must ship' })

test('counts what was refused on exactly its branch; forks and reruns with SSH stay refused, and say so', async () => {
  const first = await refusal('heads/hotfix/1')
  const second = await refusal('heads/hotfix/1')
  const ofAFork = await refusal('heads/hotfix/1', ofFork)
  await refusal('heads/hotfix/1', rerunWithSsh)
  // Its twins: another branch, a tag of the same name, and what was admitted.
  await refusal('heads/hotfix/10')
  await refusal('tags/hotfix/1')
  expect((await run('heads/main')).status).toBe(200)

  const found = await sam.call('exceptions.impact', { decisionId: first })
  expect(found).toMatchObject({ newlyPermitted: 2, newlyDenied: 0, stillRefused: 2, untold: 0 })
  expect(found.rows.map(({ decisionId }) => decisionId).toSorted()).toEqual(
    [first, second].toSorted(),
  )
  expect(found.permittedBy).toMatchObject([{ id: pipeline.project.id, count: 2 }])
  const why = new Map(found.refusedBy.map((one) => [one.sentence, one]))
  expect([...why.keys()].toSorted()).toEqual([
    'Denied: a rerun with SSH is admitted by no exception.',
    'Denied: code of a fork is admitted by no exception.',
  ])
  expect(why.get('Denied: code of a fork is admitted by no exception.')?.decision).toBe(ofAFork)

  // The approver is shown the same; and what was told is what comes true.
  const asked = await ask(first)
  expect(await ada.call('exceptions.review', { exceptionId: asked.id })).toMatchObject({
    newlyPermitted: 2,
    stillRefused: 2,
  })
  await ada.call(
    'exceptions.approve',
    { contextId: pipeline.context.id, exceptionId: asked.id, reason: '' },
    { version: asked.version },
  )
  expect((await run('heads/hotfix/1')).status).toBe(200)
  expect((await run('heads/hotfix/1', ofFork)).status).toBe(403)
})

test('what a policy refuses meanwhile is told to stay refused, with the policy’s name', async () => {
  const decisionId = await refusal('tags/freeze-1')
  const asked = await ask(decisionId)
  const review = () => ada.call('exceptions.review', { exceptionId: asked.id })
  expect(await review()).toMatchObject({ newlyPermitted: 1, stillRefused: 0, refusedBy: [] })
  const { id: policyId } = await ada.call('policies.create', {
    name: 'Not in the freeze',
    text: '@reason("the freeze") forbid (principal, action == Sallyport::Action::"context:use", resource) when { context has tag && context.tag like "freeze-*" };',
  })
  const tried = await ada.call('policies.setMode', { policyId, mode: 'evaluate' }, { version: 1 })
  // What is only evaluated refuses nothing.
  expect(await review()).toMatchObject({ newlyPermitted: 1, stillRefused: 0 })
  const wanted = await ada.call(
    'policies.askEnforcement',
    { policyId, reason: 'freeze' },
    { version: tried.version },
  )
  await ben.call('policies.approveEnforcement', { policyId }, { version: wanted.version })
  const found = await review()
  expect(found).toMatchObject({ newlyPermitted: 0, stillRefused: 1, rows: [] })
  expect(found.refusedBy[0]?.sentence).toContain('“Not in the freeze” forbids')
})

test('what the restrictions admit by now is no effect of the exception', async () => {
  const decisionId = await refusal('heads/opened')
  const counted = async () => (await sam.call('exceptions.impact', { decisionId })).newlyPermitted
  expect(await counted()).toBe(1)
  const contextId = pipeline.context.id
  await pipeline.restrict('not job.ssh.enabled')
  const { items, version } = await ada.call('contexts.restrictions', { contextId })
  const branches = items.find(({ expression }) => expression?.includes('main'))
  await ada.call(
    'contexts.removeRestriction',
    { contextId, restrictionId: branches?.id ?? '', reason: 'every branch' },
    { version },
  )
  expect(await counted()).toBe(0)
})

test('is told to nobody who may see neither the refusal nor the exception, and of no other decision', async () => {
  const { items } = await ada.call('exceptions.list', { limit: 1 })
  const [{ id: exceptionId, decision: decisionId } = { id: '', decision: '' }] = items
  await expect(zoe.call('exceptions.impact', { decisionId })).rejects.toMatchObject({
    code: 'not_found',
  })
  await expect(zoe.call('exceptions.review', { exceptionId })).rejects.toMatchObject({
    code: 'not_found',
  })
  const { items: permitted } = await ada.call('decisions.list', {
    action: 'context:use',
    outcome: 'permitted',
    limit: 1,
  })
  const other = { decisionId: permitted[0]?.id ?? '' }
  await expect(ada.call('exceptions.impact', other)).rejects.toMatchObject({ code: 'conflict' })
})

test('a preview of restrictions knows what an exception admits: neither opened nor closed by them', async () => {
  await using other = await openPipeline(opened.world, ada)
  const contextId = other.context.id
  const status = async (branch: string) => {
    const answer = await other.exchange({
      subject_token: await other.token(onRef(`heads/${branch}`)),
    })
    return answer as { status: number; body: unknown }
  }
  const refused = await status('lifted')
  const decisionId = /(?<=\/decisions\/)[0-9a-f-]{36}/.exec(JSON.stringify(refused.body))?.[0] ?? ''
  const asked = await ben.call('exceptions.create', { decisionId, minutes: 60, reason: 'tonight' })
  const approved = await ada.call(
    'exceptions.approve',
    { contextId, exceptionId: asked.id, reason: '' },
    { version: asked.version },
  )
  for (let time = 0; time < 3; time++) expect((await status('lifted')).status).toBe(200)
  const [narrow] = (await ada.call('contexts.restrictions', { contextId })).items
  const replaced = async (restrictionId: string, expression: string) =>
    ada.call('contexts.impact', {
      contextId,
      restrictionId,
      restriction: { kind: 'expression', expression },
    })
  const both = 'pipeline.git.branch == "main" or pipeline.git.branch == "lifted"'
  // The first alone, from before there was an exception.
  expect(await replaced(narrow?.id ?? '', both)).toMatchObject({
    newlyPermitted: 1,
    newlyDenied: 0,
  })
  const wide = await other.restrict(both)
  const { version } = await ada.call('contexts.restrictions', { contextId })
  await ada.call(
    'contexts.removeRestriction',
    { contextId, restrictionId: narrow?.id ?? '', reason: 'both' },
    { version },
  )
  const closing = () => replaced(wide.id, 'pipeline.git.branch == "main"')
  expect(await closing()).toMatchObject({ newlyPermitted: 0, newlyDenied: 1 })
  await ada.call(
    'exceptions.end',
    { contextId, exceptionId: approved.id },
    { version: approved.version },
  )
  const found = await closing()
  expect(found).toMatchObject({ newlyPermitted: 0, newlyDenied: 4 })
  for (const { sentence } of found.rows) expect(sentence).toMatch(/^Denied: /)
})
