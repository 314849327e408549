/*
 * How a CI's token is told to be a project's: the arithmetic of trust rules, the same on the server, where it decides, and
 * in the browser, where the token debugger shows it of a token that never leaves the page. Imports nothing.
 */

/** Signatures that a CI may use; `none` and the symmetric ones are not among them (RFC 8725 §3.1). */
export const issuerAlgorithms = ['RS256', 'ES256', 'ES384', 'PS256', 'EdDSA'] as const

export type IssuerKind = 'circleci' | 'github' | 'gitlab' | 'other'

export interface TrustCondition {
  readonly claim: string
  /** `eq`: the one value; `in`: one of them; `glob`: `*` within a part (not `/` or `:`), `**` across, `?` one character. */
  readonly op: 'eq' | 'in' | 'glob'
  readonly values: readonly string[]
}

export interface TrustRuleTerms {
  readonly conditions: readonly TrustCondition[]
  /** Runs that may carry a fork's code are admitted as well. */
  readonly allowForks: boolean
  /** Reruns into which somebody may log in by SSH are admitted as well. */
  readonly allowSshReruns: boolean
}

export type Claims = Readonly<Record<string, unknown>>

/** Claims that say whose run it is; a rule without a condition on one of them would admit everybody of the issuer. */
const binding: Readonly<Record<IssuerKind, readonly string[]>> = {
  circleci: ['oidc.circleci.com/project-id', 'sub'],
  github: ['repository_id', 'repository', 'sub'],
  gitlab: ['project_id', 'project_path', 'sub'],
  other: ['sub', 'azp', 'client_id'],
}
/** Those of them that survive a rename and are never given to somebody else. */
const immutable: Readonly<Record<IssuerKind, readonly string[]>> = {
  circleci: ['oidc.circleci.com/project-id', 'sub'],
  github: ['repository_id'],
  gitlab: ['project_id'],
  other: [],
}

export const bindingClaims = (kind: IssuerKind) => binding[kind]

/** A claim as text: numbers and booleans are compared by how JSON writes them; lists and objects match nothing. */
export function claimText(value: unknown): string | undefined {
  if (typeof value === 'string') return value
  if (typeof value === 'boolean') return String(value)
  if (typeof value === 'number' && Number.isSafeInteger(value)) return String(value)
  return undefined
}

/** Matches a whole text in time proportional to both lengths, whatever the pattern: no backtracking (P38). */
export function globMatches(pattern: string, text: string): boolean {
  // After each character of the pattern: whether the pattern so far matches the first i characters (1) or not (0).
  let row = new Uint8Array(text.length + 1)
  row[0] = 1
  for (let at = 0; at < pattern.length; at++) {
    const char = pattern[at]
    const across = char === '*' && pattern[at + 1] === '*'
    if (across) at++
    const next = new Uint8Array(text.length + 1)
    if (char === '*') next[0] = row[0] ?? 0
    for (let i = 1; i <= text.length; i++) {
      const read = text[i - 1]
      const inside = read !== '/' && read !== ':'
      const here =
        char === '*'
          ? row[i] === 1 || (next[i - 1] === 1 && (across || inside))
          : row[i - 1] === 1 && (char === '?' ? inside : char === read)
      if (here) next[i] = 1
    }
    row = next
  }
  return row[text.length] === 1
}

const subject = /^repo:([^/:@]+)(?:@(\d+))?\/([^/:@]+)(?:@(\d+))?:(.+)$/

/**
 * A GitHub subject in each of its forms: as it came, by names, and with the immutable ids that repositories made after
 * 15 July 2026 have (`repo:O@OID/R@RID:…`). A rule written in one form goes on to hold when the other comes.
 */
function subjectForms(claims: Claims): string[] {
  const sub = claimText(claims['sub'])
  const parts = sub === undefined ? null : subject.exec(sub)
  if (!sub || !parts) return sub === undefined ? [] : [sub]
  const [, owner, ownerId, name, id, rest] = parts
  const forms = new Set([sub, `repo:${owner}/${name}:${rest}`])
  const knownOwner = ownerId ?? claimText(claims['repository_owner_id'])
  const known = id ?? claimText(claims['repository_id'])
  if (knownOwner && known) forms.add(`repo:${owner}@${knownOwner}/${name}@${known}:${rest}`)
  return [...forms]
}

interface ConditionResult {
  readonly condition: TrustCondition
  readonly holds: boolean
  /** Nothing when the token has no such claim. */
  readonly actual: string | undefined
  /** Whether it says whose run this is, rather than which of its runs. */
  readonly binds: boolean
}

function matches({ op, values }: TrustCondition, text: string): boolean {
  if (op === 'glob') return values.some((pattern) => globMatches(pattern, text))
  return values.includes(text)
}

/** A claim that is absent never holds, whatever is asked of it. */
function askCondition(
  kind: IssuerKind,
  condition: TrustCondition,
  claims: Claims,
): ConditionResult {
  const actual = claimText(claims[condition.claim])
  const forms =
    kind === 'github' && condition.claim === 'sub'
      ? subjectForms(claims)
      : actual === undefined
        ? []
        : [actual]
  return {
    condition,
    holds: forms.some((form) => matches(condition, form)),
    actual,
    binds: binding[kind].includes(condition.claim),
  }
}

export type Fork = 'no' | 'yes' | 'unknown'

export interface RuleResult {
  readonly matches: boolean
  readonly conditions: readonly ConditionResult[]
  /** Every condition that says whose run it is holds: it is this project's, whatever else is wrong. */
  readonly bound: boolean
  readonly forkRefused: boolean
  readonly sshRefused: boolean
}

export function askRule(
  kind: IssuerKind,
  rule: TrustRuleTerms,
  claims: Claims,
  { fork, sshRerun }: { readonly fork: Fork; readonly sshRerun: boolean },
): RuleResult {
  const conditions = rule.conditions.map((condition) => askCondition(kind, condition, claims))
  const binds = conditions.filter((each) => each.binds)
  const bound = binds.length > 0 && binds.every(({ holds }) => holds)
  // What cannot be told may be a fork's, and unknown never counts as allowed.
  const forkRefused = fork !== 'no' && !rule.allowForks
  const sshRefused = sshRerun && !rule.allowSshReruns
  const admitted = conditions.every(({ holds }) => holds) && !forkRefused && !sshRefused
  return { matches: bound && admitted, conditions, bound, forkRefused, sshRefused }
}

/** Why a rule may not be stored: nothing in it says whose runs it admits. */
export function ruleFault(kind: IssuerKind, { conditions }: TrustRuleTerms): string | undefined {
  const binds = conditions.filter(
    ({ claim, op, values }) =>
      binding[kind].includes(claim) &&
      values.length > 0 &&
      values.every((value) => op !== 'glob' || firm(kind, claim, value)),
  )
  if (binds.length > 0) return undefined
  return `A rule needs a condition that says whose runs it admits: ${binding[kind].join(', ')}. A pattern counts where the organization and the project are written out.`
}

/** Whether a pattern names one owner and one project before its first wildcard. */
function firm(kind: IssuerKind, claim: string, pattern: string): boolean {
  const wild = pattern.search(/[*?]/)
  if (wild < 0) return true
  const fixed = pattern.slice(0, wild)
  if (claim !== 'sub') return false
  if (kind === 'github') return /^repo:[^/:*?]+\/[^/:*?]+:/.test(fixed)
  if (kind === 'circleci') return /^org\/[^/]+\/project\/[^/]+\//.test(fixed)
  if (kind === 'gitlab') return /^project_path:[^:*?/]+\/[^:*?]+:/.test(fixed)
  return false
}

interface TrustRisk {
  readonly id: 'name' | 'wildcard' | 'audience' | 'forks' | 'ssh' | 'any_ref'
  readonly severity: 'high' | 'medium' | 'low'
  readonly says: string
  /** The same rule without the risk, as far as what is known of its claims tells how. */
  readonly safer?: TrustRuleTerms
}

const refClaims: Readonly<Record<IssuerKind, readonly string[]>> = {
  circleci: ['oidc.circleci.com/vcs-ref'],
  github: ['ref', 'environment', 'job_workflow_ref'],
  gitlab: ['ref', 'environment', 'ref_protected'],
  other: [],
}

/** What claims are known to say: a token's, or those of the runs that are on record. */
export type KnownClaims = Readonly<Record<string, readonly string[]>>

export const claimsKnown = (claims: Claims): KnownClaims =>
  Object.fromEntries(
    Object.keys(claims).flatMap((name) => {
      const text = claimText(claims[name])
      return text === undefined ? [] : [[name, [text]]]
    }),
  )

/** The claims that a safer rule would be written with: those that it reads, the id that survives a rename, and the ref. */
export const claimsOfSafer = (kind: IssuerKind, { conditions }: TrustRuleTerms): string[] => [
  ...new Set([
    ...conditions.map(({ claim }) => claim),
    ...immutable[kind].slice(0, 1),
    ...refClaims[kind].slice(0, 1),
  ]),
]

/** Most values that a safer rule lists: of more nobody would say that they are the ones that are meant. */
export const mostListed = 20

function written(claim: string, values: readonly string[] = []): TrustCondition | undefined {
  if (values.length === 0 || values.length > mostListed) return undefined
  return { claim, op: values.length === 1 ? 'eq' : 'in', values }
}

/** What an attacker could make of a rule; where its claims are known, how it would be written safely. */
export function risksOf(
  kind: IssuerKind,
  rule: TrustRuleTerms,
  audience: string,
  known: KnownClaims = {},
): TrustRisk[] {
  const risks: TrustRisk[] = []
  const named = rule.conditions.filter(
    ({ claim }) => binding[kind].includes(claim) && !immutable[kind].includes(claim),
  )
  const hasId = rule.conditions.some(
    ({ claim, op }) => immutable[kind].includes(claim) && claim !== 'sub' && op !== 'glob',
  )
  const idClaim = immutable[kind][0]
  // Of several ids nobody can tell here which one is the project's: one of them may have taken its name.
  const ids = (idClaim && known[idClaim]) || []
  const id = ids.length === 1 ? ids[0] : undefined
  if (named.length > 0 && !hasId && kind !== 'circleci' && !subjectHasIds(named)) {
    const names = [...new Set(named.map(({ claim }) => claim))].join(', ')
    risks.push({
      id: 'name',
      severity: 'high',
      says: `It goes by a name (${names}). Whoever registers that name after a rename or a deletion is admitted${idClaim ? `; \`${idClaim}\` is never given to somebody else` : ''}.`,
      ...(idClaim &&
        id && { safer: withCondition(rule, { claim: idClaim, op: 'eq', values: [id] }) }),
    })
  }
  const wild = rule.conditions.filter(
    ({ op, values }) => op === 'glob' && values.some((value) => /[*?]/.test(value)),
  )
  for (const condition of wild) {
    const firm = written(condition.claim, known[condition.claim])
    risks.push({
      id: 'wildcard',
      severity: condition.values.some((value) => value.includes('**')) ? 'high' : 'medium',
      says: `\`${condition.claim}\` is matched by a pattern (${condition.values.join(', ')}): everything that it will ever match is admitted.`,
      ...(firm && {
        safer: {
          ...rule,
          conditions: rule.conditions.map((each) => (each === condition ? firm : each)),
        },
      }),
    })
  }
  if (weakAudience(kind, audience)) {
    risks.push({
      id: 'audience',
      severity: 'medium',
      says: `The issuer's audience “${audience}” is the one that its tokens have for every service. A token stolen from another service is admitted here: let jobs ask for an audience of this console's own.`,
    })
  }
  if (rule.allowForks) {
    risks.push({
      id: 'forks',
      severity: 'high',
      says: 'Runs of forks are admitted: anybody who opens a pull request runs code with these secrets.',
      safer: { ...rule, allowForks: false },
    })
  }
  if (rule.allowSshReruns) {
    risks.push({
      id: 'ssh',
      severity: 'medium',
      says: 'Reruns with SSH are admitted: whoever logs in to one reads these secrets by hand.',
      safer: { ...rule, allowSshReruns: false },
    })
  }
  const refs = refClaims[kind]
  const pinned = rule.conditions.some(
    ({ claim, values, op }) =>
      refs.includes(claim) || (claim === 'sub' && op !== 'glob' && values.every(namesRef)),
  )
  if (refs.length > 0 && !pinned) {
    const [refClaim = ''] = refs
    const ref = written(refClaim, known[refClaim])
    risks.push({
      id: 'any_ref',
      severity: 'low',
      says: 'Runs of every branch and tag are admitted: restrict the contexts by branch, or the rule.',
      ...(ref && { safer: withCondition(rule, ref) }),
    })
  }
  return risks
}

/** The rule without every risk of a kind that can be written away; the rule itself where none can. */
export const without = (
  risk: string,
  kind: IssuerKind,
  rule: TrustRuleTerms,
  audience: string,
  known: KnownClaims,
): TrustRuleTerms => {
  const safer = risksOf(kind, rule, audience, known).find(
    (each) => each.id === risk && each.safer,
  )?.safer
  return safer ? without(risk, kind, safer, audience, known) : rule
}

const namesRef = (value: string) => /:(ref|environment):|\/vcs-ref\/|:ref:/.test(value)
const subjectHasIds = (conditions: readonly TrustCondition[]) =>
  conditions.every(
    ({ claim, values }) =>
      claim === 'sub' && values.every((value) => /^repo:[^/@]+@\d+\/[^/@]+@\d+:/.test(value)),
  )

function withCondition(rule: TrustRuleTerms, added: TrustCondition): TrustRuleTerms {
  return {
    ...rule,
    conditions: [...rule.conditions.filter(({ claim }) => claim !== added.claim), added],
  }
}

/** The audience that a CI gives its tokens when nobody asks for one: shared by every service that trusts the CI. */
function weakAudience(kind: IssuerKind, audience: string): boolean {
  if (kind === 'github') return audience.startsWith('https://github.com/')
  // CircleCI's default is the organization's id.
  if (kind === 'circleci') return /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i.test(audience)
  if (kind === 'gitlab') return /^https:\/\/gitlab\.com\/?$/.test(audience)
  return audience === ''
}
