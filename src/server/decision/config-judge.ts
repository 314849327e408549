import type * as CedarModule from '@cedar-policy/cedar-wasm/nodejs'
import type { CedarValueJson, EntityJson, TypeAndId } from '@cedar-policy/cedar-wasm/nodejs'
import type { ConfigFact, ConfigQuestion } from './config-question.ts'
import type { PolicyInForce } from './policy-judge.ts'
import { mayHold } from './residual.ts'

/** The project whose config it is, with its place. */
export interface ConfigPlace {
  readonly project: { readonly id: string; readonly slug: string; readonly provider: string }
  readonly path: string
  readonly segment?: { readonly id: string; readonly name: string }
  readonly team?: { readonly id: string; readonly name: string }
}

/** One statement that a part of a config breaks. */
export interface Broken {
  readonly policy: PolicyInForce
  readonly rule: ConfigRule
  /** A fact on which the rule turns cannot be told. */
  readonly unknown: readonly string[]
}

export interface ConfigJudgement {
  readonly broken: readonly Broken[]
  /** What could not be evaluated: it blocks. */
  readonly errors: readonly { readonly policy: PolicyInForce; readonly message: string }[]
}

/** A rule: one statement of a policy that speaks of configs, by its `@id`, else by its policy's name. */
export interface ConfigRule extends RuleText {
  readonly name: string
}
interface RuleText {
  readonly id: string
  readonly reason?: string
  readonly level: 'hard' | 'soft'
}
export const ruleOf = (policy: PolicyInForce, rule: RuleText): ConfigRule => ({
  ...rule,
  name: rule.id || policy.name,
})

export interface ConfigStatement {
  readonly text: string
  readonly forbids: boolean
  readonly rule: RuleText
  /** The facts that it reads; nothing when it cannot be told, and then all are given. */
  readonly reads: ReadonlySet<string> | undefined
}

/** A config part's set of statements, as the engine keeps it prepared. */
export interface ConfigSet {
  readonly statements: ReadonlyMap<string, { policy: PolicyInForce; statement: ConfigStatement }>
}

type Cedar = Pick<typeof CedarModule, 'statefulIsAuthorized' | 'isAuthorizedPartial'>

const uid = (type: string, id: string): TypeAndId => ({ type: `Sallyport::${type}`, id })

/** What `context.x` and `context has x` name; nothing when the context is used as a whole. */
export function readsOf(policy: unknown): ReadonlySet<string> | undefined {
  const reads = new Set<string>()
  let whole = false
  const isContext = (node: unknown) =>
    typeof node === 'object' && node !== null && 'Var' in node && node.Var === 'context'
  const walk = (node: unknown): void => {
    if (typeof node !== 'object' || node === null) return
    if (Array.isArray(node)) return node.forEach(walk)
    for (const [key, value] of Object.entries(node as Record<string, unknown>)) {
      if ((key === '.' || key === 'has') && typeof value === 'object' && value !== null) {
        const { left, attr } = value as { left?: unknown; attr?: unknown }
        if (isContext(left) && typeof attr === 'string') {
          reads.add(attr)
          continue
        }
      }
      if (key === 'Var' && value === 'context') whole = true
      walk(value)
    }
  }
  walk(policy)
  return whole ? undefined : reads
}

export function entitiesOf(place: ConfigPlace) {
  const organization = uid('Organization', 'organization')
  const entities: EntityJson[] = [
    { uid: organization, attrs: { name: 'organization' }, parents: [] },
  ]
  const above = [organization]
  const { segment, team, project } = place
  if (segment) {
    above.push(uid('Segment', segment.id))
    const attrs = { name: segment.name }
    entities.push({ uid: uid('Segment', segment.id), attrs, parents: [organization] })
  }
  if (team) {
    above.push(uid('Team', team.id))
    entities.push({
      uid: uid('Team', team.id),
      attrs: { name: team.name },
      parents: [organization],
    })
  }
  const principal = uid('Project', project.id)
  const attrs = { name: project.slug, provider: project.provider }
  entities.push({ uid: principal, attrs, parents: above })
  const resource = uid('Config', place.path)
  entities.push({ uid: resource, attrs: { name: place.path }, parents: [principal] })
  return { principal, resource, entities }
}

/**
 * Asks one prepared set about one part of a config. Only the facts that some statement reads are given: each costs the
 * engine 4 µs. Where a fact is not known, the statements that read it are asked again with that fact left open, which
 * Cedar answers exactly: a rule that may be broken then counts as broken (unknown is never allowed).
 */
export function judgePart(
  cedar: Cedar,
  slot: string,
  set: ConfigSet,
  place: ReturnType<typeof entitiesOf>,
  question: ConfigQuestion,
  /** Many parts of a config say the same as far as the rules read it: asked once. */
  asked: Map<string, ConfigJudgement>,
): ConfigJudgement {
  const all = [...set.statements.values()]
  const reads = new Set(
    all.flatMap(({ statement }) => [...(statement.reads ?? Object.keys(question.facts))]),
  )
  const open = new Set(question.unresolved.map(({ fact }) => fact))
  const context: Record<string, CedarValueJson> = {}
  for (const name of reads) {
    const value = name === 'unknown' ? [...open] : question.facts[name]
    if (value !== undefined) context[name] = valueOf(value)
  }
  const unsure = [...set.statements].filter(
    ([, { statement }]) =>
      statement.forbids &&
      // Whoever reads `unknown` says by themselves what is to be done.
      !statement.reads?.has('unknown') &&
      [...(statement.reads ?? open)].some((name) => open.has(name)),
  )
  const key = JSON.stringify([slot, context, [...open].filter((name) => reads.has(name))])
  const before = asked.get(key)
  if (before) return before
  const action = uid('Action', question.action)
  const request = {
    principal: place.principal,
    action,
    resource: place.resource,
    // Without the schema in the call, nothing else says which group the action is of.
    entities: [...place.entities, { uid: action, attrs: {}, parents: [uid('Action', 'config')] }],
  }
  const answer = cedar.statefulIsAuthorized({ ...request, context, preparsedPolicySetId: slot })
  const failed = (message: string): ConfigJudgement => ({
    broken: [],
    errors: all.map(({ policy }) => ({ policy, message })),
  })
  if (answer.type === 'failure') return failed(answer.errors[0]?.message ?? 'refused')
  const { diagnostics } = answer.response
  const errors = diagnostics.errors.flatMap(({ policyId, error }) => {
    const found = set.statements.get(policyId)
    return found ? [{ policy: found.policy, message: error.message }] : []
  })
  // An erring `forbid` is skipped by the engine, which then allows: any error at all blocks (P18).
  if (diagnostics.errors.length > errors.length) return failed('the set could not be evaluated')
  const forbidden = new Set(answer.response.decision === 'allow' ? [] : diagnostics.reason)
  const mayBe = unsure.length > 0 ? askOpenly(cedar, request, context, open, unsure) : undefined
  const broken = [...set.statements].flatMap(([id, { policy, statement }]) => {
    const guessed = unsure.some(([one]) => one === id)
    const holds = guessed ? mayBe === undefined || mayBe.has(id) : forbidden.has(id)
    if (!holds) return []
    const unknown = forbidden.has(id)
      ? []
      : [...open].filter((name) => statement.reads?.has(name) ?? true)
    return [{ policy, rule: ruleOf(policy, statement.rule), unknown }]
  })
  const judgement = { broken, errors }
  asked.set(key, judgement)
  return judgement
}

function valueOf(value: ConfigFact): CedarValueJson {
  if (value instanceof Date) return { __extn: { fn: 'datetime', arg: value.toISOString() } }
  return typeof value === 'object' ? [...value] : value
}

/** Which of the statements may be satisfied, whatever the open facts are; nothing when the engine cannot say. */
function askOpenly(
  cedar: Cedar,
  request: { principal: TypeAndId; action: TypeAndId; resource: TypeAndId; entities: EntityJson[] },
  known: Record<string, CedarValueJson>,
  open: ReadonlySet<string>,
  unsure: readonly (readonly [string, { statement: ConfigStatement }])[],
): ReadonlySet<string> | undefined {
  const context: Record<string, CedarValueJson> = { ...known }
  for (const name of open) {
    if (name in context) context[name] = { __extn: { fn: 'unknown', arg: name } }
  }
  const texts = unsure.map(([id, { statement }]) => [id, statement.text] as const)
  const answer = cedar.isAuthorizedPartial({
    ...request,
    context,
    policies: { staticPolicies: Object.fromEntries(texts) },
  })
  if (answer.type !== 'residuals') return undefined
  const { satisfied, errored, nontrivialResiduals, residuals } = answer.response
  const maybe = nontrivialResiduals.filter((id) => {
    const residual = residuals[id]
    return residual === undefined || mayHold(residual)
  })
  return new Set([...satisfied, ...errored, ...maybe])
}
