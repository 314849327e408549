import type { ConfigAction } from '../../contract/config-actions.ts'
import type { Layer } from '../../contract/decisions.ts'
import type { ConfigFacts } from '../../contract/pipeline-facts.ts'
import type { Broken, ConfigPlace } from './config-judge.ts'
import { questionsOf, type ConfigQuestion, type ConfigRun } from './config-question.ts'
import type { PolicyInForce, PolicyJudge } from './policy-judge.ts'
import type { Decision } from './types.ts'

type Mode = 'evaluate' | 'enforce'
/** CircleCI's own words for what came of a config check. */
type Status = 'PASS' | 'SOFT_FAIL' | 'HARD_FAIL' | 'ERROR'

/** One rule broken by one part of the config. */
interface Violation {
  readonly rule: string
  readonly policy: { readonly id: string; readonly name: string; readonly version: number }
  readonly mode: Mode
  readonly level: 'hard' | 'soft' | 'error'
  readonly action: ConfigAction
  readonly subject: string
  readonly line: number
  readonly reason: string
  /** What would have to be known for the rule to hold. */
  readonly unknown: readonly { readonly fact: string; readonly text: string }[]
}

export interface ConfigDecision {
  readonly status: Status
  /** A rule that is only evaluated is broken, or could not be evaluated. */
  readonly wouldFail: boolean
  readonly enabledRules: readonly string[]
  /** By line. */
  readonly violations: readonly Violation[]
  readonly layers: readonly Layer[]
  readonly policies: Decision['policies']
  readonly sentence: string
}

const byRule = (one: Violation, other: Violation) =>
  one.line - other.line ||
  one.rule.localeCompare(other.rule) ||
  one.reason.localeCompare(other.reason)

/** What the policies say of a config: the worst of what they say of its parts. */
export function decideConfig(
  judge: PolicyJudge,
  place: ConfigPlace,
  config: ConfigFacts,
  run: ConfigRun,
): ConfigDecision {
  const asker = judge.configs(place)
  const questions = questionsOf(config, run)
  const violationsIn = (mode: Mode) =>
    questions
      .flatMap((question) => {
        const { broken, errors } = asker.judge(mode, question)
        const failures = errors.map(({ policy, message }) =>
          failureOf(mode, question, policy, message),
        )
        return broken.map((one) => violationOf(mode, question, one)).concat(failures)
      })
      .sort(byRule)
  const enforced = violationsIn('enforce')
  const evaluated = violationsIn('evaluate')
  const status = statusOf(enforced)
  const names = asker.rules('enforce').map(({ name }) => name)
  return {
    status,
    wouldFail: evaluated.length > 0,
    enabledRules: [...new Set(names)].sort(),
    violations: [...enforced, ...evaluated].sort(byRule),
    layers: [
      ...layersOf('enforce', names.length, enforced),
      ...layersOf('evaluate', asker.rules('evaluate').length, evaluated),
    ],
    policies: policiesOf([...enforced, ...evaluated]),
    sentence: sentenceOf(status, place.path, enforced, evaluated),
  }
}

function statusOf(enforced: readonly Violation[]): Status {
  const levels = new Set(enforced.map(({ level }) => level))
  if (levels.has('error')) return 'ERROR'
  if (levels.has('hard')) return 'HARD_FAIL'
  return levels.has('soft') ? 'SOFT_FAIL' : 'PASS'
}

function violationOf(
  mode: Mode,
  question: ConfigQuestion,
  { policy, rule, unknown }: Broken,
): Violation {
  const { action, subject, line, unresolved } = question
  const open = unresolved.filter(({ fact }) => unknown.includes(fact))
  const said = rule.reason
    ? fill(rule.reason, question)
    : `policy “${policy.name}” forbids ${subject}`
  const untold = [...new Set(open.map(({ fact, text }) => `${fact} (${text})`))]
    .slice(0, 3)
    .join(', ')
  return {
    rule: rule.name,
    policy: { id: policy.id, name: policy.name, version: policy.version },
    mode,
    level: rule.level,
    action,
    subject,
    line,
    reason: open.length > 0 ? `${said} — not known: ${untold}` : said,
    unknown: open,
  }
}

const failureOf = (
  mode: Mode,
  { action, subject, line }: ConfigQuestion,
  { id, name, version }: PolicyInForce,
  message: string,
): Violation => ({
  rule: name,
  policy: { id, name, version },
  mode,
  level: 'error',
  action,
  subject,
  line,
  reason: `policy “${name}” could not be evaluated for ${subject}: ${message}`,
  unknown: [],
})

/** Longest that a filled-in fact or a whole reason becomes. */
const longest = 500

/**
 * Puts facts in the place of `{name}` and `{job.name}`; what names no fact stays as it is written. Of a set one may
 * write `{contexts in: a, b}` or `{contexts not in: a, b}`: those of them that are, or are not, among these.
 */
export function fill(reason: string, { facts }: Pick<ConfigQuestion, 'facts'>): string {
  let made = ''
  let from = 0
  for (;;) {
    const open = reason.indexOf('{', from)
    const close = open === -1 ? -1 : reason.indexOf('}', open)
    if (close === -1) break
    made += reason.slice(from, open)
    made += filling(reason.slice(open + 1, close), facts) ?? reason.slice(open, close + 1)
    from = close + 1
  }
  return (made + reason.slice(from)).slice(0, longest)
}

function filling(said: string, facts: ConfigQuestion['facts']): string | undefined {
  const [named = '', list] = said.split(/ (?:not )?in: /, 2)
  const name = named.split('.').at(-1) ?? ''
  const value = Object.hasOwn(facts, name) ? facts[name] : undefined
  if (value === undefined) return undefined
  if (!Array.isArray(value)) return String(value).slice(0, longest)
  const among = list?.split(', ')
  const wanted = !said.includes(' not in: ')
  return (value as readonly string[])
    .filter((one) => !among || among.includes(one) === wanted)
    .toSorted()
    .join(', ')
    .slice(0, longest)
}

function layersOf(mode: Mode, rules: number, violations: readonly Violation[]): Layer[] {
  if (rules === 0 && violations.length === 0) return []
  const clause =
    mode === 'enforce'
      ? 'No enforced rule forbids what the config says'
      : 'No evaluated rule forbids it'
  const because = [...new Map(violations.map(({ policy }) => [policy.id, policy])).values()]
  const blocks = statusOf(violations)
  const verdict =
    violations.length === 0
      ? 'permitted'
      : mode === 'evaluate' || blocks === 'SOFT_FAIL'
        ? 'would_deny'
        : blocks === 'ERROR'
          ? 'error'
          : 'denied'
  const shown = violations.slice(0, 3).map(({ line, reason }) => `line ${line}: ${reason}`)
  const more = violations.length > 3 ? `; and ${violations.length - 3} more` : ''
  return [
    {
      layer: 'policy',
      verdict,
      clause,
      ...(violations.length > 0 && {
        expected: `all ${rules} rules hold on every part`,
        actual: `${shown.join('; ')}${more}`,
      }),
      because: because.map(({ id, name }) => ({ kind: 'policy', id, name, mode })),
    },
  ]
}

const policiesOf = (violations: readonly Violation[]): Decision['policies'] => [
  ...new Map(
    violations.map(({ policy: { id, version }, mode }) => [`${mode} ${id}`, { id, version, mode }]),
  ).values(),
]

function sentenceOf(
  status: Status,
  path: string,
  enforced: readonly Violation[],
  evaluated: readonly Violation[],
): string {
  const worst = { PASS: 'soft', SOFT_FAIL: 'soft', HARD_FAIL: 'hard', ERROR: 'error' }[status]
  const first = enforced.find(({ level }) => level === worst)
  const others = enforced.length > 1 ? ` (and ${enforced.length - 1} more)` : ''
  const where = first && `${path}, line ${first.line}: ${first.reason}${others}.`
  if (status === 'ERROR') return `Denied: a policy could not be evaluated. ${where}`
  if (status === 'HARD_FAIL') return `Denied: ${where}`
  if (status === 'SOFT_FAIL') return `Permitted with a warning: ${where}`
  const [would] = evaluated
  return would
    ? `Permitted, and would be denied: ${path}, line ${would.line}: ${would.reason} (in evaluate mode).`
    : `Permitted: no rule forbids what ${path} says.`
}
