import type { contexts } from '../../../contract/contexts.ts'
import { contextLimits } from '../../../contract/context-limits.ts'
import type { InputOf } from '../../../contract/index.ts'
import type { Answer } from '../../../contract/operation.ts'
import type { Db } from '../../db/connect.ts'
import { newId } from '../../db/new-id.ts'
import { checkExpression } from '../../decision/expression.ts'
import { problem } from '../../http/problem.ts'
import type { Scope } from '../../http/scope.ts'
import { demandNamed, unknownNamed } from '../../http/named.ts'
import { lockContext, placeNamed, touchContext } from './store.ts'

type RestrictionAnswer = Answer<typeof contexts.restrict>

const selectRestrictions = (db: Db) =>
  db
    .selectFrom('restriction')
    .leftJoin('project', 'project.id', 'restriction.projectId')
    .leftJoin('team', 'team.id', 'restriction.teamId')
    .leftJoin('segment', 'segment.id', 'restriction.segmentId')
    .leftJoin('person', 'person.id', 'restriction.createdBy')
    .select([
      'restriction.id',
      'restriction.contextId',
      'restriction.kind',
      'restriction.projectId',
      'restriction.teamId',
      'restriction.segmentId',
      'project.name as projectName',
      'team.name as teamName',
      'segment.name as segmentName',
      'restriction.expression',
      'restriction.createdAt',
      'restriction.createdBy',
      'person.name as createdByName',
    ])
    .orderBy('restriction.id')

/** The restrictions of a context, in the order they were added, with the names of what they point to. */
export async function restrictionsOf(db: Db, contextId: string): Promise<RestrictionAnswer[]> {
  const rows = await selectRestrictions(db).where('contextId', '=', contextId).execute()
  return rows.map(answerOf)
}

/** Those of every context, by its id. */
export async function allRestrictions(db: Db): Promise<Map<string, RestrictionAnswer[]>> {
  const rows = await selectRestrictions(db).execute()
  const found = new Map<string, RestrictionAnswer[]>()
  for (const row of rows) {
    const known = found.get(row.contextId)
    if (known) known.push(answerOf(row))
    else found.set(row.contextId, [answerOf(row)])
  }
  return found
}

type Row = Awaited<ReturnType<ReturnType<typeof selectRestrictions>['execute']>>[number]

function answerOf(row: Row): RestrictionAnswer {
  const id = row.projectId ?? row.teamId ?? row.segmentId
  const name = row.projectName ?? row.teamName ?? row.segmentName
  return {
    id: row.id,
    kind: row.kind,
    target: id && name ? { id, name } : null,
    expression: row.expression,
    createdAt: row.createdAt,
    createdBy:
      row.createdBy && row.createdByName ? { id: row.createdBy, name: row.createdByName } : null,
  }
}

/** How a restriction reads in an event. */
const words = (made: RestrictionAnswer) =>
  `${made.kind}: ${made.target?.name ?? made.expression ?? ''}`

/** What a new restriction points to, once it is known to be one that may be added. */
export async function restrictionWanted(
  scope: Scope,
  restriction: InputOf<'contexts.restrict'>['restriction'],
): Promise<{ id: string; name: string } | undefined> {
  if (restriction.kind === 'expression') {
    const [fault] = checkExpression(restriction.expression)
    if (!fault) return undefined
    const where = `character ${fault.from + 1}`
    throw problem('invalid_input', `The expression is not right at ${where}: ${fault.message}.`, {
      fields: [{ path: 'restriction.expression', message: `${where}: ${fault.message}` }],
    })
  }
  const { kind, targetId } = restriction
  const path = 'restriction.targetId'
  const place = await placeNamed(scope.db, kind, targetId)
  // Teams are the whole organization's: who may restrict a context may name each.
  if (kind === 'team' && !place) throw unknownNamed(path, kind)
  if (kind !== 'team') demandNamed(scope, path, kind, place, [`${kind}:view`])
  return place && { id: place.id, name: place.name }
}

export async function addRestriction(
  scope: Scope,
  { contextId, restriction, reason }: InputOf<'contexts.restrict'>,
): Promise<RestrictionAnswer> {
  await lockContext(scope.db, contextId)
  const before = await restrictionsOf(scope.db, contextId)
  if (before.length >= contextLimits.restrictionsPerContext) {
    throw problem(
      'limit_reached',
      `A context has at most ${contextLimits.restrictionsPerContext} restrictions. Remove one, or join expressions by and.`,
    )
  }
  const target = (await restrictionWanted(scope, restriction))?.id ?? null
  const id = newId()
  await scope.db
    .insertInto('restriction')
    .values({
      id,
      contextId,
      kind: restriction.kind,
      projectId: restriction.kind === 'project' ? target : null,
      teamId: restriction.kind === 'team' ? target : null,
      segmentId: restriction.kind === 'segment' ? target : null,
      expression: restriction.kind === 'expression' ? restriction.expression : null,
      createdBy: scope.actor.personId ?? null,
    })
    .execute()
  const after = await restrictionsOf(scope.db, contextId)
  const made = after.find((each) => each.id === id)
  if (!made) throw new Error('a restriction that was just stored is not there')
  await touchContext(scope.db, contextId)
  scope.record({
    context: contextId,
    before: before.map(words),
    after: after.map(words),
    ...(reason && { detail: { reason } }),
  })
  return made
}

export async function removeRestriction(
  scope: Scope,
  { contextId, restrictionId, reason }: InputOf<'contexts.removeRestriction'>,
): Promise<void> {
  const version = await lockContext(scope.db, contextId)
  const before = await restrictionsOf(scope.db, contextId)
  if (version !== scope.expectedVersion) {
    const sentence = 'Somebody changed this context or its restrictions since you loaded them.'
    throw problem('stale', sentence, { current: { version, items: before } })
  }
  const gone = before.find(({ id }) => id === restrictionId)
  if (!gone) throw problem('not_found', 'This context has no such restriction.')
  await scope.db.deleteFrom('restriction').where('id', '=', gone.id).execute()
  await touchContext(scope.db, contextId)
  const after = before.filter((each) => each !== gone)
  scope.record({
    context: contextId,
    before: before.map(words),
    after: after.map(words),
    detail: { ...(after.length === 0 && { closed: true }), ...(reason && { reason }) },
  })
}
