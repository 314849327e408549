import type { Layer } from '../../contract/decisions.ts'
import type { PolicyFacts } from '../../contract/policy-facts.ts'
import { refuses } from '../../contract/refuses.ts'
import { createCedar } from './cedar.ts'
import { questionOf } from './policy-facts.ts'
import type { Judgement, PolicyInForce, PolicyJudge } from './policy-judge.ts'
import { explain, layerOf } from './policy-layer.ts'

/** What a draft set would make of one question that what is enforced makes otherwise. */
export interface Turned {
  readonly newlyDenied: boolean
  readonly before: Layer
  readonly after: Layer
  readonly sentence: string
}

export interface PolicyReplay {
  /** Nothing where both sets say the same. */
  ask(facts: PolicyFacts): Turned | undefined
  /** How many different facts have been asked. */
  distinct(): number
}

/** Different facts that are remembered; beyond that the memory begins anew, so that it stays flat. */
const mostRemembered = 200_000

/**
 * Asks two sets of enforced policies the same questions. Policies only forbid, each by itself: what both sets share is
 * asked only where what differs differs, and equal facts are asked once.
 */
export function createReplay(
  enforced: readonly PolicyInForce[],
  proposed: readonly PolicyInForce[],
): PolicyReplay {
  const same = (one: PolicyInForce, other: PolicyInForce) =>
    one.id === other.id && one.text === other.text
  const common = enforced.filter((policy) => proposed.some((other) => same(policy, other)))
  const without = (all: readonly PolicyInForce[]) =>
    all.filter((policy) => !common.some((other) => same(policy, other)))
  // An engine each, so that each keeps its set prepared.
  const judge = (policies: readonly PolicyInForce[]): PolicyJudge | undefined =>
    policies.length > 0 ? createCedar().prepare(policies) : undefined
  const shared = judge(common)
  const removed = judge(without(enforced))
  const added = judge(without(proposed))
  const keyOf = canonical([...enforced, ...proposed].map(({ text }) => text))
  let known = new Map<string, Turned | undefined>()
  let distinct = 0

  const work = (facts: PolicyFacts): Turned | undefined => {
    const question = questionOf(facts)
    const ask = (of: PolicyJudge | undefined): Judgement =>
      of?.judge('enforce', question) ?? { verdict: 'not_asked', because: [], reasons: [] }
    const [before, after] = [ask(removed), ask(added)]
    if (refuses(before) === refuses(after) || refuses(ask(shared))) return undefined
    const newlyDenied = refuses(after)
    return {
      newlyDenied,
      before: layerOf(before, 'enforce'),
      after: layerOf(after, 'enforce'),
      sentence: newlyDenied
        ? `Denied: ${explain(after, question)}.`
        : `Permitted: no policy of the set forbids it; ${explain(before, question)}.`,
    }
  }
  return {
    ask(facts) {
      const key = keyOf(facts)
      if (known.has(key)) return known.get(key)
      if (known.size >= mostRemembered) known = new Map()
      distinct++
      const turned = work(facts)
      known.set(key, turned)
      return turned
    },
    distinct: () => distinct,
  }
}

/** Facts that differ from one question to the next, and that few policies read. */
const fleeting = ['now', 'weekday', 'minuteOfDay', 'ip', 'sessionAge', 'actorLogin'] as const

/**
 * By what questions are told to be the same: all their facts, but for those fleeting ones that no policy can read. A
 * text that takes `context` as a whole, or names its members by strings, may read any of them.
 */
export function canonical(texts: readonly string[]): (facts: PolicyFacts) => string {
  const whole = texts.some((text) =>
    /\bcontext\b(?!\s*\.|\s+has\s+[A-Za-z_])/.test(text.replace(/"(?:[^"\\]|\\.){0,120}"/g, '""')),
  )
  const reads = new Set(
    fleeting.filter(
      (name) => whole || texts.some((text) => new RegExp(`\\b${name}\\b`).test(text)),
    ),
  )
  const time = (at: string) => {
    if (reads.has('now')) return at
    const date = new Date(at)
    const day = reads.has('weekday') ? date.getUTCDay() : ''
    return `${day}/${reads.has('minuteOfDay') ? date.getUTCHours() * 60 + date.getUTCMinutes() : ''}`
  }
  return (facts) => {
    const { at, ip, ...rest } = facts
    const shown: Record<string, unknown> = { ...rest, at: time(at) }
    if (reads.has('ip') && ip !== undefined) shown['ip'] = ip
    if (!reads.has('sessionAge')) delete shown['sessionAge']
    if (!reads.has('actorLogin')) delete shown['actorLogin']
    return JSON.stringify(shown)
  }
}
