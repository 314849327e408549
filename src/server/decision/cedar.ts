import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import type * as CedarModule from '@cedar-policy/cedar-wasm/nodejs'
import {
  configActions,
  isConfigAction,
  policyActions,
  type ConfigAction,
  type PolicyAction,
} from '../../contract/config-actions.ts'
import { requestOf } from './cedar-request.ts'
import {
  entitiesOf,
  judgePart,
  readsOf,
  ruleOf,
  type ConfigPlace,
  type ConfigRule,
  type ConfigStatement,
} from './config-judge.ts'
import type {
  ConfigAsker,
  Judgement,
  PolicyInForce,
  PolicyJudge,
  PolicyQuestion,
} from './policy-judge.ts'
import { brokenLimit, policyLimits } from '../../contract/policy-limits.ts'

type Cedar = typeof CedarModule
type Mode = PolicyInForce['mode']

export const schemaText = readFileSync(new URL('./schema.cedarschema', import.meta.url), 'utf8')
const schemaName = 'sallyport'
/** Grants and restrictions have permitted already when policies are asked: these only narrow. */
const basePermit = 'permit(principal, action, resource);'

/** One statement of a policy; a policy may hold several. */
interface Statement extends ConfigStatement {
  readonly reason?: string
  readonly actions: ReadonlySet<PolicyAction>
  readonly readsResource: boolean
}

/** The statements of one mode that can apply to one action, under the ids that we give them. */
interface ActionSet {
  readonly mode: Mode
  readonly statements: Map<string, { policy: PolicyInForce; statement: Statement }>
  /** What could not be read: it may have been a `forbid`, so it denies. */
  readonly broken: PolicyInForce[]
  traps: number
}

export interface CedarEngine {
  /** Makes the policies of one epoch askable. Text must have been validated elsewhere before: see `draft-host.ts`. */
  prepare(policies: readonly PolicyInForce[]): PolicyJudge
}

/** The engine that decides: one instance in this process, rebuilt when it traps. `alarm` hears of every error. */
export function createCedar(
  alarm: (message: string, error?: unknown) => void = () => {},
): CedarEngine {
  let cedar = instantiate()
  /** Which set stands in each fixed slot; slots are reused, for the engine never frees a name (0.2 MiB each). */
  let slots = new Map<string, ActionSet>()
  let statements = new Map<string, readonly Statement[] | undefined>()

  const rebuild = () => {
    slots = new Map()
    cedar = instantiate()
  }

  const read = (policy: PolicyInForce): readonly Statement[] | undefined => {
    if (statements.has(policy.text)) return statements.get(policy.text)
    if (statements.size > 4 * policyLimits.policies) statements = new Map()
    let found: readonly Statement[] | undefined
    try {
      found = brokenLimit(policy.text) ? undefined : readStatements(cedar, policy.text)
    } catch (error) {
      alarm(`policy ${policy.id} stopped the engine while it was read`, error)
      rebuild()
    }
    if (!found) alarm(`policy ${policy.id} cannot be read; what it may apply to is denied`)
    statements.set(policy.text, found)
    return found
  }

  /** The name under which the engine has the set prepared. */
  const slotOf = (set: ActionSet, action: PolicyAction): string => {
    const slot = `${set.mode}/${action}`
    if (slots.get(slot) === set) return slot
    const texts = Object.fromEntries(
      [...set.statements].map(([id, { statement }]) => [id, statement.text]),
    )
    const parsed = cedar.preparsePolicySet(slot, { staticPolicies: { base: basePermit, ...texts } })
    if (parsed.type === 'failure') throw new Error(parsed.errors[0]?.message ?? 'not prepared')
    slots.set(slot, set)
    return slot
  }

  const ask = (set: ActionSet, question: PolicyQuestion): Judgement => {
    if (set.broken.length > 0) {
      return { verdict: 'error', because: set.broken, reasons: ['its text cannot be read'] }
    }
    const all = () => [...new Set([...set.statements.values()].map(({ policy }) => policy))]
    // A set that keeps trapping is not asked again: it denies without costing everybody a new instance each time.
    if (set.traps > 1) {
      return { verdict: 'error', because: all(), reasons: ['the engine cannot evaluate it'] }
    }
    try {
      const slot = slotOf(set, question.action)
      return verdictOf(cedar, slot, set, question, alarm)
    } catch (error) {
      set.traps++
      alarm(`the policies on ${question.action} stopped the engine; it was rebuilt`, error)
      rebuild()
      return { verdict: 'error', because: all(), reasons: ['the engine could not evaluate it'] }
    }
  }

  const asker = (
    setOf: (mode: Mode, action: ConfigAction) => ActionSet | undefined,
    place: ConfigPlace,
  ): ConfigAsker => {
    const entities = entitiesOf(place)
    const asked = new Map()
    return {
      rules: (mode) =>
        rulesOf(Object.keys(configActions).map((action) => setOf(mode, action as ConfigAction))),
      judge(mode, question) {
        const set = setOf(mode, question.action)
        if (!set) return { broken: [], errors: [] }
        const failing = (policies: readonly PolicyInForce[], message: string) => ({
          broken: [],
          errors: policies.map((policy) => ({ policy, message })),
        })
        if (set.broken.length > 0) return failing(set.broken, 'its text cannot be read')
        const all = [...new Set([...set.statements.values()].map(({ policy }) => policy))]
        if (set.traps > 1) return failing(all, 'the engine cannot evaluate it')
        try {
          return judgePart(cedar, slotOf(set, question.action), set, entities, question, asked)
        } catch (error) {
          set.traps++
          alarm(`the policies on ${question.action} stopped the engine; it was rebuilt`, error)
          rebuild()
          return failing(all, 'the engine could not evaluate it')
        }
      },
    }
  }

  return {
    prepare(policies) {
      const sets = new Map<string, ActionSet>()
      const reading = new Set<PolicyAction>()
      const setFor = (mode: Mode, action: PolicyAction) => {
        const key = `${mode}/${action}`
        let set = sets.get(key)
        if (!set) sets.set(key, (set = { mode, statements: new Map(), broken: [], traps: 0 }))
        return set
      }
      // Beyond the limit nothing is left out silently: the rest counts as unreadable, and denies.
      policies.forEach((policy, index) => {
        const found = index < policyLimits.policies ? read(policy) : undefined
        if (!found)
          for (const action of policyActions) setFor(policy.mode, action).broken.push(policy)
        found?.forEach((statement, number) => {
          for (const action of statement.actions) {
            const id = `${policy.id}#${number}`
            setFor(policy.mode, action).statements.set(id, { policy, statement })
            if (policy.mode === 'enforce' && statement.readsResource) reading.add(action)
          }
        })
      })
      return {
        applies: (action) => sets.has(`enforce/${action}`) || sets.has(`evaluate/${action}`),
        inForce(mode, action) {
          const set = sets.get(`${mode}/${action}`)
          const read = [...(set?.statements.values() ?? [])].map(({ policy }) => policy)
          return [...new Set([...(set?.broken ?? []), ...read])]
        },
        judge(mode, question) {
          const set = sets.get(`${mode}/${question.action}`)
          return set ? ask(set, question) : { verdict: 'not_asked', because: [], reasons: [] }
        },
        readsResource: (action) => reading.has(action),
        configs: (place) => asker((mode, action) => sets.get(`${mode}/${action}`), place),
      }
    },
  }
}

const require = createRequire(import.meta.url)

/** A fresh instance: the old one's memory may be beyond use after a trap. */
function instantiate(): Cedar {
  const path = require.resolve('@cedar-policy/cedar-wasm/nodejs')
  delete require.cache[path]
  const cedar = require(path) as Cedar
  const parsed = cedar.preparseSchema(schemaName, schemaText)
  if (parsed.type === 'failure') throw new Error(parsed.errors[0]?.message ?? 'schema refused')
  return cedar
}

/** The statements of a text, each with the actions that its scope admits: wider than it may be, never narrower. */
function readStatements(cedar: Cedar, text: string): Statement[] | undefined {
  const parts = cedar.policySetTextToParts(text)
  if (parts.type === 'failure' || parts.policy_templates.length > 0) return undefined
  const read: Statement[] = []
  for (const part of parts.policies) {
    const answer = cedar.policyToJson(part)
    if (answer.type === 'failure') return undefined
    const { action, annotations, effect } = answer.json
    const entities =
      action.op === 'All'
        ? undefined
        : 'entities' in action
          ? action.entities
          : 'entity' in action
            ? [action.entity]
            : undefined
    const ids = entities?.map((entity) => ('__entity' in entity ? entity.__entity.id : entity.id))
    const reason = annotations?.['reason']
    const id = annotations?.['id'] ?? ''
    read.push({
      text: part,
      forbids: effect === 'forbid',
      // Whatever is not written out as soft blocks.
      rule: {
        id,
        ...(reason && { reason }),
        level: annotations?.['level'] === 'soft' ? 'soft' : 'hard',
      },
      reads: readsOf(answer.json),
      readsResource: readsResource(answer.json),
      ...(reason && { reason }),
      actions: new Set(policyActions.filter((known) => !ids || reached(ids, known))),
    })
  }
  return read
}

/**
 * Whether what a statement says may turn on more of its object than of which kind it is: by its name, or by that of any
 * entity in its conditions, for what is known of others is what the object brought with it.
 */
function readsResource({ resource, conditions }: CedarModule.PolicyJson): boolean {
  const named = resource.op !== 'All' && !(resource.op === 'is' && !resource.in)
  const text = JSON.stringify(conditions)
  return named || text.includes('{"Var":"resource"}') || text.includes('"__entity"')
}

/** The rules of several sets, each once, by name: what speaks of configs and is not written out as unreadable. */
function rulesOf(sets: readonly (ActionSet | undefined)[]) {
  const rules = new Map<string, ConfigRule>()
  for (const set of sets) {
    for (const { policy, statement } of set?.statements.values() ?? []) {
      const rule = ruleOf(policy, statement.rule)
      if (statement.forbids) rules.set(rule.name, rule)
    }
    for (const policy of set?.broken ?? []) {
      rules.set(policy.name, { id: '', name: policy.name, level: 'hard' })
    }
  }
  return [...rules.values()]
}

/** Whether an action is one of those named, or of the groups named. */
function reached(ids: readonly string[], action: PolicyAction): boolean {
  const group = groupOf(action)
  return ids.includes(action) || (group !== undefined && ids.includes(group))
}

function groupOf(action: PolicyAction): 'read' | 'change' | 'config' | undefined {
  if (action === 'context:use') return undefined
  if (isConfigAction(action)) return 'config'
  const verb = action.split(':')[1]
  return verb === 'view' || verb === 'export' ? 'read' : 'change'
}

function verdictOf(
  cedar: Cedar,
  slot: string,
  set: ActionSet,
  question: PolicyQuestion,
  alarm: (message: string) => void,
): Judgement {
  const answer = cedar.statefulIsAuthorized({
    ...requestOf(question),
    preparsedPolicySetId: slot,
    preparsedSchemaName: schemaName,
    validateRequest: true,
  })
  const policiesOf = (ids: readonly string[]) => [
    ...new Set(ids.flatMap((id) => set.statements.get(id)?.policy ?? [])),
  ]
  if (answer.type === 'failure') {
    const reasons = answer.errors.map(({ message }) => message)
    alarm(`the policies on ${question.action} refused the facts: ${reasons.join('; ')}`)
    return { verdict: 'error', because: policiesOf([...set.statements.keys()]), reasons }
  }
  const { decision, diagnostics } = answer.response
  // An erring `forbid` is skipped by the engine, which then allows: any error at all denies (P18).
  if (diagnostics.errors.length > 0) {
    const reasons = diagnostics.errors.map(({ error }) => error.message)
    alarm(`a policy on ${question.action} could not be evaluated: ${reasons.join('; ')}`)
    const ids = diagnostics.errors.map(({ policyId }) => policyId)
    return { verdict: 'error', because: policiesOf(ids), reasons }
  }
  if (decision === 'allow') return { verdict: 'permitted', because: [], reasons: [] }
  return {
    verdict: 'denied',
    because: policiesOf(diagnostics.reason),
    reasons: diagnostics.reason.flatMap((id) => set.statements.get(id)?.statement.reason ?? []),
  }
}
