import { sql } from 'kysely'
import { newId } from '../../db/new-id.ts'
import { starterLibrary } from '../../features/policies/starter-library.ts'
import type { Stage } from './stage.ts'

/** Which starter policies the company took, and how far each came. */
const taken: readonly (readonly [string, 'draft' | 'evaluate' | 'enforce'])[] = [
  ['no-forks', 'enforce'],
  ['no-ssh-rerun', 'enforce'],
  ['no-api-triggers', 'enforce'],
  ['default-branch-only', 'evaluate'],
  ['tokens-do-not-grant', 'evaluate'],
]

/** Puts the company's policies there, each as somebody wrote it and two people agreed on it. */
export async function adoptPolicies(stage: Stage, day: Date): Promise<void> {
  let minute = 0
  const modes = new Map(taken)
  for (const [number, starter] of starterLibrary.slice(0, 12).entries()) {
    const mode = modes.get(starter.id) ?? 'draft'
    const at = new Date(day.getTime() + ++minute * 1_200_000)
    await stage.act({
      by: number % 3 === 0 ? 'Mirela Popescu' : 'Ada Okafor',
      at,
      action: 'policies.create',
      may: 'policy:create',
      work: async (scope) => {
        const { db, actor } = scope
        const id = newId(at.getTime())
        const by = actor.personId ?? null
        await db
          .insertInto('policy')
          .values({
            id,
            name: starter.name,
            description: starter.explanation,
            mode,
            versionInForce: mode === 'draft' ? null : 1,
            ownerId: by,
            createdBy: by,
            createdAt: at,
          })
          .execute()
        await db
          .insertInto('policyVersion')
          .values({ policyId: id, number: 1, text: starter.text, author: by, createdAt: at })
          .execute()
        await sql`update policy_epoch set epoch = gen_random_uuid()`.execute(db)
        scope.record({
          resource: { kind: 'policy', id, name: starter.name },
          after: { name: starter.name, mode },
        })
      },
    })
  }
}
