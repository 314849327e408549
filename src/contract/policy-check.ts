import { brokenLimit, fromBytes } from './policy-limits.ts'
import type { PolicyCheck, PolicyProblem } from './policies.ts'

interface Told {
  readonly message: string
  readonly help?: string | null | undefined
  readonly sourceLocations?: readonly { readonly start: number; readonly end: number }[]
  readonly related?: readonly Told[]
}
interface Failure {
  readonly type: 'failure'
  readonly errors: readonly Told[]
}

/** As much of Cedar as a check needs: the engine itself is given by the server's thread, or by the browser's worker. */
export interface PolicyReader<S> {
  policySetTextToParts(text: string):
    | Failure
    | {
        readonly type: 'success'
        readonly policies: readonly string[]
        readonly policy_templates: readonly string[]
      }
  policyToJson(
    text: string,
  ): Failure | { readonly type: 'success'; readonly json: { readonly effect: string } }
  schemaToJson(text: string): Failure | { readonly type: 'success'; readonly json: S }
  getValidRequestEnvsPolicy(
    text: string,
    schema: string | S,
  ):
    | { readonly type: 'failure' }
    | { readonly type: 'success'; readonly actions: readonly string[] }
  validate(call: { schema: string | S; policies: { staticPolicies: string } }):
    | Failure
    | {
        readonly type: 'success'
        readonly validationErrors: readonly { readonly error: Told }[]
        readonly validationWarnings: readonly { readonly error: Told }[]
        readonly otherWarnings: readonly Told[]
      }
}

let lastSchema:
  | { readonly of: unknown; readonly text: string; readonly schema: unknown }
  | undefined

/** The schema as JSON: each call reads it anew, and reads that in half the time of its text. */
function schemaOf<S>(cedar: PolicyReader<S>, text: string): string | S {
  if (lastSchema?.of !== cedar || lastSchema.text !== text) {
    const answer = cedar.schemaToJson(text)
    // Why it cannot be read, each call then says by itself.
    if (answer.type === 'failure') return text
    lastSchema = { of: cedar, text, schema: answer.json }
  }
  return lastSchema.schema as S
}

/**
 * What is wrong with a policy's text. Runs in an instance that may die of it: a worker on the server, a web worker in
 * the browser, never the one that decides.
 */
export function validatePolicy<S>(
  cedar: PolicyReader<S>,
  schemaText: string,
  text: string,
): PolicyCheck {
  const limit = brokenLimit(text)
  if (limit) return { problems: [limit], actions: [], valid: false }
  const schema = schemaOf(cedar, schemaText)
  const problems: PolicyProblem[] = []
  const add = (
    severity: 'error' | 'warning',
    { message: said, help, sourceLocations, related }: Told,
  ) => {
    // Cedar names statements by numbers that no writer sees; the place says which one.
    const message = said.replace(/^for policy `\w+`, /, '')
    const place = sourceLocations?.[0]
    const from = place ? fromBytes(text, place.start) : 0
    const to = place ? Math.max(from, fromBytes(text, place.end)) : text.length
    // Validation repeats itself once for each kind of request.
    if (!problems.some((known) => known.from === from && known.message === message)) {
      problems.push({ severity, message, ...(help && { help }), from, to })
    }
    for (const more of related ?? []) add(severity, more)
  }
  const parts = cedar.policySetTextToParts(text)
  if (parts.type === 'failure') {
    for (const error of parts.errors) add('error', error)
    return { problems, actions: [], valid: false }
  }
  const whole = (severity: 'error' | 'warning', message: string, help?: string) =>
    problems.push({ severity, message, ...(help && { help }), from: 0, to: text.length })
  if (parts.policy_templates.length > 0) {
    whole('error', 'Templates are not used here: name the principal or resource instead of ?slot.')
  } else if (parts.policies.length === 0) whole('error', 'The policy says nothing yet.')
  const actions = new Set<string>()
  for (const part of parts.policies) {
    const read = cedar.policyToJson(part)
    if (read.type === 'success' && read.json.effect === 'permit') {
      whole(
        'warning',
        'A permit has no effect by itself: grants and restrictions permit, policies forbid.',
        'Write what must not happen as forbid.',
      )
    }
    const envs = cedar.getValidRequestEnvsPolicy(part, schema)
    if (envs.type === 'success') for (const action of envs.actions) actions.add(idOf(action))
  }
  const answer = cedar.validate({ schema, policies: { staticPolicies: text } })
  if (answer.type === 'failure') for (const error of answer.errors) add('error', error)
  else {
    for (const { error } of answer.validationErrors) add('error', error)
    const warnings = [
      ...answer.validationWarnings.map(({ error }) => error),
      ...answer.otherWarnings,
    ]
    for (const error of warnings) {
      // Text that reads as something else than it is (P37).
      add(/mixed script|bidi|confusable/i.test(error.message) ? 'error' : 'warning', error)
    }
  }
  return {
    problems: problems.sort((a, b) => a.from - b.from),
    actions: [...actions].filter((action) => action.includes(':')).sort(),
    valid: problems.every(({ severity }) => severity !== 'error'),
  }
}

/** `Sallyport::Action::"context:use"` → `context:use`. */
function idOf(uid: string): string {
  return /"([^"]*)"$/.exec(uid)?.[1] ?? uid
}
