import { sql } from 'kysely'
import type { Outcome } from '../../contract/decisions.ts'
import type { Db } from '../db/connect.ts'
import { newId } from '../db/new-id.ts'
import type { TokenThen } from '../db/tables/decisions.ts'
import type { Transaction } from '../db/transaction.ts'
import type { RunFacts } from './run-facts.ts'
import { askedThen } from './policy-facts.ts'
import { storedRun } from './run-of.ts'
import type { Actor, Decision, Resource } from './types.ts'

export interface DecisionRecord {
  /** A new one unless given. */
  readonly id?: string
  readonly actor: Actor
  readonly resource: Resource
  readonly decision: Decision
  /** What was decided on. Never a secret's value. */
  readonly facts?: Readonly<Record<string, unknown>>
  /** Everything that was known of a pipeline run: what replay asks again. */
  readonly run?: RunFacts
  /** What the CI's token said of whose run it is: what a preview of a trust rule asks again. */
  readonly token?: TokenThen
  readonly projectId?: string
  readonly contextId?: string
  readonly eventId?: string
  readonly latencyUs?: number
  /** A permitted action that then did not succeed. */
  readonly failed?: boolean
  /** The clock of the transaction unless given; only the sample company's history gives it. */
  readonly at?: Date
}

/** Leaves a decision to be written and counted with the commit of what it decided. Answers its id. */
export function recordDecision({ now, last }: Transaction, record: DecisionRecord): string {
  const at = record.at ?? now
  const row = { ...rowOf(record, at), at }
  insertion ??= insertionOf(Object.keys(row))
  last({ sql: insertion, parameters: Object.values(row) })
  return row.id
}

/** One text, made of the row itself, so that no column of it can be forgotten. */
let insertion: string | undefined

const insertionOf = (names: readonly string[]) => `
  with written as (
    insert into decision (${names.map((name) => name.replaceAll(/[A-Z]/g, (c) => `_${c.toLowerCase()}`)).join(', ')})
    values (${names.map((_, at) => `$${at + 1}`).join(', ')})
    returning at, outcome, project_id, context_id)
  insert into decision_rollup (hour, outcome, project_id, context_id, count)
  select date_trunc('hour', at), outcome, project_id, context_id, 1 from written
  ${addingUp}`

/** Writes many decisions of known times at once. */
export async function recordDecisions(
  db: Db,
  records: readonly (DecisionRecord & { readonly at: Date })[],
): Promise<void> {
  if (records.length === 0) return
  const rows = records.map((record) => ({ ...rowOf(record, record.at), at: record.at }))
  await db.insertInto('decision').values(rows).execute()
  await counting(rows).execute(db)
}

const addingUp = `
  on conflict (hour, outcome,
    coalesce(project_id, '00000000-0000-0000-0000-000000000000'),
    coalesce(context_id, '00000000-0000-0000-0000-000000000000'), slot)
  do update set count = decision_rollup.count + excluded.count`

type Counted = Pick<ReturnType<typeof rowOf>, 'outcome' | 'projectId' | 'contextId'> & { at: Date }

const counting = (rows: readonly Counted[]) => sql`
    insert into decision_rollup (hour, outcome, project_id, context_id, count)
    select date_trunc('hour', at), outcome, project_id, context_id, count(*)
    from unnest(${rows.map(({ at }) => at)}::timestamptz[], ${rows.map(({ outcome }) => outcome)}::text[],
      ${rows.map(({ projectId }) => projectId)}::uuid[], ${rows.map(({ contextId }) => contextId)}::uuid[])
      as given(at, outcome, project_id, context_id)
    group by 1, 2, 3, 4 order by 1, 2, 3, 4
    ${sql.raw(addingUp)}`

function rowOf(record: DecisionRecord, at: Date) {
  const { actor, resource, decision } = record
  return {
    id: record.id ?? newId(record.at?.getTime()),
    actorKind: actor.kind,
    actorId: actor.id,
    actorName: actor.name,
    action: decision.action,
    resourceKind: resource.kind,
    resourceId: resource.id,
    resourceName: resource.name,
    projectId: record.projectId ?? resource.within.project ?? null,
    contextId: record.contextId ?? resource.within.context ?? null,
    outcome: outcomeOf(record),
    wouldDeny: decision.wouldDeny,
    layers: JSON.stringify(decision.layers),
    facts: JSON.stringify(record.facts ?? {}),
    run: record.run ? JSON.stringify(storedRun(record.run)) : null,
    asked: JSON.stringify(askedThen(actor, resource, at)),
    claims: record.token ? JSON.stringify(record.token) : null,
    policies: JSON.stringify(decision.policies),
    sentence: decision.sentence,
    latencyUs: record.latencyUs ?? null,
    eventId: record.eventId ?? null,
  }
}

function outcomeOf({ decision, failed }: DecisionRecord): Outcome {
  if (decision.outcome === 'denied') return 'denied'
  if (failed) return 'failed'
  return decision.wouldDeny ? 'would_deny' : 'permitted'
}
