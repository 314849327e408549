import type { Layer } from '../../contract/decisions.ts'
import { permissionGroups } from '../../contract/permission-groups.ts'
import { type Permission } from '../../contract/permissions.ts'
import { refuses } from '../../contract/refuses.ts'
import { decideUse } from './decide-use.ts'
import { covering, elsewhere, reachOf } from './holdings.ts'
import type { Facts, PolicyJudge, PolicyQuestion } from './policy-judge.ts'
import { askPolicies, noPolicyAsked } from './policy-layer.ts'
import type { UseQuestion } from './run-facts.ts'
import { because, resourcePhrase } from './sentences.ts'
import type { Actor, Decision, Reach, Resource } from './types.ts'

interface Question {
  readonly actor: Actor
  readonly action: Permission
  readonly resource: Resource
  /** `now` (Date), `ip`, `client` and whatever else the caller knows; policies read the typed ones alone. */
  readonly facts?: Facts
}

export interface DeciderOptions {
  /** The policies at the epoch of this request. */
  readonly policies: PolicyJudge
  /** Names of roles that hold a permission: they make a refusal say what would permit it. */
  readonly rolesWith?: (permission: Permission) => readonly string[]
}

/** The one decision point: pure and synchronous; what it knows was loaded before. */
export interface Decider {
  decide(question: Question): Decision
  /** Whether a workload may use a context: grants are not asked, restrictions, segment and policies are. */
  use(actor: Actor, question: UseQuestion): Decision
  reach(actor: Actor, permission: Permission): Reach
  /** Everything that the actor may do with the object, in the order of the permission matrix. */
  allowed(actor: Actor, resource: Resource, facts?: Facts): Permission[]
}

export function createDecider(options: DeciderOptions): Decider {
  const { policies } = options
  const decide = (question: Question): Decision => decideConsole(options, question)
  /** What was said to one actor of objects of a kind, by policies that read no more of them. */
  let said: { actor: Actor; facts: Facts; forbidden: Map<string, boolean> } | undefined
  const forbids = (question: PolicyQuestion): boolean => {
    const { actor, action, resource, facts } = question
    // What is only evaluated changes nothing, and is not asked.
    const ask = () => refuses(policies.judge('enforce', question))
    if (policies.readsResource(action)) return ask()
    if (said?.actor !== actor || said.facts !== facts) said = { actor, facts, forbidden: new Map() }
    const of = `${action} ${resource.kind}`
    const before = said.forbidden.get(of)
    if (before !== undefined) return before
    const forbidden = ask()
    said.forbidden.set(of, forbidden)
    return forbidden
  }
  return {
    decide,
    use: (actor, question) => decideUse(policies, actor, question),
    reach: reachOf,
    allowed(actor, resource, facts = {}) {
      return permissionsOn(resource.kind).filter((action) => {
        // A list asks this for each of its rows: neither the sentence nor the layers are made.
        if (actor.kind === 'anonymous' || actor.kind === 'workload') return false
        if (covering(actor, action, resource).length === 0) return false
        return !asksPolicies(options, action) || !forbids({ actor, action, resource, facts })
      })
    },
  }
}

const identityLayer: Layer = Object.freeze({
  layer: 'identity',
  verdict: 'permitted',
  clause: 'A verified identity asks',
  because: [],
})

/** Nobody uses a context by hand: the permission is held, and what policies say is asked of the run itself. */
const asksPolicies = ({ policies }: DeciderOptions, action: Permission): boolean =>
  action !== 'context:use' && policies.applies(action)

function decideConsole(options: DeciderOptions, question: Question): Decision {
  const { actor, action, resource } = question
  if (actor.kind === 'anonymous') return refuseUnknown(action)
  const grants = covering(actor, action, resource)
  if (grants.length === 0 || actor.kind === 'workload') return refuseGrant(options, question)
  const granted: Layer = {
    layer: 'grant',
    verdict: 'permitted',
    clause: `A live grant holds ${action} on ${resourcePhrase(resource)}`,
    because: grants.map((grant) => ({ kind: 'grant', id: grant.id, name: grant.roleName })),
  }
  const ids = grants.map((grant) => grant.id)
  const path = because(grants[0])
  if (!asksPolicies(options, action)) {
    return {
      outcome: 'permitted',
      wouldDeny: false,
      action,
      layers: [identityLayer, granted, noPolicyAsked],
      grants: ids,
      policies: [],
      sentence: `Permitted: ${path}.`,
    }
  }
  const asked = askPolicies(options.policies, {
    actor,
    action,
    resource,
    facts: question.facts ?? {},
  })
  return {
    outcome: asked.denied ? 'denied' : 'permitted',
    wouldDeny: !asked.denied && asked.wouldDeny,
    action,
    layers: [identityLayer, granted, ...asked.layers],
    grants: ids,
    policies: asked.policies,
    sentence: asked.sentence ?? `Permitted: ${path}, and no policy forbids it.`,
  }
}

function refuseUnknown(action: Permission): Decision {
  return {
    outcome: 'denied',
    wouldDeny: false,
    action,
    layers: [
      {
        layer: 'identity',
        verdict: 'denied',
        clause: 'A verified identity asks',
        expected: 'a signed-in person or an API token',
        actual: 'nobody is known',
        because: [],
      },
    ],
    grants: [],
    policies: [],
    sentence: `Denied: nobody is signed in. Sign in to be asked for ${action}.`,
  }
}

function refuseGrant({ rolesWith }: DeciderOptions, question: Question): Decision {
  const { actor, action, resource } = question
  const held = elsewhere(actor, action)
  const places = [...new Set(held.map(({ scope }) => `${scope.kind} “${scope.name}”`))]
  const shown = places.slice(0, 3).join(', ')
  const more = places.length > 3 ? ` and ${places.length - 3} more` : ''
  const roles = rolesWith?.(action) ?? []
  const remedy = roles.length
    ? `${roles.join(' or ')} ${roles.length > 1 ? 'grant' : 'grants'} it.`
    : `A grant of a role that holds ${action} there would permit it.`
  return {
    outcome: 'denied',
    wouldDeny: false,
    action,
    layers: [
      identityLayer,
      {
        layer: 'grant',
        verdict: 'denied',
        clause: `A live grant holds ${action} on ${resourcePhrase(resource)}`,
        expected: `${action} on ${resourcePhrase(resource)}`,
        actual: places.length ? `${action} on ${shown}${more} only` : `no grant holds ${action}`,
        because: [],
      },
    ],
    grants: [],
    policies: [],
    sentence: `Denied: you hold no permission ${action} on ${resourcePhrase(resource)}${
      places.length ? `, only on ${shown}${more}` : ''
    }. ${remedy}`,
  }
}

const byKind = new Map<string, readonly Permission[]>()
/** Permissions of other nouns that are asked on a kind. */
const besides: Readonly<Record<string, readonly (keyof typeof permissionGroups)[]>> = {
  organization: Object.keys(permissionGroups) as (keyof typeof permissionGroups)[],
  context: ['context', 'secret', 'grant', 'request', 'review', 'lease'],
  project: ['project', 'grant', 'request', 'trustRule', 'lease'],
  segment: ['segment', 'grant', 'request', 'review'],
  secret: ['secret'],
}

/** What is asked on objects of a kind: policies know of no other question about them. */
export function permissionsOn(kind: string): readonly Permission[] {
  let found = byKind.get(kind)
  if (found) return found
  const nouns = besides[kind] ?? [kind as keyof typeof permissionGroups]
  found = nouns.flatMap((noun) =>
    Object.keys(permissionGroups[noun]?.verbs ?? {}).map((verb) => `${noun}:${verb}` as Permission),
  )
  byKind.set(kind, found)
  return found
}
