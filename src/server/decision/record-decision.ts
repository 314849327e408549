import { sql } from 'kysely'
import type { Outcome } from '../../contract/decisions.ts'
import type { Db } from '../db/connect.ts'
import { newId } from '../db/new-id.ts'
import type { Actor, Decision, Resource } from './types.ts'

export interface DecisionRecord {
  readonly actor: Actor
  readonly resource: Resource
  readonly decision: Decision
  /** What was decided on. Never a secret's value. */
  readonly facts?: Readonly<Record<string, unknown>>
  readonly projectId?: string
  readonly contextId?: string
  readonly eventId?: string
  readonly latencyUs?: number
  /** A permitted action that then did not succeed. */
  readonly failed?: boolean
  /** The database's clock unless given; only the sample company's history gives it. */
  readonly at?: Date
}

/** Writes a decision and counts it, in the transaction of what it decided. Answers its id. */
export async function recordDecision(db: Db, record: DecisionRecord): Promise<string> {
  const { actor, resource, decision } = record
  const id = newId(record.at?.getTime())
  const projectId = record.projectId ?? resource.within.project ?? null
  const contextId = record.contextId ?? resource.within.context ?? null
  const outcome = outcomeOf(record)
  const at = record.at ?? sql<Date>`clock_timestamp()`
  const written = await db
    .insertInto('decision')
    .values({
      id,
      at,
      actorKind: actor.kind,
      actorId: actor.id,
      actorName: actor.name,
      action: decision.action,
      resourceKind: resource.kind,
      resourceId: resource.id,
      resourceName: resource.name,
      projectId,
      contextId,
      outcome,
      wouldDeny: decision.wouldDeny,
      layers: JSON.stringify(decision.layers),
      facts: JSON.stringify(record.facts ?? {}),
      policies: JSON.stringify(decision.policies),
      sentence: decision.sentence,
      latencyUs: record.latencyUs ?? null,
      eventId: record.eventId ?? null,
    })
    .returning('at')
    .executeTakeFirstOrThrow()
  await sql`
    insert into decision_rollup (hour, outcome, project_id, context_id, count)
    values (date_trunc('hour', ${written.at}::timestamptz), ${outcome}, ${projectId}, ${contextId}, 1)
    on conflict (hour, outcome,
      coalesce(project_id, '00000000-0000-0000-0000-000000000000'),
      coalesce(context_id, '00000000-0000-0000-0000-000000000000'))
    do update set count = decision_rollup.count + 1`.execute(db)
  return id
}

function outcomeOf({ decision, failed }: DecisionRecord): Outcome {
  if (decision.outcome === 'denied') return 'denied'
  if (failed) return 'failed'
  return decision.wouldDeny ? 'would_deny' : 'permitted'
}
