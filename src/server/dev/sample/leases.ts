import { randomBytes } from 'node:crypto'
import { leaseSeconds } from '../../../contract/exchange-words.ts'
import type { Db } from '../../db/connect.ts'
import { newId } from '../../db/new-id.ts'
import { storedRun } from '../../decision/run-of.ts'
import { emitAll } from '../../ledger/emit.ts'
import type { Chance } from './chance.ts'
import type { PlayedRun } from './runs.ts'

/** How many of the newest days have their leases: the list is of now, and of the time before the decisions tell. */
export const leaseDays = 7

/** What permitted runs were given: a lease each, which all but a few redeemed within the minute. */
export async function giveLeases(
  db: Db,
  chance: Chance,
  played: readonly PlayedRun[],
  now: Date,
): Promise<void> {
  const given = played.filter(({ record }) => record.decision.outcome === 'permitted')
  if (given.length === 0) return
  const rules = new Map(
    (await db.selectFrom('trustRule').select(['id', 'issuerId', 'projectId']).execute()).map(
      (rule) => [rule.projectId, rule],
    ),
  )
  const leases = given.map(({ record, decisionId = null }) => {
    const { at, actor, resource, run } = record
    const { id: projectId, name: projectName } = run.project
    const rule = rules.get(projectId)
    const redeemedAt = new Date(at.getTime() + chance.between(2_000, 40_000))
    const redeemed = chance.happens(0.98) && redeemedAt < now
    const number = String(chance.between(1_000_000_000, 9_999_999_999))
    return {
      lease: {
        id: newId(at.getTime()),
        kind: 'secrets' as const,
        // Of a lease that nobody was ever given.
        secretHash: randomBytes(32),
        issuerId: rule?.issuerId ?? null,
        trustRuleId: rule?.id ?? null,
        projectId,
        projectName,
        actorId: actor.id,
        actorName: actor.name,
        runId: number,
        jobId: `${number}.1`,
        run: JSON.stringify(storedRun(run)),
        boundAddress: run.ip ?? null,
        state: redeemed ? ('redeemed' as const) : ('issued' as const),
        issuedAt: at,
        expiresAt: new Date(at.getTime() + leaseSeconds.usual * 1_000),
        ...(redeemed && { redeemedAt, redeemedFrom: run.ip ?? null }),
      },
      context: {
        contextId: resource.id,
        contextName: resource.name,
        decisionId,
      },
    }
  })
  await db
    .insertInto('lease')
    .values(leases.map(({ lease }) => lease))
    .execute()
  await db
    .insertInto('leaseContext')
    .values(leases.map(({ lease, context }) => ({ ...context, leaseId: lease.id, position: 0 })))
    .execute()
  await emitAll(
    db,
    leases.flatMap(({ lease, context: { contextId, contextName } }) =>
      lease.redeemedAt
        ? {
            at: lease.redeemedAt,
            event: {
              actor: { kind: 'workload', id: lease.actorId, name: lease.actorName },
              action: 'leases.redeem',
              outcome: 'permitted' as const,
              resource: { kind: 'lease', id: lease.id, name: contextName },
              project: lease.projectId,
              context: contextId,
              requestId: newId(lease.redeemedAt.getTime()),
              ...(lease.boundAddress && { ip: lease.boundAddress }),
              detail: { contexts: [contextName] },
            },
          }
        : [],
    ),
  )
}
