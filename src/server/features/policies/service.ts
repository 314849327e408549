import type { AnswerOf, InputOf } from '../../../contract/index.ts'
import type { Db } from '../../db/connect.ts'
import { newId } from '../../db/new-id.ts'
import { policyLimits } from '../../../contract/policy-limits.ts'
import type { Resource, ResourceLoader } from '../../decision/types.ts'
import { problem } from '../../http/problem.ts'
import type { Scope } from '../../http/scope.ts'
import {
  countPoliciesAlone,
  countsOf,
  insertVersion,
  lockPolicy,
  policyById,
  updatePolicy,
  versionOf,
  type PolicyCounts,
  type PolicyRow,
  type PolicyValues,
  type VersionRow,
} from './store.ts'
import { starterLibrary } from './starter-library.ts'
import { starterTests } from './starter-tests.ts'
import { insertTest, usagesOf, type UsageRow } from './test-store.ts'

/** Policies hold for the whole organization: who may see policies anywhere may see each. */
export const policyResourceOf = (row: Pick<PolicyRow, 'id' | 'name'>): Resource => ({
  kind: 'policy',
  id: row.id,
  name: row.name,
  within: {},
})

export const policyResource: ResourceLoader<Db> = async (db, id) => {
  const row = await policyById(db, id)
  return row && policyResourceOf(row)
}

const named = (id: string | null, name: string | null) => (id && name ? { id, name } : null)
const none: PolicyCounts = { denials: 0, wouldDenials: 0 }

export function answerOf(
  scope: Scope,
  row: PolicyRow,
  counts: ReadonlyMap<string, PolicyCounts>,
  usages: ReadonlyMap<string, UsageRow>,
): AnswerOf<'policies.list'>['items'][number] {
  const { askedVersion, askedBy, askedByName, askedAt, askedReason, askedReplay } = row
  return {
    id: row.id,
    name: row.name,
    description: row.description,
    mode: row.mode,
    currentVersion: row.currentVersion,
    versionInForce: row.versionInForce,
    evaluateUntil: row.evaluateUntil,
    createdAt: row.createdAt,
    createdBy: named(row.createdBy, row.createdByName),
    updatedAt: row.updatedAt,
    asked:
      askedVersion && askedBy && askedAt
        ? {
            version: askedVersion,
            by: { id: askedBy, name: askedByName ?? '' },
            at: askedAt,
            reason: askedReason ?? '',
            mine: askedBy === scope.actor.personId,
            replayId: askedReplay,
          }
        : null,
    ...(counts.get(row.id) ?? none),
    usage: usageAnswer(scope, row, usages.get(row.id)),
    version: row.version,
    allowed: scope.allowed(policyResourceOf(row)),
  }
}

/** Of the version in force alone; the counts are of all decisions, so they are for who may see all of them. */
function usageAnswer(scope: Scope, { versionInForce }: PolicyRow, usage: UsageRow | undefined) {
  if (usage?.policyVersion !== versionInForce) return null
  if (!usage || !scope.reach('decision:view').everywhere) return null
  const { days, computedAt, policyVersion, applies, denies, statements } = usage
  return { days, computedAt, policyVersion, applies, denies, statements }
}

export async function detailOf(scope: Scope, id: string): Promise<AnswerOf<'policies.view'>> {
  const row = await thePolicy(scope, id)
  const { currentVersion, versionInForce } = row
  const text = (await versionOf(scope.db, id, currentVersion))?.text ?? ''
  const other = versionInForce !== null && versionInForce !== currentVersion
  const inForce = other ? await versionOf(scope.db, id, versionInForce) : undefined
  const counts = await countsOf(scope.db, scope.reach('decision:view'))
  const usages = await usagesOf(scope.db)
  return { ...answerOf(scope, row, counts, usages), text, textInForce: inForce?.text ?? null }
}

export const versionAnswer = (row: VersionRow, policy: PolicyRow) => ({
  number: row.number,
  summary: row.summary,
  author: named(row.author, row.authorName),
  createdAt: row.createdAt,
  current: row.number === policy.currentVersion,
  inForce: row.number === policy.versionInForce,
})

/** The policy, or the 404 of one that was deleted since the door looked. */
export async function thePolicy(scope: Scope, id: string): Promise<PolicyRow> {
  const row = await policyById(scope.db, id)
  if (!row) throw problem('not_found', 'There is no such policy. It may have been deleted.')
  return row
}

export async function theVersion(scope: Scope, id: string, number: number) {
  const version = await versionOf(scope.db, id, number)
  if (!version) throw problem('not_found', `The policy has no version ${number}.`)
  return version
}

/** What an event tells of a policy. */
export const told = (row: PolicyRow) => ({
  name: row.name,
  description: row.description,
  mode: row.mode,
  currentVersion: row.currentVersion,
  versionInForce: row.versionInForce,
  evaluateUntil: row.evaluateUntil?.toISOString() ?? null,
})

/** Two whole texts may be more than an event holds (64 KiB): then each stands by its size, and its version has it. */
const toldText = (text: string) =>
  JSON.stringify(text).length <= 20_000
    ? text
    : `${text.length} characters, as the version has them`

/** Changes the policy row, or throws the 412 of a lost race. */
export async function change(
  scope: Scope,
  before: PolicyRow,
  values: Partial<PolicyValues>,
): Promise<PolicyRow> {
  const expected = scope.expectedVersion ?? 0
  if (!(await updatePolicy(scope.db, before.id, expected, values))) throw await stale(scope, before)
  return thePolicy(scope, before.id)
}

/** For what changes more than the row itself: the policy that the actor looked at, which nobody changes meanwhile. */
export async function theFresh(scope: Scope, id: string): Promise<PolicyRow> {
  await lockPolicy(scope.db, id)
  const row = await thePolicy(scope, id)
  if (row.version !== scope.expectedVersion) throw await stale(scope, row)
  return row
}

const stale = async (scope: Scope, { id }: PolicyRow) =>
  problem('stale', 'Somebody changed this policy since you loaded it.', {
    current: await detailOf(scope, id),
  })

export async function createPolicy(scope: Scope, input: InputOf<'policies.create'>) {
  if ((await countPoliciesAlone(scope.db)) >= policyLimits.policies) {
    throw problem(
      'limit_reached',
      `There are ${policyLimits.policies} policies, which is the limit. Delete one that is not used any more.`,
    )
  }
  const id = newId()
  const { name, description, text } = input
  const starter = starterLibrary.find((one) => one.id === input.starter)
  if (input.starter !== undefined && !starter) {
    throw problem('not_found', 'The library has no such policy.')
  }
  const author = scope.actor.personId
  await scope.db
    .insertInto('policy')
    .values({
      id,
      name,
      description,
      versionInForce: null,
      evaluateUntil: null,
      ownerId: author ?? null,
      createdBy: author ?? null,
      createdAt: scope.now,
    })
    .execute()
  await write(scope, id, 1, text, 'First version')
  const tests = starter ? starterTests(starter) : []
  for (const test of tests) {
    await insertTest(scope.db, {
      id: newId(),
      policyId: id,
      ...test,
      decisionId: null,
      leftOut: [],
      createdBy: author ?? null,
      createdAt: scope.now,
    })
  }
  scope.record({
    resource: { kind: 'policy', id, name },
    after: { ...told(await thePolicy(scope, id)), text: toldText(text) },
    ...(tests.length > 0 && { detail: { tests: tests.map((test) => test.name) } }),
  })
  return detailOf(scope, id)
}

export async function changePolicy(scope: Scope, input: InputOf<'policies.update'>) {
  const before = await theFresh(scope, input.policyId)
  const { name, description, text, summary = '' } = input
  const was = await theVersion(scope, before.id, before.currentVersion)
  const writes = text !== undefined && text !== was.text
  const number = before.currentVersion + 1
  if (writes) await write(scope, before.id, number, text, summary)
  const after = await change(scope, before, {
    ...(name !== undefined && { name }),
    ...(description !== undefined && { description }),
    ...(writes && { currentVersion: number }),
  })
  scope.record({
    resource: { kind: 'policy', id: before.id, name: after.name },
    before: { ...told(before), ...(writes && { text: toldText(was.text) }) },
    after: { ...told(after), ...(writes && { text: toldText(text), summary }) },
  })
  return detailOf(scope, before.id)
}

export async function rollBackPolicy(scope: Scope, { policyId, to }: InputOf<'policies.rollback'>) {
  const before = await theFresh(scope, policyId)
  const earlier = await theVersion(scope, policyId, to)
  const was = await theVersion(scope, policyId, before.currentVersion)
  if (earlier.text === was.text) {
    throw problem('conflict', `The newest version says what version ${to} says already.`)
  }
  const number = before.currentVersion + 1
  await write(scope, policyId, number, earlier.text, `Version ${to} again`)
  const after = await change(scope, before, { currentVersion: number })
  scope.record({
    before: { ...told(before), text: toldText(was.text) },
    after: { ...told(after), text: toldText(earlier.text) },
    detail: { rolledBackTo: to },
  })
  return detailOf(scope, policyId)
}

const write = (scope: Scope, policyId: string, number: number, text: string, summary: string) => {
  const author = scope.actor.personId
  const createdAt = scope.now
  return insertVersion(scope.db, {
    policyId,
    number,
    text,
    summary,
    createdAt,
    ...(author && { author }),
  })
}

export async function removePolicy(scope: Scope, { policyId }: InputOf<'policies.remove'>) {
  const before = await thePolicy(scope, policyId)
  if (before.mode === 'enforce') {
    throw problem('in_use', 'An enforced policy cannot be deleted. End its enforcement first.')
  }
  const text = (await theVersion(scope, policyId, before.currentVersion)).text
  const { numDeletedRows } = await scope.db
    .deleteFrom('policy')
    .where('id', '=', policyId)
    .where('version', '=', scope.expectedVersion ?? 0)
    .where('mode', '<>', 'enforce')
    .executeTakeFirst()
  if (numDeletedRows === 0n) throw await stale(scope, before)
  scope.record({ before: { ...told(before), text: toldText(text) } })
}
