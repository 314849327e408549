import type { GrantCreate } from '../../../contract/grants.ts'
import type { Resource } from '../../decision/types.ts'
import { problem } from '../../http/problem.ts'
import type { Scope } from '../../http/scope.ts'
import { personOf, requestResource, visible } from './standing.ts'
import {
  addStep,
  catalogue,
  findRequest,
  lockRequest,
  type NewStep,
  type RequestRow,
} from './store.ts'

/** Milliseconds. */
export const minute = 60_000

export const none = () => problem('not_found', 'There is no such request.')

export async function theRequest(scope: Scope, id: string): Promise<RequestRow> {
  const row = await findRequest(scope.db, id, scope.now)
  if (!row || !visible(scope, row)) throw none()
  return row
}

/** The request as the actor looked at it, held until the end of this change; whoever came later is told. */
export async function locked(scope: Scope, id: string): Promise<RequestRow> {
  const { roleId } = await theRequest(scope, id)
  await lockRequest(scope.db, id, roleId)
  return theRequest(scope, id)
}

/** What was looked at is what is decided on: terms, answers and approvals as they were shown (P45). */
export function demandFresh(scope: Scope, row: RequestRow): void {
  if (row.version === scope.expectedVersion) return
  throw problem('stale', 'Somebody did something with this request meanwhile. Look at it again.', {
    current: { version: row.version, state: row.stateNow },
  })
}

export function demandOpen(row: RequestRow): void {
  if (row.stateNow === 'pending' || row.stateNow === 'asked_back') return
  const lapsed = row.stateNow === 'lapsed'
  throw problem(
    lapsed ? 'conflict' : 'already_decided',
    lapsed ? 'It lapsed: nobody decided in time. Ask anew.' : 'It was decided already.',
  )
}

export async function theRole(scope: Scope, roleId: string) {
  const [role] = await catalogue(scope.db, roleId)
  if (!role) throw problem('not_found', 'There is no such role.')
  return role
}

const idIn = (given: GrantCreate['scope'], kind: GrantCreate['scope']['kind']): string | null =>
  given.kind === kind && given.kind !== 'organization' ? given.id : null

export const placeColumns = (given: GrantCreate['scope'], place: Resource) => ({
  scopeKind: given.kind,
  segmentId: idIn(given, 'segment'),
  projectId: idIn(given, 'project'),
  contextId: idIn(given, 'context'),
  scopeName: place.name,
})

export const holdsAlready = (until: Date | null) =>
  problem(
    'conflict',
    until
      ? `This role is held there already, until ${until.toISOString()}. Ask for an extension, or for a later start.`
      : 'This role is held there already, without an end.',
  )

/** Writes what was done, and what the request is from then on. */
export async function put(
  scope: Scope,
  row: RequestRow,
  step: Omit<NewStep, 'personId' | 'at'>,
  change: {
    readonly state?: 'pending' | 'asked_back' | 'approved' | 'denied' | 'withdrawn'
    readonly grantId?: string
    /** From when what it gave is true, and until when: what people did themselves the clock need not write down. */
    readonly begunAt?: Date
    readonly closedAt?: Date
  } = {},
): Promise<void> {
  const { db, now } = scope
  const over = change.state && change.state !== 'pending' && change.state !== 'asked_back'
  await addStep(db, row, { ...step, personId: personOf(scope), at: now })
  await db
    .updateTable('accessRequest')
    .set({ ...change, ...(over && { decidedAt: now }), version: row.version + 1 })
    .where('id', '=', row.id)
    .execute()
}

export const subjectOf = (row: RequestRow) => {
  const { kind, id, name } = requestResource(row)
  return { kind, id, name }
}
