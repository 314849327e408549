import type { Config } from '../../config.ts'
import type { Database, Db } from '../../db/connect.ts'
import { inTransaction } from '../../db/transaction.ts'
import { createDecider } from '../../decision/decide.ts'
import { loadActor } from '../../decision/load-actor.ts'
import type { PolicyStore } from '../../decision/policy-store.ts'
import type { Permission } from '../../../contract/permissions.ts'
import type { Actor, Reach, Resource } from '../../decision/types.ts'
import type { Reader } from '../../http/list-file.ts'
import { anywhere } from '../../http/standing.ts'
import type { Source } from './sources.ts'

/** Who asked for a file, and from where. */
interface Asker {
  readonly personId: string
  readonly ip: string
  /** When they asked: what the file is of. */
  readonly at: Date
}

/** Where a permission is held; or, for `leads`, which teams are led. */
export type Held = Reach & { readonly teams?: readonly string[] }

/** What rows were chosen by beside permissions, as access requests are: the teams that one leads. */
const leads = 'leads'
const ledBy = ({ teams }: Actor): Held => ({
  everywhere: false,
  segments: [],
  projects: [],
  contexts: [],
  teams: teams.filter(({ lead }) => lead).map(({ id }) => id),
})

/** The same, as it is now. */
export const heldNow = (
  reader: { readonly actor: Actor; reach(permission: Permission): Reach },
  what: string,
): Held => (what === leads ? ledBy(reader.actor) : reader.reach(what as Permission))

/** On which object the permission is asked: the one that the query names, or anywhere. Nothing, when it is not there. */
export const askedOn = (
  db: Db,
  source: Pick<Source, 'on'>,
  query: unknown,
  reach: () => Reach,
): Promise<Resource | undefined> =>
  source.on ? source.on(db, query) : Promise.resolve(anywhere(reach()))

export interface Standing {
  readonly reader: Reader
  /** Where the permissions are held by which the rows were chosen so far. */
  readonly seen: () => Readonly<Record<string, Held>>
}

interface StandingParts {
  readonly db: Database
  readonly policies: PolicyStore
  readonly config: Config
}

/**
 * What whoever asked for a file may see at this moment, as the door would find it (P41): nothing, when they have left or
 * do not hold the permission any more, or a policy forbids it.
 */
export async function standingNow(
  { db, policies, config }: StandingParts,
  source: Pick<Source, 'may' | 'on'>,
  query: unknown,
  { personId, ip, at }: Asker,
): Promise<Standing | undefined> {
  return inTransaction(db, { readOnly: true }, async (tx, transaction) => {
    const actor = await loadActor(tx, personId)
    if (!actor) return undefined
    const decider = createDecider({ policies: await policies.at(transaction) })
    const facts = { now: transaction.now, ip, client: actor.kind }
    const { may } = source
    if (may !== 'signed-in') {
      const resource = await askedOn(tx, source, query, () => decider.reach(actor, may))
      const asked = resource && decider.decide({ actor, action: may, resource, facts })
      if (asked?.outcome !== 'permitted') return undefined
    }
    const seen = new Map<string, Held>()
    const watched: Actor = {
      ...actor,
      get teams() {
        seen.set(leads, ledBy(actor))
        return actor.teams
      },
    }
    const reader: Reader = {
      db,
      actor: watched,
      now: at,
      config,
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
export const covers = (is: Held, was: Held): boolean =>
  within(was.teams ?? [], is.teams ?? []) &&
  (is.everywhere ||
    (!was.everywhere &&
      within(was.segments, is.segments) &&
      within(was.projects, is.projects) &&
      within(was.contexts, is.contexts)))
