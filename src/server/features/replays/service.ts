import type { AnswerOf, InputOf } from '../../../contract/index.ts'
import type { Db } from '../../db/connect.ts'
import { newId } from '../../db/new-id.ts'
import type { ReplayedPolicy } from '../../db/tables/replays.ts'
import type { Permission } from '../../../contract/permissions.ts'
import { invalidField, problem } from '../../http/problem.ts'
import type { Scope } from '../../http/scope.ts'
import type { ReplayRunner } from './runner.ts'
import { countOpen, groupsOf, insertReplay, replayById, type ReplayRow } from './store.ts'

export { createReplayRunner, type ReplayRunner } from './runner.ts'

/** Unfinished replays that one person may have. */
const mostOpen = 5

type Detail = AnswerOf<'replays.view'>

interface Slice {
  readonly days: number
  readonly projectId?: string | undefined
  readonly contextId?: string | undefined
  readonly action?: Permission | undefined
}

/** Puts a replay in the queue; it runs when the transaction has committed. Answers its id. */
export async function beginReplay(
  { db, now, actor, transaction }: Pick<Scope, 'db' | 'now' | 'actor' | 'transaction'>,
  runner: ReplayRunner,
  changes: readonly ReplayedPolicy[],
  slice: Slice,
): Promise<string> {
  const id = newId()
  await insertReplay(db, {
    id,
    changes,
    fromAt: new Date(now.getTime() - slice.days * 86_400_000),
    untilAt: now,
    projectId: slice.projectId ?? null,
    contextId: slice.contextId ?? null,
    action: slice.action ?? null,
    createdBy: actor.personId ?? null,
    createdAt: now,
  })
  transaction.after(() => runner.wake())
  return id
}

const named = (id: string | null, name: string | null) => (id && name ? { id, name } : null)

export const replayAnswer = (row: ReplayRow): AnswerOf<'replays.list'>['items'][number] => ({
  id: row.id,
  state: row.state,
  changes: row.changes.map(({ policyId, name, version, removed }) => ({
    policyId,
    name,
    policyVersion: version,
    removed,
  })),
  from: row.fromAt,
  until: row.untilAt,
  // A slice that was named stays one, also when what it names has gone since.
  project: named(row.projectId, row.projectName ?? row.projectId),
  context: named(row.contextId, row.contextName ?? row.contextId),
  action: row.action,
  total: row.total,
  done: row.done,
  distinct: row.distinctFacts,
  untold: row.untold,
  newlyDenied: row.newlyDenied,
  newlyPermitted: row.newlyPermitted,
  createdBy: named(row.createdBy, row.createdByName),
  createdAt: row.createdAt,
  finishedAt: row.finishedAt,
  fault: row.fault,
})

export async function theReplay(scope: Scope, id: string): Promise<ReplayRow> {
  const row = await replayById(scope.db, scope.reach('decision:view'), id)
  if (!row) throw problem('not_found', 'There is no such replay. It may have been cleaned up.')
  return row
}

export async function replayDetail(scope: Scope, id: string): Promise<Detail> {
  const row = await theReplay(scope, id)
  const groups = await groupsOf(scope.db, scope.reach('decision:view'), id)
  const of = (facet: (typeof groups)[number]['facet']) =>
    groups
      .filter((row) => row.facet === facet)
      .map(({ id, name, newlyDenied, newlyPermitted }) => ({
        id,
        name,
        newlyDenied,
        newlyPermitted,
      }))
  return {
    ...replayAnswer(row),
    groups: { project: of('project'), context: of('context'), person: of('person') },
  }
}

/** What an approver was shown of a replay, for the event of what they decide. */
export async function replayTold(db: Db, id: string | null) {
  const everywhere = { everywhere: true, segments: [], projects: [], contexts: [] }
  const row = id === null ? undefined : await replayById(db, everywhere, id)
  if (!row) return undefined
  const { state, done, total, newlyDenied, newlyPermitted, finishedAt } = row
  return {
    replay: row.id,
    state,
    decisions: state === 'done' ? total : done,
    newlyDenied,
    newlyPermitted,
    computedAt: finishedAt?.toISOString() ?? null,
  }
}

type Asked = InputOf<'replays.create'>['changes'][number]

/** One policy as the set shall have it, with its text. */
async function replayed(db: Db, { policyId, policyVersion, text, removed }: Asked) {
  if (!policyId) {
    if (text === undefined) {
      throw invalidField('changes.text', 'is missing: a policy that does not exist yet has a text')
    }
    return { policyId: null, name: 'A new policy', version: null, text, removed: false }
  }
  const row = await db
    .selectFrom('policy')
    .innerJoin('policyVersion', 'policyVersion.policyId', 'policy.id')
    .where('policy.id', '=', policyId)
    .where((where) =>
      where('policyVersion.number', '=', policyVersion ?? where.ref('policy.currentVersion')),
    )
    .select(['policy.name', 'policyVersion.number', 'policyVersion.text'])
    .executeTakeFirst()
  if (!row) throw problem('not_found', 'There is no such policy, or no such version of it.')
  const { name, number } = row
  return text === undefined
    ? { policyId, name, version: number, text: row.text, removed }
    : { policyId, name, version: null, text, removed }
}

export async function createReplay(
  scope: Scope,
  runner: ReplayRunner,
  { changes, ...slice }: InputOf<'replays.create'>,
): Promise<Detail> {
  const { db, actor } = scope
  if ((await countOpen(db, actor.personId ?? null)) >= mostOpen) {
    throw problem(
      'limit_reached',
      `${mostOpen} of your replays are not finished. Wait for one, or cancel it.`,
    )
  }
  const ids = changes.flatMap(({ policyId }) => policyId ?? [])
  if (new Set(ids).size !== ids.length) {
    throw invalidField('changes', 'must not name a policy twice')
  }
  const set: ReplayedPolicy[] = []
  for (const change of changes) set.push(await replayed(db, change))
  const id = await beginReplay(scope, runner, set, slice)
  scope.record({
    resource: {
      kind: 'replay',
      id,
      name: set
        .map(({ name }) => name)
        .join(', ')
        .slice(0, 200),
    },
    detail: {
      policies: set.map(({ name, version, removed }) => ({ name, version, removed })),
      days: slice.days,
    },
  })
  return replayDetail(scope, id)
}
