import type {
  IssuerKind,
  KnownClaims,
  TrustCondition,
  TrustRuleTerms,
} from '../../../contract/trust.ts'
import { bindingClaims, ruleFault } from '../../../contract/trust.ts'

interface ConditionDraft {
  readonly claim: string
  readonly op: TrustCondition['op']
  readonly values: string[]
}

export interface RuleDraft {
  readonly name: string
  readonly conditions: ConditionDraft[]
  readonly allowForks: boolean
  readonly allowSshReruns: boolean
  readonly runnerClass: string | null
}

/** Terms as a form holds them: its lists can be sent as they are. */
export const draftOfTerms = ({ conditions, allowForks, allowSshReruns }: TrustRuleTerms) => ({
  conditions: conditions.map(({ claim, op, values }) => ({ claim, op, values: [...values] })),
  allowForks,
  allowSshReruns,
})

/** A rule that another page hands over: written more safely, or made of a token. */
export function termsGiven(state: unknown): TrustRuleTerms | undefined {
  const terms: unknown = typeof state === 'object' && state !== null && Reflect.get(state, 'terms')
  return typeof terms === 'object' && terms !== null ? (terms as TrustRuleTerms) : undefined
}

/** What is missing before the rule can be saved; a rule without a binding condition would admit everybody. */
export function missingOf(kind: IssuerKind, draft: RuleDraft): string | undefined {
  if (draft.name.trim() === '') return 'Give it a name.'
  if (draft.conditions.some(({ claim }) => claim === '')) return 'Name the claim of each condition.'
  const blank = draft.conditions.find(({ values }) => values.length === 0)
  if (blank) return `Say what ${blank.claim} must be.`
  return ruleFault(kind, draft)
}

/** The project's own id at the CI system, as the claim says it that survives a rename. */
export function idKnown(
  kind: IssuerKind,
  project: { readonly externalId: string | null } | undefined,
): KnownClaims {
  const [claim] = bindingClaims(kind)
  return claim && project?.externalId ? { [claim]: [project.externalId] } : {}
}
