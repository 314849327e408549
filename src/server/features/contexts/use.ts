import type { SecretReference } from '../../../contract/vaults.ts'
import type { Db } from '../../db/connect.ts'
import type {
  Restriction,
  RunFacts,
  SegmentFacts,
  UseException,
  UseQuestion,
} from '../../decision/run-facts.ts'
import type { Zones } from '../../decision/zones.ts'
import type { Vault } from '../../vault/vault.ts'
import { zonesOf } from '../segments/service.ts'
import { contextResourceOf } from './resource.ts'
import { allRestrictions, restrictionsOf } from './restrictions-service.ts'
import { openSealed } from './secrets-service.ts'

/** What the decision point is asked when a run wants a context: also by the exchange of a pipeline's token. */
export async function useQuestion(
  db: Db,
  context: { id: string; resource: UseQuestion['context']; segmentId: string | null },
  run: RunFacts,
): Promise<UseQuestion> {
  const restrictions = await restrictionsOf(db, context.id)
  const exceptions = (await exceptionsInForce(db, context.id)).get(context.id)
  const segment = context.segmentId
    ? await db
        .selectFrom('segment')
        .where('id', '=', context.segmentId)
        .select(['id', 'name', 'cidrs', 'runnerClasses'])
        .executeTakeFirst()
    : undefined
  return {
    context: context.resource,
    run,
    restrictions: restrictions.map(asked),
    ...(exceptions && { exceptions }),
    ...(segment && { segment, zones: await zonesOf(db) }),
  }
}

type StoredRestriction = Awaited<ReturnType<typeof restrictionsOf>>[number]

const asked = (stored: StoredRestriction): Restriction => ({
  id: stored.id,
  kind: stored.kind,
  ...(stored.target && { target: stored.target }),
  ...(stored.expression !== null && { expression: stored.expression }),
})

/** A context as runs ask for it, with whom it admits. */
export interface ContextInUse {
  readonly id: string
  readonly name: string
  /** For whom its runs are given federated tokens. */
  readonly audiences: readonly string[]
  readonly resource: UseQuestion['context']
  readonly restrictions: readonly Restriction[]
  readonly exceptions: readonly UseException[]
  readonly segment?: SegmentFacts
  readonly zones: Zones
}

export const questionOf = (context: ContextInUse, run: RunFacts): UseQuestion => ({
  context: context.resource,
  run,
  restrictions: context.restrictions,
  exceptions: context.exceptions,
  ...(context.segment && { segment: context.segment, zones: context.zones }),
})

/** Every context, as runs ask for them. */
export async function contextsInUse(db: Db): Promise<ContextInUse[]> {
  const [rows, restrictions, zones, exceptions] = await Promise.all([
    db
      .selectFrom('context')
      .leftJoin('segment', 'segment.id', 'context.segmentId')
      .leftJoin('team', 'team.id', 'context.teamId')
      .select([
        'context.id',
        'context.name',
        'context.audiences',
        'context.segmentId',
        'segment.name as segmentName',
        'segment.cidrs',
        'segment.runnerClasses',
        'team.name as teamName',
      ])
      .execute(),
    allRestrictions(db),
    zonesOf(db),
    exceptionsInForce(db),
  ])
  return rows.map((row) =>
    inUse(row, restrictions.get(row.id) ?? [], exceptions.get(row.id) ?? [], zones),
  )
}

/** What was approved and has not ended, by context: whether it lasts still, each decision asks by its own clock. */
async function exceptionsInForce(db: Db, contextId?: string): Promise<Map<string, UseException[]>> {
  const rows = await db
    .selectFrom('useException as e')
    .innerJoin('person as asker', 'asker.id', 'e.requesterId')
    .innerJoin('person as approver', 'approver.id', 'e.decidedBy')
    .where('e.state', '=', 'approved')
    .$if(contextId !== undefined, (query) => query.where('e.contextId', '=', contextId ?? null))
    .select([
      'e.id',
      'e.projectId',
      'e.contextId',
      'e.branch',
      'e.tag',
      'e.decidedAt',
      'e.expiresAt',
    ])
    .select(['asker.name as askedBy', 'approver.name as approvedBy'])
    .execute()
  const byContext = new Map<string, UseException[]>()
  for (const { id, projectId, contextId, branch, tag, decidedAt, expiresAt, ...by } of rows) {
    if (!projectId || !contextId || !decidedAt || !expiresAt) continue
    const known = byContext.get(contextId) ?? []
    byContext.set(contextId, known)
    const ref = { ...(branch !== null && { branch }), ...(tag !== null && { tag }) }
    known.push({ id, projectId, ...ref, from: decidedAt, until: expiresAt, ...by })
  }
  return byContext
}

interface ContextRow {
  readonly id: string
  readonly name: string
  readonly audiences: readonly string[]
  readonly segmentId: string | null
  readonly segmentName: string | null
  readonly cidrs: readonly string[] | null
  readonly runnerClasses: readonly string[] | null
  readonly teamName: string | null
}

function inUse(
  row: ContextRow,
  restrictions: readonly StoredRestriction[],
  exceptions: readonly UseException[],
  zones: Zones,
): ContextInUse {
  const { id, name, audiences, segmentId, segmentName, cidrs, runnerClasses } = row
  const made = {
    id,
    name,
    audiences,
    resource: contextResourceOf({ ...row, restrictions: restrictions.length }),
    restrictions: restrictions.map(asked),
    exceptions,
    zones,
  }
  if (!segmentId || !segmentName) return made
  const facts = { cidrs: cidrs ?? [], runnerClasses: runnerClasses ?? [] }
  return { ...made, segment: { id: segmentId, name: segmentName, ...facts } }
}

/** A secret that is about to be given: sealed until somebody opens it. */
export interface SealedSecret {
  readonly name: string
  readonly token: string
  readonly contextId: string
  /** Where its value is kept instead, as the database says it; what is opened is what was sealed. */
  readonly reference: SecretReference | null
  open(vault: Vault): string
}

/** One secret of a context, as it is stored. */
export interface StoredSecret {
  readonly contextId: string
  readonly secretId: string
  readonly name: string
  readonly token: string
  readonly version: number
  readonly sealed: Buffer
  readonly reference: SecretReference | null
}

/**
 * Of each name the last one, as they are listed (CircleCI merges contexts in the order they are listed). Nothing is opened
 * here: that is for when the event is on record.
 */
export function sealedSecrets(rows: readonly StoredSecret[]): SealedSecret[] {
  const byName = new Map<string, SealedSecret>()
  for (const { contextId, secretId, name, token, version, sealed, reference } of rows) {
    byName.set(name, {
      name,
      token,
      contextId,
      reference,
      open(vault) {
        const value = openSealed(vault, sealed, { contextId, secretId, name, version })
        try {
          return value.toString('utf8')
        } finally {
          value.fill(0)
        }
      },
    })
  }
  return [...byName.values()]
}
