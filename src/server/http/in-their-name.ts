import type { Permission } from '../../contract/permissions.ts'
import type { Config } from '../config.ts'
import { inTransaction, type Transaction } from '../db/transaction.ts'
import type { Database } from '../db/connect.ts'
import { createDecider } from '../decision/decide.ts'
import { loadActor } from '../decision/load-actor.ts'
import type { PolicyStore } from '../decision/policy-store.ts'
import type { Actor } from '../decision/types.ts'
import { writeEvent, type Happening } from './events.ts'
import { makeScope, silent } from './make-scope.ts'
import { problem } from './problem.ts'
import type { Record, Scope } from './scope.ts'

export interface InTheirNameParts {
  readonly config: Config
  readonly db: Database
  readonly policies: Pick<PolicyStore, 'at' | 'current'>
  readonly rolesWith: (permission: Permission) => readonly string[]
}

/** By which request somebody said that it be done. */
export interface SaidBy {
  readonly personId: string
  readonly name: string
  readonly request: { readonly id: string; readonly ip: string; readonly userAgent: string }
  readonly session?: string
}

/** What is written of what was done: each event is of whoever said it. */
type Tell = (happening: Pick<Happening, 'action' | 'outcome'> & Partial<Happening>) => void

export interface InTheirName {
  /**
   * Does in a transaction of its own what somebody said earlier, and what is done in the background since: they are asked
   * anew what they may, as they stand at this moment. What the service tells `also` is written as an event of theirs.
   */
  as<T>(said: SaidBy, detail: Record['detail'], work: (scope: Scope) => Promise<T>): Promise<T>
  /** A transaction in which nothing is asked of them, with events of theirs. */
  tell<T>(said: SaidBy, work: (transaction: Transaction, tell: Tell) => Promise<T>): Promise<T>
}

/** Somebody as the record names them, also when they have left since. */
const nameOnly = ({ personId, name, session }: SaidBy): Actor => ({
  kind: 'person',
  id: personId,
  personId,
  name,
  ...(session && { sessionId: session }),
  teams: [],
  grants: [],
})

const requestOf = ({ request }: SaidBy) => ({ ...request, method: 'POST', path: '/' })

export function createInTheirName(parts: InTheirNameParts): InTheirName {
  const { db: pool, policies, rolesWith } = parts
  const told =
    (transaction: Transaction, said: SaidBy): Tell =>
    (happening) =>
      writeEvent(transaction, { actor: nameOnly(said), request: requestOf(said), ...happening })
  return {
    as: (said, detail, work) =>
      inTransaction(pool, { readOnly: false }, async (db, transaction) => {
        const session = said.session ? { sessionId: said.session } : {}
        const actor = await loadActor(transaction.planned, said.personId, session)
        if (!actor) throw problem('forbidden', `${said.name} has left since, and may do nothing.`)
        const decider = createDecider({ policies: await policies.at(transaction), rolesWith })
        const tell = told(transaction, said)
        const asked = {
          id: 'me.view' as const,
          spec: {
            method: 'POST',
            path: '/',
            summary: '',
            may: 'public',
            returns: undefined as never,
          },
          request: requestOf(said),
          headers: {},
          params: {},
          query: {},
          body: undefined,
        } as const
        const scope = makeScope(
          parts,
          db,
          asked,
          { actor, now: transaction.now, decider, input: {} },
          {
            ...silent,
            also: (action, record, how) =>
              tell({ action, outcome: 'permitted', record: { detail, ...record }, ...how }),
          },
        )
        return work({ ...scope, transaction })
      }),
    tell: (said, work) =>
      inTransaction(pool, { readOnly: false }, async (_, transaction) =>
        work(transaction, told(transaction, said)),
      ),
  }
}
