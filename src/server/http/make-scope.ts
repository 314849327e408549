import type { Db } from '../db/connect.ts'
import type { Actor, Decision, Resource } from '../decision/types.ts'
import { createDecider } from '../decision/decide.ts'
import type { Asked } from './asked.ts'
import { expectedVersionOf } from './if-match.ts'
import type { Decided, Record, Scope } from './scope.ts'
import { newId } from '../db/new-id.ts'
import type { PolicyStore } from '../decision/policy-store.ts'
import { refused, type DoorParts, type Standing } from './standing.ts'

/** What a scope tells the door while its handler runs. */
export interface Listener {
  /** A permission was asked by which the answer is narrowed. */
  narrowed(): void
  refused(decision: Decision, resource: Resource): void
  record(more: Record): void
  actAs(actor: Actor): void
  decided(made: Decided, id: string): void
  also: Scope['also']
}

/** Hears nothing: for a scope whose request has no event to enrich. */
export const silent: Listener = {
  narrowed() {},
  refused() {},
  record() {},
  actAs() {},
  decided() {},
  also() {},
}

/** The scope of one request but its transaction: everything that its handler may know and ask. */
export function makeScope(
  parts: Pick<DoorParts, 'config'> & { readonly policies: Pick<PolicyStore, 'current'> },
  db: Db,
  asked: Asked,
  standing: Standing,
  listener: Listener,
): Omit<Scope, 'transaction'> {
  const { actor, now, decider, identity, resource, workload, leaseShown } = standing
  const facts = { now, ip: asked.request.ip, client: actor.kind }
  const [ifMatch] = asked.headers['if-match'] ?? []
  const decide: Scope['decide'] = (action, on, more) =>
    decider.decide({ actor, action, resource: on, facts: { ...facts, ...more } })
  return {
    db,
    actor,
    now,
    config: parts.config,
    request: asked.request,
    ...(identity && { identity }),
    ...(workload && { workload }),
    ...(leaseShown && { leaseShown }),
    ...(resource && { resource }),
    ...(asked.spec.ifMatch && { expectedVersion: expectedVersionOf(ifMatch) }),
    decide,
    demand(action, on) {
      listener.narrowed()
      const decision = decide(action, on)
      if (decision.outcome === 'permitted') return decision
      listener.refused(decision, on)
      throw refused(decider, actor, action, on, decision)
    },
    reach(action) {
      listener.narrowed()
      return decider.reach(actor, action)
    },
    allowed: (on) => decider.allowed(actor, on, facts),
    record: (more) => listener.record(more),
    actAs: (as) => listener.actAs(as),
    decided(made) {
      const id = newId()
      listener.decided(made, id)
      return id
    },
    also: (action, record, how) => listener.also(action, record, how),
    async decideForOthers() {
      const fresh = createDecider({ policies: await parts.policies.current(db) })
      return (other, action, on, more) =>
        fresh.decide({ actor: other, action, resource: on, facts: more })
    },
  }
}
