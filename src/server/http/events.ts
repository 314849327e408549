import { sql } from 'kysely'
import type { Outcome } from '../../contract/decisions.ts'
import type { Db } from '../db/connect.ts'
import type { Transaction } from '../db/transaction.ts'
import { recordDecision } from '../decision/record-decision.ts'
import { factsShown } from '../decision/run-of.ts'
import type { Actor, Decision, Resource } from '../decision/types.ts'
import { emit, type AuditEvent } from '../ledger/emit.ts'
import type { Decided, Record, RequestFacts } from './scope.ts'

/** Everything that the event of one request says. */
export interface Happening {
  readonly actor: Actor
  readonly action: string
  readonly outcome: Outcome
  readonly request: RequestFacts
  readonly record?: Record
  /** What was asked on, where the handler recorded nothing more exact. */
  readonly resource?: Resource
  readonly decision?: Decision
  /** Decisions that the handler made itself. */
  readonly decided?: readonly (Decided & { readonly id: string })[]
  readonly sentence?: string
  /** When it happened, where history is retold. */
  readonly at?: Date
}

const actorOf = (actor: Actor): AuditEvent['actor'] => ({
  kind: actor.kind,
  id: actor.personId ?? actor.id,
  name: actor.name,
  ...(actor.issuer && { issuer: actor.issuer }),
  ...(actor.subject && { subject: actor.subject }),
  ...(actor.sessionId && { session: actor.sessionId }),
  ...(actor.tokenId && { token: actor.tokenId }),
  ...(actor.acr && { acr: actor.acr }),
  ...(actor.authenticatedAt && { authTime: actor.authenticatedAt.toISOString() }),
})

/** Leaves the event, and the decision behind it, to be written with the commit of what happened. */
export function writeEvent(transaction: Transaction, happening: Happening): void {
  const { actor, action, request, record = {}, at } = happening
  const { decision: made } = record
  const on = made?.resource ?? happening.resource
  const resource = record.resource ?? (on && { kind: on.kind, id: on.id, name: on.name })
  const project = record.project ?? on?.within.project
  const context = record.context ?? on?.within.context
  const { before, after, detail } = record
  const decision = made?.decision ?? happening.decision
  const sentence = made?.decision.sentence ?? happening.sentence
  const outcome = made ? outcomeOf(made.decision) : happening.outcome
  const eventId = emit(
    transaction,
    {
      actor: actorOf(actor),
      action,
      outcome,
      requestId: request.id,
      ip: request.ip,
      ...(request.userAgent && { userAgent: request.userAgent.slice(0, 400) }),
      ...(resource && { resource }),
      ...(project && { project }),
      ...(context && { context }),
      ...(before !== undefined && { before }),
      ...(after !== undefined && { after }),
      ...(detail !== undefined && { detail }),
      ...(sentence && { sentence }),
      ...(decision && { decision: { grants: decision.grants, policies: decision.policies } }),
      ...(actor.email && {
        people: [{ id: actor.personId ?? actor.id, name: actor.name, email: actor.email }],
      }),
    },
    at,
  )
  for (const { run, ...each } of happening.decided ?? []) {
    recordDecision(transaction, { ...each, actor, run, facts: factsShown(run), eventId })
  }
  if (!decision || !on) return
  recordDecision(transaction, {
    actor,
    resource: on,
    decision,
    facts: { ip: request.ip, client: actor.kind, ...made?.facts },
    ...(made && { id: made.id }),
    ...(made?.latencyUs !== undefined && { latencyUs: made.latencyUs }),
    eventId,
    ...(at && { at }),
    ...(outcome === 'failed' && { failed: true }),
    ...(project && { projectId: project }),
    ...(context && { contextId: context }),
  })
}

const outcomeOf = ({ outcome, wouldDeny }: Decision): Outcome =>
  outcome === 'denied' ? 'denied' : wouldDeny ? 'would_deny' : 'permitted'

/** True for the first in this minute of what is folded: its event stands for the rest. */
export async function firstOfMinute(db: Db, who: string, operation: string): Promise<boolean> {
  const written = await sql`
    insert into read_fold (actor_id, operation, minute)
    values (${who}, ${operation}, date_trunc('minute', clock_timestamp()))
    on conflict do nothing`.execute(db)
  return written.numAffectedRows === 1n
}
