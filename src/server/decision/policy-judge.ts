import type { PolicyAction } from '../../contract/config-actions.ts'
import type { Permission } from '../../contract/permissions.ts'
import type { ConfigJudgement, ConfigPlace, ConfigRule } from './config-judge.ts'
import type { ConfigQuestion } from './config-question.ts'
import type { RunFacts } from './run-facts.ts'
import type { Actor, Resource } from './types.ts'

export type Facts = Readonly<Record<string, unknown>>

/** One policy version in force, as the store reads it. */
export interface PolicyInForce {
  readonly id: string
  readonly name: string
  readonly version: number
  readonly mode: 'evaluate' | 'enforce'
  readonly text: string
}

export interface PolicyQuestion {
  readonly actor: Actor
  readonly action: Permission
  readonly resource: Resource
  /** What a console request is asked with. */
  readonly facts: Facts
  /** What a pipeline run is asked with. */
  readonly run?: RunFacts
}

export interface Judgement {
  /** `not_asked`: no policy of that mode can apply to the action. `error` denies. */
  readonly verdict: 'permitted' | 'denied' | 'error' | 'not_asked'
  readonly because: readonly PolicyInForce[]
  /** The policies' own reasons (`@reason`), or what went wrong. */
  readonly reasons: readonly string[]
}

/** The policies in force at one epoch; answers synchronously and never throws. */
export interface PolicyJudge {
  applies(action: PolicyAction): boolean
  /** Every policy that is asked about the action, by mode; for showing what each said. */
  inForce(mode: 'evaluate' | 'enforce', action: Permission): readonly PolicyInForce[]
  judge(mode: 'evaluate' | 'enforce', question: PolicyQuestion): Judgement
  /** Whether what is enforced on the action may turn on more of the object than of which kind it is. */
  readsResource(action: Permission): boolean
  /** Asks about the parts of one config of one project. */
  configs(place: ConfigPlace): ConfigAsker
}

export interface ConfigAsker {
  /** Every rule of the mode that speaks of configs, by name; a policy that cannot be read has one of its own. */
  rules(mode: 'evaluate' | 'enforce'): readonly ConfigRule[]
  judge(mode: 'evaluate' | 'enforce', question: ConfigQuestion): ConfigJudgement
}

/** Where there are no policies yet. */
export const noPolicies: PolicyJudge = {
  applies: () => false,
  inForce: () => [],
  judge: () => ({ verdict: 'not_asked', because: [], reasons: [] }),
  readsResource: () => false,
  configs: () => ({ rules: () => [], judge: () => ({ broken: [], errors: [] }) }),
}
