import type { InputOf } from '../../../contract/index.ts'
import { exceptionLimits } from '../../../contract/exception-limits.ts'
import { duration } from '../../../contract/duration.ts'
import { refuses } from '../../../contract/refuses.ts'
import { newId } from '../../db/new-id.ts'
import { demandPerson } from '../../http/person.ts'
import { invalidField, problem } from '../../http/problem.ts'
import type { Scope } from '../../http/scope.ts'
import { contextResource } from '../contexts/service.ts'
import { recordedDecision, recordedRun } from '../decisions/service.ts'
import { findException, layersOf, lockException, waitingFor, type ExceptionRow } from './store.ts'

export { keepExceptionsTime } from './clock.ts'

const minute = 60_000
/** Most that an inbox names. */
const mostWaiting = 100

const exceptionName = (row: Pick<ExceptionRow, 'projectName' | 'contextName' | 'branch' | 'tag'>) =>
  `${row.projectName} on ${row.branch ?? row.tag ?? ''} in ${row.contextName}`

/** What waits for the actor's decision: nobody decides on what they asked for. */
export const exceptionsWaiting = (
  { db, now, reach }: Pick<Scope, 'db' | 'now' | 'reach'>,
  personId: string,
) => waitingFor(db, personId, reach('context:restrict'), now, mostWaiting)

export const personOf = (scope: Pick<Scope, 'actor'>): string =>
  demandPerson(scope, 'Only people ask for exceptions and decide on them.')

const none = () => problem('not_found', 'There is no such exception.')

export const isOwn = (scope: Scope, row: ExceptionRow) => row.requesterId === scope.actor.personId

/** What may be done about its context; nothing once that is gone. */
export async function mayOn(
  scope: Scope,
  row: ExceptionRow,
  permission: 'context:view' | 'context:restrict',
) {
  const context =
    row.contextId === null ? undefined : await contextResource(scope.db, row.contextId)
  return context !== undefined && scope.decide(permission, context).outcome === 'permitted'
}

/** One's own, or of a context that one may see. */
export async function theException(scope: Scope, id: string): Promise<ExceptionRow> {
  const row = await findException(scope.db, id, scope.now)
  if (!row || !(isOwn(scope, row) || (await mayOn(scope, row, 'context:view')))) throw none()
  return row
}

/** As the actor looked at it, held until the end of this change. */
async function locked(scope: Scope, id: string): Promise<ExceptionRow> {
  await lockException(scope.db, id)
  const row = await theException(scope, id)
  if (row.version !== scope.expectedVersion) {
    throw problem(
      'stale',
      'Somebody did something with this exception meanwhile. Look at it again.',
      {
        current: { version: row.version, state: row.stateNow },
      },
    )
  }
  return row
}

/** Of the context that the path names, on which the door has decided. */
async function lockedOf(
  scope: Scope,
  { contextId, exceptionId }: { readonly contextId: string; readonly exceptionId: string },
): Promise<ExceptionRow> {
  const row = await locked(scope, exceptionId)
  if (row.contextId !== contextId) throw none()
  return row
}

async function change(
  scope: Scope,
  row: ExceptionRow,
  values: Partial<
    Pick<
      ExceptionRow,
      | 'state'
      | 'minutes'
      | 'decidedAt'
      | 'decidedBy'
      | 'decisionText'
      | 'expiresAt'
      | 'endedAt'
      | 'endedBy'
    >
  >,
  told: Readonly<Record<string, unknown>>,
): Promise<void> {
  await scope.db
    .updateTable('useException')
    .set({ ...values, version: row.version + 1 })
    .where('id', '=', row.id)
    .execute()
  scope.record({
    ...subjectOf(row),
    before: { state: row.stateNow, minutes: row.minutes },
    after: { state: values.state, ...told },
  })
}

const subjectOf = (row: ExceptionRow) => ({
  resource: { kind: 'exception', id: row.id, name: exceptionName(row) },
  ...(row.projectId && { project: row.projectId }),
  ...(row.contextId && { context: row.contextId }),
})

/** What an exception admits: of a project, on exactly a branch or a tag, to a context. */
export type Admitted = Pick<
  ExceptionRow,
  'projectId' | 'projectName' | 'contextId' | 'contextName' | 'branch' | 'tag'
>

/** Of a refusal that the asker may see, and that restrictions alone stand behind: its run, and nothing beyond. */
export async function admittedBy(
  scope: Scope,
  decisionId: string,
): Promise<Admitted & { readonly projectId: string; readonly contextId: string }> {
  const { db } = scope
  const reader = { actor: scope.actor, reach: scope.reach('decision:view') }
  const refused = await recordedDecision(db, reader, decisionId)
  if (!refused) throw problem('not_found', 'There is no such decision.')
  const run = recordedRun(refused)
  const { projectId, contextId } = refused
  if (
    refused.action !== 'context:use' ||
    refused.outcome !== 'denied' ||
    !run?.project ||
    !projectId ||
    !contextId
  ) {
    throw problem('conflict', 'Only a run that was refused a context is asked an exception for.')
  }
  const { branch, tag } = run
  if (run.fromFork || run.sshRerun) {
    throw problem('conflict', 'Code of a fork and reruns with SSH are admitted by no exception.')
  }
  if ((branch === undefined) === (tag === undefined)) {
    throw problem(
      'conflict',
      'The run told neither a branch nor a tag, so nothing can be admitted by it.',
    )
  }
  const beside = (await layersOf(db, decisionId)).find(
    (one) => refuses(one) && (one.layer !== 'restriction' || one.verdict === 'error'),
  )
  if (beside) {
    throw problem(
      'conflict',
      `An exception admits what restrictions refuse, and this was refused by more: ${beside.clause}.`,
    )
  }
  return {
    projectId,
    projectName: run.project.name,
    contextId,
    contextName: refused.resourceName,
    branch: branch ?? null,
    tag: tag ?? null,
  }
}

export async function askException(
  scope: Scope,
  { decisionId, minutes, reason }: InputOf<'exceptions.create'>,
): Promise<string> {
  const { db, now } = scope
  const requesterId = personOf(scope)
  if (reason.trim() === '') throw invalidField('reason', 'must say why')
  const admitted = await admittedBy(scope, decisionId)
  const { projectId, contextId, branch, tag } = admitted
  const id = newId()
  const made = {
    id,
    requesterId,
    ...admitted,
    minutes,
    reason,
    decisionId,
    createdAt: now,
    answerBy: new Date(now.getTime() + exceptionLimits.answer * minute),
  }
  // One that has lapsed is not in the way, whether or not that was written down yet.
  await db
    .updateTable('useException')
    .set((set) => ({ state: 'lapsed', version: set('version', '+', 1) }))
    .where('contextId', '=', contextId)
    .where('state', '=', 'pending')
    .where('answerBy', '<=', now)
    .execute()
  await db.insertInto('useException').values(made).execute()
  scope.record({
    resource: { kind: 'exception', id, name: exceptionName(made) },
    project: projectId,
    context: contextId,
    after: {
      state: 'pending',
      ...(branch !== null && { branch }),
      ...(tag !== null && { tag }),
      minutes,
      reason,
      decision: decisionId,
    },
  })
  return id
}

function demandPending(row: ExceptionRow): void {
  if (row.stateNow === 'pending') return
  throw row.stateNow === 'lapsed'
    ? problem('conflict', 'It lapsed: nobody decided in time. Ask anew.')
    : problem('already_decided', 'It was decided already.')
}

/** Who asked is never who decides (P45); the database has the last word. */
function demandOther(scope: Scope, row: ExceptionRow): string {
  if (isOwn(scope, row)) throw problem('forbidden', 'Nobody decides on their own exception.')
  return personOf(scope)
}

export async function approveException(
  scope: Scope,
  { minutes, reason, ...named }: InputOf<'exceptions.approve'>,
): Promise<void> {
  const row = await lockedOf(scope, named)
  const decidedBy = demandOther(scope, row)
  demandPending(row)
  if (!row.projectId) throw problem('conflict', 'Its project was deleted.')
  const lasts = minutes ?? row.minutes
  if (lasts > row.minutes) {
    throw invalidField('minutes', `must be at most the ${duration(row.minutes)} asked for`)
  }
  const { now } = scope
  const expiresAt = new Date(now.getTime() + lasts * minute)
  await change(
    scope,
    row,
    {
      state: 'approved',
      minutes: lasts,
      decidedAt: now,
      decidedBy,
      decisionText: reason,
      expiresAt,
    },
    { minutes: lasts, expiresAt: expiresAt.toISOString(), ...(reason && { reason }) },
  )
}

export async function denyException(
  scope: Scope,
  { reason, ...named }: InputOf<'exceptions.deny'>,
): Promise<void> {
  const row = await lockedOf(scope, named)
  const decidedBy = demandOther(scope, row)
  demandPending(row)
  await change(
    scope,
    row,
    { state: 'denied', decidedAt: scope.now, decidedBy, decisionText: reason },
    { reason },
  )
}

async function over(scope: Scope, row: ExceptionRow, reason: string): Promise<void> {
  if (row.stateNow !== 'active') throw problem('conflict', 'It admits nothing that could be ended.')
  await change(
    scope,
    row,
    { state: 'ended', endedAt: scope.now, endedBy: personOf(scope) },
    { was: row.expiresAt?.toISOString(), ...(reason && { reason }) },
  )
}

export async function endException(
  scope: Scope,
  { reason, ...named }: InputOf<'exceptions.end'>,
): Promise<void> {
  await over(scope, await lockedOf(scope, named), reason)
}

/** What one asked for: before it was decided on, or what it gave. */
export async function withdrawException(
  scope: Scope,
  { exceptionId, reason }: InputOf<'exceptions.withdraw'>,
): Promise<void> {
  const row = await locked(scope, exceptionId)
  if (!isOwn(scope, row)) throw problem('forbidden', 'It is not yours to withdraw.')
  if (row.stateNow === 'active') return over(scope, row, reason)
  demandPending(row)
  await change(scope, row, { state: 'withdrawn' }, { ...(reason && { reason }) })
}
