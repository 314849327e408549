import type { Database } from '../../db/connect.ts'
import { inTransaction } from '../../db/transaction.ts'
import { createDecider } from '../../decision/decide.ts'
import { loadActor } from '../../decision/load-actor.ts'
import type { PolicyStore } from '../../decision/policy-store.ts'
import type { Permission } from '../../../contract/permissions.ts'
import type { Reach } from '../../decision/types.ts'
import type { Reader } from '../../http/list-file.ts'
import { anywhere } from '../../http/standing.ts'

/** Who asked for a file, and from where. */
interface Asker {
  readonly personId: string
  readonly ip: string
  /** When they asked: what the file is of. */
  readonly at: Date
}

export interface Standing {
  readonly reader: Reader
  /** Where the permissions are held by which the rows were chosen so far. */
  readonly seen: () => Readonly<Record<string, Reach>>
}

/**
 * What whoever asked for a file may see at this moment, as the door would find it (P41): nothing, when they have left or
 * do not hold the permission any more, or a policy forbids it.
 */
export async function standingNow(
  db: Database,
  policies: PolicyStore,
  may: Permission,
  { personId, ip, at }: Asker,
): Promise<Standing | undefined> {
  return inTransaction(db, { readOnly: true }, async (tx, transaction) => {
    const actor = await loadActor(tx, personId)
    if (!actor) return undefined
    const decider = createDecider({ policies: await policies.at(transaction) })
    const facts = { now: transaction.now, ip, client: actor.kind }
    const place = anywhere(decider.reach(actor, may))
    if (decider.decide({ actor, action: may, resource: place, facts }).outcome === 'denied') {
      return undefined
    }
    const seen = new Map<string, Reach>()
    const reader: Reader = {
      db,
      actor,
      now: at,
      reach(permission) {
        const reach = decider.reach(actor, permission)
        seen.set(permission, reach)
        return reach
      },
      decide: (action, resource, more) =>
        decider.decide({ actor, action, resource, facts: { ...facts, ...more } }),
    }
    return { reader, seen: () => Object.fromEntries(seen) }
  })
}

const within = (some: readonly string[], all: readonly string[]) =>
  some.every((each) => all.includes(each))

/** Whether what was seen then may all be seen now. */
export const covers = (is: Reach, was: Reach): boolean =>
  is.everywhere ||
  (!was.everywhere &&
    within(was.segments, is.segments) &&
    within(was.projects, is.projects) &&
    within(was.contexts, is.contexts))
