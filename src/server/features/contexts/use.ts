import type { SecretReference } from '../../../contract/vaults.ts'
import type { Db } from '../../db/connect.ts'
import type { Restriction, RunFacts, UseQuestion } from '../../decision/run-facts.ts'
import type { Vault } from '../../vault/vault.ts'
import { contextResourceOf } from './resource.ts'
import { restrictionsOf } from './restrictions-service.ts'
import { currentVersions, touchUsed } from './secret-store.ts'
import { openSealed } from './secrets-service.ts'
import { contextsByNames } from './store.ts'

/** What the decision point is asked when a run wants a context: also by the exchange of a pipeline's token. */
export async function useQuestion(
  db: Db,
  context: { id: string; resource: UseQuestion['context']; segmentId: string | null },
  run: RunFacts,
): Promise<UseQuestion> {
  const restrictions = await restrictionsOf(db, context.id)
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
    ...(segment && { segment }),
  }
}

const asked = (stored: Awaited<ReturnType<typeof restrictionsOf>>[number]): Restriction => ({
  id: stored.id,
  kind: stored.kind,
  ...(stored.target && { target: stored.target }),
  ...(stored.expression !== null && { expression: stored.expression }),
})

/** A context as a run asks for it. */
export interface ContextForUse {
  readonly id: string
  readonly name: string
  readonly segmentId: string | null
  /** For whom its runs are given federated tokens. */
  readonly audiences: readonly string[]
  readonly resource: UseQuestion['context']
}

/** The contexts of these names or ids, in the order they were asked for. */
export async function contextsNamed(db: Db, asked: readonly string[]): Promise<ContextForUse[]> {
  const rows = await contextsByNames(db, asked)
  const found = asked.flatMap((each) => {
    const row = rows.find(({ id, name }) => id === each || name === each)
    return row ? [row] : []
  })
  return [...new Set(found)].map((row) => ({
    id: row.id,
    name: row.name,
    segmentId: row.segmentId,
    audiences: row.audiences,
    resource: contextResourceOf(row),
  }))
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

/**
 * The secrets of these contexts, of each name the last one's (CircleCI merges contexts in the order they are listed), with
 * their last use noted. Nothing is opened here: that is for when the event is on record.
 */
export async function sealedSecrets(
  db: Db,
  contextIds: readonly string[],
  now: Date,
): Promise<SealedSecret[]> {
  const rows = await currentVersions(db, contextIds)
  const byName = new Map<string, SealedSecret>()
  for (const contextId of contextIds) {
    for (const row of rows.filter((each) => each.contextId === contextId)) {
      const { id: secretId, name, token, version, sealed } = row
      byName.set(name, {
        name,
        token,
        contextId,
        reference: row.reference,
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
  }
  await touchUsed(db, contextIds, now)
  return [...byName.values()]
}
