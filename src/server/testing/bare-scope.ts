import { newId } from '../db/new-id.ts'
import { permissions, type Permission } from '../../contract/permissions.ts'
import { readConfig } from '../config.ts'
import type { Database } from '../db/connect.ts'
import { inTransaction } from '../db/transaction.ts'
import { createDecider } from '../decision/decide.ts'
import { noPolicies } from '../decision/policy-judge.ts'
import type { Actor, GrantScope, Resource } from '../decision/types.ts'
import type { Identity } from '../http/authenticate/identity.ts'
import { problem } from '../http/problem.ts'
import type { Record, Scope } from '../http/scope.ts'
import { emit } from '../ledger/emit.ts'

/** An actor who holds permissions in one place; everything on the organization unless told otherwise. */
export function actorWith(
  person: { id: string; name: string },
  held: readonly Permission[] = permissions,
  scope: GrantScope = { kind: 'organization', name: 'the organization' },
): Actor {
  return {
    kind: 'person',
    id: person.id,
    name: person.name,
    personId: person.id,
    teams: [],
    grants: [
      {
        id: '0198c0de-0000-7000-8000-00000000feed',
        roleId: '0198c0de-0000-7000-8000-00000000beef',
        roleName: 'Held for a test',
        permissions: new Set(held),
        scope,
        via: { kind: 'person', id: person.id, name: person.name },
      },
    ],
  }
}

export interface BareOptions {
  readonly resource?: Resource
  readonly expectedVersion?: number
  readonly identity?: Identity
}

/**
 * Runs a feature's service below the door: the real decision point, a real transaction, and one event at its end. For
 * rules that need no HTTP; what the door itself promises is tested through the door.
 */
export function within<T>(
  pool: Database,
  actor: Actor,
  work: (scope: Scope) => Promise<T>,
  options: BareOptions = {},
): Promise<T> {
  const decider = createDecider({ policies: noPolicies })
  return inTransaction(pool, { readOnly: false }, async (db, transaction) => {
    let record: Record = {}
    const decide: Scope['decide'] = (action, resource) =>
      decider.decide({ actor, action, resource })
    const result = await work({
      db,
      transaction,
      actor,
      now: transaction.now,
      config: readConfig({}),
      request: { id: 'bare', ip: '127.0.0.1', userAgent: '', method: 'POST', path: '/' },
      ...options,
      decide,
      demand(action, resource) {
        const decision = decide(action, resource)
        if (decision.outcome === 'permitted') return decision
        throw problem('forbidden', decision.sentence, { permission: action })
      },
      reach: (action) => decider.reach(actor, action),
      allowed: (resource) => decider.allowed(actor, resource),
      record: (more) => {
        record = { ...record, ...more }
      },
      also: () => {},
      actAs: () => {},
      decided: () => newId(),
      decideForOthers: async () => (other, action, on, facts) =>
        decider.decide({ actor: other, action, resource: on, facts }),
    })
    const event = { kind: 'person', id: actor.id, name: actor.name }
    const { before, after } = record
    emit(transaction, {
      actor: event,
      action: 'bare',
      outcome: 'permitted',
      ...(before !== undefined && { before }),
      ...(after !== undefined && { after }),
    })
    return result
  })
}
