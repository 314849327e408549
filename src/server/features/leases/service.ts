import type { AnswerOf, InputOf } from '../../../contract/index.ts'
import type { Db } from '../../db/connect.ts'
import type { Resource, ResourceLoader } from '../../decision/types.ts'
import { problem } from '../../http/problem.ts'
import type { Scope } from '../../http/scope.ts'
import {
  contextsOf,
  countGiven,
  countLive,
  countReplayed,
  leaseById,
  revokeLease,
  revokeLeases,
  type LeaseRow,
  type Whose,
} from './store.ts'

export { explain, pipelineOf, refusedAs } from './exchange.ts'

type Answer = AnswerOf<'leases.view'>
type Context = Answer['contexts'][number]

/** A lease lies in its project; with one context it lies in that as well. */
const resourceOf = (row: LeaseRow, contexts: readonly { id: string; name: string }[]): Resource => {
  const [only] = contexts
  return {
    kind: 'lease',
    id: row.id,
    name: contexts.map(({ name }) => name).join(', '),
    within: {
      project: row.projectId,
      ...(row.segmentId && { segment: row.segmentId }),
      ...(only && contexts.length === 1 && { context: only.id }),
    },
  }
}

async function contextsBy(db: Db, ids: readonly string[]): Promise<Map<string, Context[]>> {
  const found = new Map<string, Context[]>()
  for (const { leaseId, contextId, contextName, decisionId } of await contextsOf(db, ids)) {
    const known = found.get(leaseId) ?? []
    known.push({ id: contextId, name: contextName, decisionId })
    found.set(leaseId, known)
  }
  return found
}

export const leaseResource: ResourceLoader<Db> = async (db, id) => {
  const row = await leaseById(db, id)
  return row && resourceOf(row, (await contextsBy(db, [id])).get(id) ?? [])
}

const named = (id: string | null, name: string | null) => (id && name ? { id, name } : null)
const text = (value: unknown) => (typeof value === 'string' ? value : null)

function answerOf(scope: Scope, row: LeaseRow, contexts: Context[]): Answer {
  const { id, kind, runId, jobId, audience, boundAddress, issuedAt, expiresAt, redeemedAt } = row
  const { redeemedFrom, revokedAt, revokeReason, replayedAt } = row
  const run = row.run as { branch?: unknown; tag?: unknown }
  return {
    id,
    kind,
    state: row.expired ? 'expired' : row.state,
    project: { id: row.projectId, name: row.projectName },
    contexts,
    issuer: named(row.issuerId, row.issuerName),
    trustRule: named(row.trustRuleId, row.trustRuleName),
    actor: row.actorName,
    branch: text(run.branch),
    tag: text(run.tag),
    runId,
    jobId,
    audience,
    boundAddress,
    boundKey: row.jkt !== null,
    issuedAt,
    expiresAt,
    redeemedAt,
    redeemedFrom,
    revokedAt,
    revokedBy: named(row.revokedBy, row.revokedByName),
    revokeReason,
    replays: row.replays ?? 0,
    replayedAt,
    allowed: scope.allowed(resourceOf(row, contexts)),
  }
}

export async function leaseAnswers(scope: Scope, rows: readonly LeaseRow[]): Promise<Answer[]> {
  const contexts = await contextsBy(
    scope.db,
    rows.map(({ id }) => id),
  )
  return rows.map((row) => answerOf(scope, row, contexts.get(row.id) ?? []))
}

export async function theLease(scope: Scope, id: string): Promise<Answer> {
  const row = await leaseById(scope.db, id)
  const [answer] = row ? await leaseAnswers(scope, [row]) : []
  if (!answer) throw problem('not_found', 'There is no such lease.')
  return answer
}

export async function revokeOne(
  scope: Scope,
  { leaseId, reason }: InputOf<'leases.revoke'>,
): Promise<void> {
  const by = scope.actor.personId ?? null
  if (await revokeLease(scope.db, leaseId, { by, reason })) {
    scope.record({ detail: { reason } })
    return
  }
  const row = await leaseById(scope.db, leaseId)
  const state = row?.expired ? 'has expired' : `was ${row?.state ?? 'removed'}`
  const remedy =
    row?.state === 'redeemed' ? ' What it gave cannot be recalled: rotate the secrets.' : ''
  throw problem('conflict', `This lease ${state} already.${remedy}`)
}

export async function revokeMany(
  scope: Scope,
  { which }: InputOf<'leases.revokeMany'>,
): Promise<{ revoked: number }> {
  const { reason, ...chosen } = which
  const by = scope.actor.personId ?? null
  const reach = scope.reach('lease:revoke')
  const revoked = await revokeLeases(scope.db, reach, chosen, { by, reason })
  scope.record({ detail: { ...chosen, reason, revoked } })
  return { revoked }
}

const month = 30 * 86_400_000
const monthAgo = ({ now }: Scope) => new Date(now.getTime() - month)

/** What is live, and what was shown twice this month: as far as the reader may see leases. */
export async function liveLeases(scope: Scope, of: Whose): Promise<AnswerOf<'leases.live'>> {
  const reach = scope.reach('lease:view')
  const live = await countLive(scope.db, reach, of)
  return {
    leases: live?.leases ?? 0,
    projects: live?.projects ?? 0,
    contexts: live?.contexts ?? 0,
    runs: live?.runs ?? 0,
    until: live?.until ?? null,
    shownTwice: await countReplayed(scope.db, reach, of, monthAgo(scope)),
  }
}

/** What a trust rule or an issuer has given in the last 30 days: what its removal ends. */
export async function givenBy(scope: Scope, by: Parameters<typeof countGiven>[2]) {
  const given = await countGiven(scope.db, scope.reach('lease:view'), by, monthAgo(scope))
  return given ?? { leases: 0, live: 0, runs: 0, last: null }
}
