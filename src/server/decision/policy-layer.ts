import type { Layer } from '../../contract/decisions.ts'
import { refuses } from '../../contract/refuses.ts'
import type { Judgement, PolicyJudge, PolicyQuestion } from './policy-judge.ts'
import { resourcePhrase } from './sentences.ts'
import type { Decision } from './types.ts'

export const noPolicyAsked: Layer = Object.freeze({
  layer: 'policy',
  verdict: 'not_asked',
  clause: 'No policy applies to the action',
  because: [],
})

export interface PoliciesAsked {
  readonly denied: boolean
  readonly wouldDeny: boolean
  readonly layers: readonly Layer[]
  readonly policies: Decision['policies']
  /** Present when a policy denied, or would have. */
  readonly sentence?: string
}

/** Asks the enforced policies, and apart from them those that are only evaluated: these never change the outcome. */
export function askPolicies(judge: PolicyJudge, question: PolicyQuestion): PoliciesAsked {
  const enforced = judge.judge('enforce', question)
  const evaluated = judge.judge('evaluate', question)
  const denied = refuses(enforced)
  const wouldDeny = refuses(evaluated)
  const layers: Layer[] = []
  if (enforced.verdict !== 'not_asked') layers.push(layerOf(enforced, 'enforce'))
  if (evaluated.verdict !== 'not_asked') layers.push(layerOf(evaluated, 'evaluate'))
  if (layers.length === 0) layers.push(noPolicyAsked)
  const sentence = denied
    ? `Denied: ${explain(enforced, question)}.`
    : wouldDeny
      ? `Permitted, and would be denied: ${explain(evaluated, question)} (in evaluate mode).`
      : undefined
  return {
    denied,
    wouldDeny,
    layers,
    policies: [...(denied ? enforced.because : []), ...(wouldDeny ? evaluated.because : [])].map(
      ({ id, version, mode }) => ({ id, version, mode }),
    ),
    ...(sentence && { sentence }),
  }
}

/** The layer of one mode's answer. */
export function layerOf(judgement: Judgement, mode: 'evaluate' | 'enforce'): Layer {
  if (judgement.verdict === 'not_asked') return noPolicyAsked
  const bad = refuses(judgement)
  const verdict = !bad
    ? 'permitted'
    : mode === 'evaluate'
      ? 'would_deny'
      : judgement.verdict === 'error'
        ? 'error'
        : 'denied'
  return {
    layer: 'policy',
    verdict,
    clause: mode === 'enforce' ? 'No enforced policy forbids it' : 'No evaluated policy forbids it',
    ...(bad && {
      expected: 'no policy forbids it, and every policy can be evaluated',
      actual: judgement.reasons.join('; ') || 'a policy forbids it',
      change: `Meet what ${judgement.because.map(({ name }) => `“${name}”`).join(' and ') || 'the policy'} asks, or have it changed by two people.`,
    }),
    because: judgement.because.map(({ id, name, mode }) => ({ kind: 'policy', id, name, mode })),
  }
}

/** Which policy forbids what, and why: the end of a sentence. */
export function explain(judgement: Judgement, { action, resource }: PolicyQuestion): string {
  const names = judgement.because.map(({ name }) => `“${name}”`).join(', ')
  const why = judgement.reasons.length ? ` (${judgement.reasons.join('; ')})` : ''
  if (judgement.verdict === 'error') {
    return `${names ? `policy ${names}` : 'the policies'} could not be evaluated for ${action} on ${resourcePhrase(resource)}${why}`
  }
  return `policy ${names} forbids ${action} on ${resourcePhrase(resource)}${why}`
}
