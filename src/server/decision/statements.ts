import { createHash } from 'node:crypto'
import { createRequire } from 'node:module'
import type * as CedarModule from '@cedar-policy/cedar-wasm/nodejs'
import { isConfigAction, policyActions } from '../../contract/config-actions.ts'
import type { PolicyFacts } from '../../contract/policy-facts.ts'
import { brokenLimit } from '../../contract/policy-limits.ts'
import { createCedar } from './cedar.ts'
import type { RecordedConfig } from './config-replay.ts'
import { decideConfig } from './decide-config.ts'
import { questionOf } from './policy-facts.ts'
import { canonical } from './policy-replay.ts'
import type { PolicyInForce, PolicyJudge } from './policy-judge.ts'

/** One `forbid` of a policy: whole, and its scope alone, which says what it applies to. */
interface Forbid {
  readonly policyId: string
  readonly number: number
  readonly reason: string | null
  readonly text: string
  readonly scope: string
}

interface ForbidUse {
  readonly policyId: string
  readonly number: number
  readonly reason: string | null
  applies: number
  denies: number
}

export interface UseCount {
  /** Asks every forbid whether it applies to the question, and whether it denies it. */
  ask(facts: PolicyFacts): void
  /** Whether any of them speaks of configs: else none need be read. */
  readonly ofConfigs: boolean
  /** Asks the same of every part of a config: one that applies to several of them is counted once. */
  askConfig(config: RecordedConfig): void
  /** Forbids in the order of their texts. */
  uses(): readonly ForbidUse[]
}

const configActions = policyActions.filter(isConfigAction)

/** As many forbids as one engine takes at a time. */
const perEngine = 500

/** Counts what each forbid applies to and denies. Equal facts are asked once. */
export function countUses(policies: readonly PolicyInForce[]): UseCount {
  const forbids = policies.flatMap(forbidsOf)
  const keyOf = canonical(policies.map(({ text }) => text))
  const uses = new Map<string, ForbidUse>()
  const idOf = ({ policyId, number }: Forbid) => `${policyId}/${number}`
  for (const forbid of forbids) {
    const { policyId, number, reason } = forbid
    uses.set(idOf(forbid), { policyId, number, reason, applies: 0, denies: 0 })
  }
  const judges: { readonly whole: PolicyJudge; readonly scope: PolicyJudge }[] = []
  for (let at = 0; at < forbids.length; at += perEngine) {
    const some = forbids.slice(at, at + perEngine)
    const prepare = (member: 'text' | 'scope') =>
      createCedar().prepare(
        some.map((forbid) => ({
          id: idOf(forbid),
          name: idOf(forbid),
          version: 1,
          mode: 'enforce',
          text: forbid[member],
        })),
      )
    judges.push({ whole: prepare('text'), scope: prepare('scope') })
  }
  let known = new Map<string, readonly [applies: readonly string[], denies: readonly string[]]>()
  const timed = policies.some(({ text }) => /\b(?:now|weekday|minuteOfDay)\b/.test(text))
  /** What is asked the first time answers which forbids a judge finds against it. */
  const count = (key: string, asked: () => (judge: PolicyJudge) => readonly string[]) => {
    let found = known.get(key)
    if (!found) {
      if (known.size >= 100_000) known = new Map()
      const named = asked()
      found = [
        judges.flatMap(({ scope }) => named(scope)),
        judges.flatMap(({ whole }) => named(whole)),
      ]
      known.set(key, found)
    }
    const [applies, denies] = found
    for (const id of applies) uses.get(id)!.applies++
    for (const id of denies) uses.get(id)!.denies++
  }
  return {
    ask(facts) {
      count(keyOf(facts), () => {
        const question = questionOf(facts)
        return (judge) => judge.judge('enforce', question).because.map(({ id }) => id)
      })
    },
    ofConfigs: judges.some(({ scope }) => configActions.some((action) => scope.applies(action))),
    askConfig({ place, facts, run }) {
      const { now, ...known } = run
      const told = JSON.stringify([place, facts, known, ...(timed ? [now] : [])])
      count(createHash('sha256').update(told).digest('base64'), () => (judge) => [
        ...new Set(
          decideConfig(judge, place, facts, run).violations.map(({ policy }) => policy.id),
        ),
      ])
    },
    uses: () => [...uses.values()],
  }
}

const require = createRequire(import.meta.url)

/** The forbids of a text that validated once; none where it cannot be read, which the decision point alarms about. */
function forbidsOf({ id, text }: PolicyInForce): Forbid[] {
  if (brokenLimit(text)) return []
  const cedar = require('@cedar-policy/cedar-wasm/nodejs') as typeof CedarModule
  const parts = cedar.policySetTextToParts(text)
  if (parts.type === 'failure') return []
  return parts.policies.flatMap((part, number) => {
    const read = cedar.policyToJson(part)
    if (read.type === 'failure' || read.json.effect !== 'forbid') return []
    const bare = cedar.policyToText({ ...read.json, conditions: [] })
    if (bare.type === 'failure') return []
    const reason = read.json.annotations?.['reason'] ?? null
    return [{ policyId: id, number, reason, text: part, scope: bare.text }]
  })
}
