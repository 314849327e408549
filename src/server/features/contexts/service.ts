import type { Answer } from '../../../contract/operation.ts'
import type { contexts } from '../../../contract/contexts.ts'
import { contextLimits } from '../../../contract/context-limits.ts'
import type { InputOf } from '../../../contract/index.ts'
import type { Db } from '../../db/connect.ts'
import { newId } from '../../db/new-id.ts'
import { organization } from '../../decision/organization.ts'
import type { ResourceLoader } from '../../decision/types.ts'
import { demandNamed, unknownNamed } from '../../http/named.ts'
import { problem } from '../../http/problem.ts'
import type { Scope } from '../../http/scope.ts'
import { closeExpiredGrants } from '../grants/service.ts'
import { contextResourceOf } from './resource.ts'
import {
  contextById,
  countContextsAlone,
  deleteContext,
  insertContext,
  placeNamed,
  updateContext,
  type ContextRow,
} from './store.ts'

export { admittedProjects } from './admitted.ts'
export { whereStood, type Stood } from './lineage.ts'
export { readReference } from './reference.ts'
export { touchUsed } from './secret-store.ts'
export { within as contextWithin } from './store.ts'
export {
  contextsInUse,
  questionOf,
  sealedSecrets,
  type ContextInUse,
  type SealedSecret,
  type StoredSecret,
} from './use.ts'

export type ContextAnswer = Answer<typeof contexts.view>

export const contextResource: ResourceLoader<Db> = async (db, id) => {
  const row = await contextById(db, id)
  return row && contextResourceOf(row)
}

const named = (id: string | null, name: string | null) => (id && name ? { id, name } : null)

export function answerOf(scope: Scope, row: ContextRow): ContextAnswer {
  return {
    id: row.id,
    name: row.name,
    description: row.description,
    segment: named(row.segmentId, row.segmentName),
    team: named(row.teamId, row.teamName),
    secrets: row.secrets,
    restrictions: row.restrictions,
    closed: row.restrictions === 0,
    createdAt: row.createdAt,
    createdBy: named(row.createdBy, row.createdByName),
    lastUsedAt: row.lastUsedAt,
    audiences: row.audiences,
    version: row.version,
    allowed: scope.allowed(contextResourceOf(row)),
  }
}

/** The context, or the 404 of one that was deleted since the door looked. */
export async function theContext(scope: Scope, id: string): Promise<ContextRow> {
  const row = await contextById(scope.db, id)
  if (!row) throw problem('not_found', 'There is no such context. It may have been deleted.')
  return row
}

/** What an event tells of a context. */
const told = (row: ContextRow) => ({
  name: row.name,
  description: row.description,
  segment: row.segmentName,
  team: row.teamName,
})

/** Whoever puts a context into a segment, or takes it out of all, needs to be allowed to create one there. */
async function demandPlace(scope: Scope, segmentId: string | null): Promise<void> {
  if (segmentId === null) {
    scope.demand('context:create', organization)
    return
  }
  const found = await placeNamed(scope.db, 'segment', segmentId)
  const either = ['segment:view', 'context:create'] as const
  const segment = demandNamed(scope, 'segmentId', 'segment', found, either)
  scope.demand('context:create', segment)
}

async function knownTeam(scope: Scope, teamId: string | null | undefined): Promise<void> {
  if (teamId && !(await placeNamed(scope.db, 'team', teamId))) throw unknownNamed('teamId', 'team')
}

export async function createContext(
  scope: Scope,
  input: InputOf<'contexts.create'>,
): Promise<ContextAnswer> {
  await demandPlace(scope, input.segmentId)
  await knownTeam(scope, input.teamId)
  if ((await countContextsAlone(scope.db)) >= contextLimits.contexts) {
    throw problem(
      'limit_reached',
      `There are ${contextLimits.contexts} contexts, which is the limit. Delete one that is not used any more.`,
    )
  }
  const id = newId()
  const { name, description, segmentId, teamId } = input
  const createdBy = scope.actor.personId ?? null
  await insertContext(scope.db, { id, name, description, segmentId, teamId, createdBy })
  const made = await theContext(scope, id)
  scope.record({ resource: { kind: 'context', id, name }, context: id, after: told(made) })
  return answerOf(scope, made)
}

export async function changeContext(
  scope: Scope,
  input: InputOf<'contexts.update'>,
): Promise<ContextAnswer> {
  const before = await theContext(scope, input.contextId)
  const { name, description, segmentId, teamId } = input
  if (segmentId !== undefined && segmentId !== before.segmentId) await demandPlace(scope, segmentId)
  await knownTeam(scope, teamId)
  const changed = await updateContext(scope.db, before.id, scope.expectedVersion ?? 0, {
    ...(name !== undefined && { name }),
    ...(description !== undefined && { description }),
    ...(segmentId !== undefined && { segmentId }),
    ...(teamId !== undefined && { teamId }),
  })
  if (!changed) throw stale(scope, before)
  const after = await theContext(scope, before.id)
  scope.record({ context: before.id, before: told(before), after: told(after) })
  return answerOf(scope, after)
}

/** For whom runs are given tokens: whoever may store a secret may say so, for a token opens as much as one. */
export async function federateContext(
  scope: Scope,
  { contextId, audiences }: InputOf<'contexts.federate'>,
): Promise<ContextAnswer> {
  const before = await theContext(scope, contextId)
  const wanted = [...new Set(audiences)]
  const changed = await updateContext(scope.db, contextId, scope.expectedVersion ?? 0, {
    audiences: wanted,
  })
  if (!changed) throw stale(scope, before)
  const after = await theContext(scope, contextId)
  scope.record({
    context: contextId,
    before: { audiences: before.audiences },
    after: { audiences: after.audiences },
  })
  return answerOf(scope, after)
}

export async function removeContext(
  scope: Scope,
  input: InputOf<'contexts.remove'>,
): Promise<void> {
  const before = await theContext(scope, input.contextId)
  if (input.confirm !== before.name) {
    const message = `Type the name ${before.name} to confirm.`
    throw problem('invalid_input', message, { fields: [{ path: 'confirm', message }] })
  }
  await closeExpiredGrants(scope.db, { contextId: before.id }, scope.now)
  if (!(await deleteContext(scope.db, before.id, scope.expectedVersion ?? 0))) {
    throw stale(scope, before)
  }
  scope.record({
    context: before.id,
    before: { ...told(before), secrets: before.secrets, restrictions: before.restrictions },
  })
}

const stale = (scope: Scope, current: ContextRow) =>
  problem('stale', 'Somebody changed this context since you loaded it.', {
    current: answerOf(scope, current),
  })
