import { CompiledQuery } from 'kysely'
import type { Outcome } from '../../contract/decisions.ts'
import { refuses } from '../../contract/refuses.ts'
import type { Db } from '../db/connect.ts'
import { newId } from '../db/new-id.ts'
import { prepared, type Statement } from '../db/statement.ts'
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
  const row = rowOf(record, record.at ?? now)
  last(writing(row))
  return row.id
}

/** Writes many decisions of known times at once, in their order; answers their ids. */
export async function recordDecisions(
  db: Db,
  records: readonly (DecisionRecord & { readonly at: Date })[],
): Promise<string[]> {
  const rows = records.map((record) => rowOf(record, record.at))
  const [first, ...others] = rows.map(writing)
  if (first) {
    const { text, values } = prepared(first, ...others)
    await db.executeQuery(CompiledQuery.raw(text, values))
  }
  return rows.map(({ id }) => id)
}

type Row = ReturnType<typeof rowOf>

const types = {
  id: 'uuid',
  at: 'timestamptz',
  actorKind: 'text',
  actorId: 'text',
  actorName: 'text',
  action: 'text',
  resourceKind: 'text',
  resourceId: 'text',
  resourceName: 'text',
  projectId: 'uuid',
  contextId: 'uuid',
  outcome: 'text',
  wouldDeny: 'boolean',
  layers: 'jsonb',
  facts: 'jsonb',
  run: 'jsonb',
  asked: 'jsonb',
  claims: 'jsonb',
  policies: 'jsonb',
  sentence: 'text',
  latencyUs: 'int',
  cause: 'text',
  eventId: 'uuid',
} satisfies { readonly [column in keyof Row]: string }
const columns = Object.keys(types) as (keyof Row)[]

const names = columns.map((name) => name.replaceAll(/[A-Z]/g, (c) => `_${c.toLowerCase()}`)).join()
const arrays = columns.map((name, at) => `$${at + 1}::${types[name]}[]`).join()
const insertion = `
  with written as (
    insert into decision (${names}) select * from unnest(${arrays})
    returning at, outcome, project_id, context_id, cause),
  refused as (
    insert into refusal_day (day, cause, project_id, context_id, count)
    select (at at time zone 'UTC')::date, coalesce(cause, 'unknown'), project_id, context_id, count(*) from written
    where outcome = 'denied' group by 1, 2, 3, 4 order by 1, 2, 3, 4
    on conflict (day, cause,
      coalesce(project_id, '00000000-0000-0000-0000-000000000000'),
      coalesce(context_id, '00000000-0000-0000-0000-000000000000'), slot)
    do update set count = refusal_day.count + excluded.count)
  insert into decision_rollup (hour, outcome, project_id, context_id, count)
  select date_trunc('hour', at), outcome, project_id, context_id, count(*) from written
  group by 1, 2, 3, 4 order by 1, 2, 3, 4
  on conflict (hour, outcome,
    coalesce(project_id, '00000000-0000-0000-0000-000000000000'),
    coalesce(context_id, '00000000-0000-0000-0000-000000000000'), slot)
  do update set count = decision_rollup.count + excluded.count`

const writing = (row: Row): Statement => ({
  sql: insertion,
  parameters: columns.map((name) => row[name]),
  rows: true,
})

function rowOf(record: DecisionRecord, at: Date) {
  const { actor, resource, decision } = record
  return {
    id: record.id ?? newId(record.at?.getTime()),
    at,
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
    cause: causeOf(record),
    eventId: record.eventId ?? null,
  }
}

/** The layer that refused. */
function causeOf({ decision: { outcome, layers } }: DecisionRecord): string | null {
  if (outcome !== 'denied') return null
  return layers.find(refuses)?.layer ?? null
}

function outcomeOf({ decision, failed }: DecisionRecord): Outcome {
  if (decision.outcome === 'denied') return 'denied'
  if (failed) return 'failed'
  return decision.wouldDeny ? 'would_deny' : 'permitted'
}
