import type { Judgement, PolicyInForce, PolicyJudge } from '../../decision/policy-judge.ts'
import type { RunFacts } from '../../decision/run-facts.ts'

/** Under which names policies read a fact of a run, where that is not its own. */
const names: Readonly<Partial<Record<keyof RunFacts, readonly string[]>>> = {
  now: ['now', 'weekday', 'minuteOfDay'],
  approvers: ['approvers', 'approvals', 'selfApproved'],
  authors: ['authors', 'selfApproved'],
  // Restrictions read these, policies never.
  variables: [],
}

/**
 * The same judge, that asks the engine once for questions that differ only in what none of its policies reads: twenty
 * thousand runs of the past are a few hundred different questions. A fact counts as read wherever its word stands.
 */
export function askedOnce(judge: PolicyJudge, policies: readonly PolicyInForce[]): PolicyJudge {
  const words = new Set(policies.flatMap(({ text }) => text.match(/\w+/g) ?? []))
  const known = new Map<string, Judgement>()
  return {
    ...judge,
    judge(mode, question) {
      const { actor, action, resource, facts, run } = question
      const read = Object.entries(run ?? {}).filter(
        ([fact]) =>
          fact === 'project' ||
          fact === 'provider' ||
          (names[fact as keyof RunFacts] ?? [fact]).some((name) => words.has(name)),
      )
      const key = JSON.stringify([mode, action, actor, resource, facts, read])
      const before = known.get(key)
      if (before) return before
      const judgement = judge.judge(mode, question)
      known.set(key, judgement)
      return judgement
    },
  }
}
