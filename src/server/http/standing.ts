import type { OperationSpec, ResourceKind } from '../../contract/operation.ts'
import type { Permission } from '../../contract/permissions.ts'
import type { Config } from '../config.ts'
import type { Database, Db } from '../db/connect.ts'
import type { Transaction } from '../db/transaction.ts'
import { createDecider, type Decider } from '../decision/decide.ts'
import { organization } from '../decision/organization.ts'
import type { PolicyStore } from '../decision/policy-store.ts'
import type { Actor, Decision, Reach, Resource, ResourceLoader } from '../decision/types.ts'
import type { BacklogWatch } from '../ledger/backlog.ts'
import type { Asked } from './asked.ts'
import type { AuthenticateOptions } from './authenticate/authenticate.ts'
import type { Credential, Identity, LeaseShown, Workload } from './authenticate/identity.ts'
import { admitWorkload, type CiTokens } from './authenticate/workload.ts'
import type { Decided, Record } from './scope.ts'
import type { Timeouts } from './wire.ts'
import { enter, type Doorkeeper } from './enter.ts'
import type { Limits } from './limits.ts'
import { bodyOf } from './body.ts'
import { parseInput } from './input.ts'
import { problem, type ProblemError } from './problem.ts'
import { demandFreshness } from './step-up.ts'

export interface DoorParts {
  readonly config: Config
  /** The pool, as `sallyport_app`. */
  readonly db: Database
  readonly authenticate: AuthenticateOptions
  readonly keeper: Doorkeeper
  readonly ciTokens: CiTokens
  readonly policies: PolicyStore
  readonly resources: Partial<{ readonly [kind in ResourceKind]: ResourceLoader<Db> }>
  readonly rolesWith: (permission: Permission) => readonly string[]
  readonly limits: Limits
  /** What waits for its place in the record. */
  readonly backlog: BacklogWatch
  readonly standingMs: Timeouts['standingMs']
  /** Told after a permitted request, outside of its transaction: which session, token and grants were used. */
  readonly onUse: (use: { actor: Actor; grants: readonly string[]; ip: string; now: Date }) => void
  readonly onError: (error: unknown, requestId: string) => void
}

/** What is known of a request when it ends, however it ends. */
export interface Trail {
  actor?: Actor
  resource?: Resource
  decision?: Decision
  /** Decisions that the handler made itself, under the ids they are recorded by. */
  decided?: (Decided & { readonly id: string })[]
  /** What the handler has said for the event so far: a refusal's event says it as well. */
  record?: Record
  now?: Date
}

/** What stands at the beginning of every transaction: who asks, and what they may. */
export interface Standing {
  readonly actor: Actor
  readonly identity?: Identity
  readonly workload?: Workload
  readonly leaseShown?: LeaseShown
  readonly now: Date
  readonly decider: Decider
  readonly resource?: Resource
  readonly decision?: Decision
  readonly input: { [name: string]: unknown }
}

/** Whether a permission is asked, or only who it is. */
const asksPermission = (may: OperationSpec['may']): may is Permission => may.includes(':')

export const onOf = (spec: OperationSpec): ResourceKind | 'any' =>
  spec.on ?? (spec.method === 'GET' ? 'any' : 'organization')

/** Authenticates, then asks everything that must hold before the handler runs; fills the trail as it learns. */
export async function stand(
  parts: DoorParts,
  transaction: Transaction,
  asked: Asked,
  credential: Credential,
  trail: Trail,
): Promise<Standing> {
  const { spec } = asked
  // Whoever has signed in is looked for with the beginning, in one round trip.
  if (credential.kind !== 'identity') await transaction.begun
  const workload =
    credential.kind === 'workload'
      ? await admitWorkload(transaction, credential, parts.ciTokens)
      : undefined
  const { actor, identity, refusal } = await enter(transaction, parts.keeper, credential)
  const { db, now } = transaction
  trail.now = now
  trail.actor = actor
  const early = spec.may === 'authenticated' && refusal?.code === 'session_required'
  if (refusal && spec.may !== 'public' && !early) throw refusal
  const input = parseInput(spec, {
    params: asked.params,
    query: asked.query,
    body: bodyOf(asked),
  })
  const decider = createDecider({
    policies: await parts.policies.at(transaction),
    rolesWith: parts.rolesWith,
  })
  const facts = { now, ip: asked.request.ip, client: actor.kind }
  const common = {
    actor,
    ...(identity && { identity }),
    ...(workload && { workload }),
    ...(credential.kind === 'lease' && { leaseShown: credential.lease }),
    now,
    decider,
    input,
  }
  if (!asksPermission(spec.may) || credential.kind === 'workload') {
    if (spec.stepUp) demandFreshness(actor, now, parts.config)
    return common
  }
  const kind = onOf(spec)
  const resource = await resourceOf(parts, db, kind, asked, input)
  trail.resource = resource
  const asking = kind === 'any' ? anywhere(decider.reach(actor, spec.may)) : resource
  const decision = decider.decide({ actor, action: spec.may, resource: asking, facts })
  trail.decision = decision
  if (decision.outcome === 'denied') throw refused(decider, actor, spec.may, resource, decision)
  if (spec.stepUp) demandFreshness(actor, now, parts.config)
  return { ...common, resource, decision }
}

async function resourceOf(
  parts: DoorParts,
  db: Db,
  kind: ResourceKind | 'any',
  { spec }: Asked,
  input: { [name: string]: unknown },
): Promise<Resource> {
  if (kind === 'any' || kind === 'organization') return organization
  const load = parts.resources[kind]
  if (!load) throw new Error(`nothing loads a ${kind} for ${spec.path}`)
  const found = await load(db, String(input[`${kind}Id`]))
  if (!found) throw notThere(kind)
  return found
}

const notThere = (kind: string) => problem('not_found', `There is no such ${kind}.`)

/** For a list: the actor's own narrowest place, so that policies are asked and the handler narrows the rest. */
export function anywhere({ everywhere, segments, projects, contexts }: Reach): Resource {
  if (everywhere) return organization
  const [segment, project, context] = [segments[0], projects[0], contexts[0]]
  const within = segment ? { segment } : project ? { project } : context ? { context } : {}
  return { ...organization, within }
}

/** What one may not know of is not there; what one may know of says what is missing. */
export function refused(
  decider: Decider,
  actor: Actor,
  action: Permission,
  resource: Resource,
  decision: Decision,
): ProblemError {
  const see = `${resource.kind}:view` as Permission
  const known =
    resource.kind === 'organization' ||
    (action !== see && decider.decide({ actor, action: see, resource }).outcome === 'permitted')
  if (!known) return notThere(resource.kind)
  return problem('forbidden', decision.sentence, { permission: action })
}
