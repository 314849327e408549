import type { Layer } from '../../contract/decisions.ts'
import type { ConfigFacts } from '../../contract/pipeline-facts.ts'
import { createCedar } from './cedar.ts'
import type { ConfigPlace } from './config-judge.ts'
import type { ConfigRun } from './config-question.ts'
import { decideConfig, type ConfigDecision } from './decide-config.ts'
import type { PolicyInForce } from './policy-judge.ts'
import { noPolicyAsked } from './policy-layer.ts'
import type { Turned } from './policy-replay.ts'

/** A config that was checked, and what was known of its run. */
export interface RecordedConfig {
  readonly place: ConfigPlace
  readonly facts: ConfigFacts
  readonly run: ConfigRun
}

export interface ConfigReplay {
  /** Nothing where both sets let the job go on, or neither does. */
  ask(config: RecordedConfig): Turned | undefined
}

const speaksOfConfigs = ({ text }: PolicyInForce) => text.includes('"config:')
const blocks = ({ status }: ConfigDecision) => status === 'HARD_FAIL' || status === 'ERROR'
const layer = ({ layers: [first] }: ConfigDecision): Layer => first ?? noPolicyAsked

/**
 * Asks two sets of enforced policies about the same configs, by the facts that were read from them then: what a file
 * said is not read again. Undefined where no policy that differs speaks of configs.
 */
export function createConfigReplay(
  enforced: readonly PolicyInForce[],
  proposed: readonly PolicyInForce[],
): ConfigReplay | undefined {
  const textsOf = (all: readonly PolicyInForce[]) =>
    new Set(all.filter(speaksOfConfigs).map(({ id, text }) => `${id} ${text}`))
  const [then, next] = [textsOf(enforced), textsOf(proposed)]
  if (then.size === next.size && [...then].every((text) => next.has(text))) return undefined
  // An engine each, so that each keeps its set prepared.
  const judge = (all: readonly PolicyInForce[]) =>
    createCedar().prepare(all.filter(speaksOfConfigs))
  const [before, after] = [judge(enforced), judge(proposed)]
  return {
    ask({ place, facts, run }) {
      const was = decideConfig(before, place, facts, run)
      const becomes = decideConfig(after, place, facts, run)
      if (blocks(was) === blocks(becomes)) return undefined
      return {
        newlyDenied: blocks(becomes),
        before: layer(was),
        after: layer(becomes),
        sentence: becomes.sentence,
      }
    },
  }
}
