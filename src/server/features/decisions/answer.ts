import type { AnswerOf } from '../../../contract/index.ts'
import type { DecisionRow } from './store.ts'

const named = (id: string | null, name: string | null) => (id ? { id, name: name ?? id } : null)

/** A decision as a list shows it. */
export const decisionAnswer = (row: DecisionRow): AnswerOf<'decisions.list'>['items'][number] => ({
  id: row.id,
  at: row.at,
  actor: { kind: row.actorKind, id: row.actorId, name: row.actorName },
  action: row.action,
  resource: { kind: row.resourceKind, id: row.resourceId, name: row.resourceName },
  project: named(row.projectId, row.projectName),
  context: named(row.contextId, row.contextName),
  outcome: row.outcome,
  sentence: row.sentence,
})
