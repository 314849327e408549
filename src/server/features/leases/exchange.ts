import type { InputOf, OutputOf } from '../../../contract/index.ts'
import { tokenType } from '../../../contract/exchange-words.ts'
import type { Layer } from '../../../contract/decisions.ts'
import type { FailedClause } from '../../../contract/problem.ts'
import { refuses } from '../../../contract/refuses.ts'
import { decideUse } from '../../decision/decide-use.ts'
import { resourcePhrase } from '../../decision/sentences.ts'
import { runOf } from '../../decision/run-of.ts'
import type { RunFacts } from '../../decision/run-facts.ts'
import type { Actor, Decision } from '../../decision/types.ts'
import type { Workload } from '../../http/authenticate/identity.ts'
import type { AfterCommit } from '../../http/outcome.ts'
import { problem, type ProblemError } from '../../http/problem.ts'
import type { Scope } from '../../http/scope.ts'
import { questionOf, type ContextInUse } from '../contexts/service.ts'
import type { Federation } from '../federation/service.ts'
import { matchRules, type Matched } from '../trust-rules/service.ts'
import type { Gate, RunRules } from './gate.ts'
import { issue, issueToken, theContextFor } from './issue.ts'

type Form = InputOf<'leases.exchange'>
type Exchanged = OutputOf<'leases.exchange'>

const refuse = (code: 'invalid_subject_token' | 'invalid_target', error: string, title: string) =>
  problem(code, title, { error })

/** RFC 8693 §2.1: the parameters that say what is traded for what. */
function demandForm(form: Form): void {
  if (form.grant_type !== tokenType.grant) {
    const title = `The parameter \`grant_type\` must be ${tokenType.grant}.`
    throw refuse('invalid_subject_token', 'unsupported_grant_type', title)
  }
  if (form.subject_token_type !== tokenType.idToken && form.subject_token_type !== tokenType.jwt) {
    const title = `The parameter \`subject_token_type\` must be ${tokenType.idToken}.`
    throw refuse('invalid_subject_token', 'invalid_request', title)
  }
  const { requested_token_type: wanted, audience } = form
  if (wanted && wanted !== tokenType.lease && wanted !== tokenType.jwt) {
    const title = `The parameter \`requested_token_type\` must be ${tokenType.lease}, or ${tokenType.jwt} with an \`audience\`.`
    throw refuse('invalid_subject_token', 'invalid_request', title)
  }
  if ((wanted === tokenType.jwt) !== (audience !== undefined)) {
    const title = `A federated token is asked for with \`requested_token_type\` ${tokenType.jwt} and an \`audience\`, both or neither.`
    throw refuse('invalid_subject_token', 'invalid_request', title)
  }
}

/** The pipeline of a project: the same actor for all of its runs, so that they can be counted. */
export const pipelineOf = (
  project: { provider: string; slug: string; name: string },
  { token: { issuer, subject } }: Workload,
): Actor => ({
  kind: 'workload',
  id: `${project.provider}:${project.slug}`,
  name: `${project.name} pipeline`,
  issuer: issuer.url,
  subject,
  teams: [],
  grants: [],
})

/** Trades a CI's token for a lease on every context that was named, or refuses it for all of them. */
export async function exchange(
  scope: Scope,
  rules: RunRules,
  federation: Federation,
  form: Form,
): Promise<Exchanged | AfterCommit<Exchanged>> {
  const { workload } = scope
  if (!workload) throw new Error('an exchange without a workload')
  demandForm(form)
  const began = performance.now()
  const { judge, gate } = rules
  const matched = matchRules(gate.rulesOf(workload.token.issuer.id), workload.token)
  const project = matched.project && gate.project(matched.project.id)
  if (!project) throw refusedAs(scope, matched)
  const actor = pipelineOf(project, workload)
  scope.actAs(actor)
  const { fork, forkSays: _, projectId: __, repository: ___, ...known } = matched.run
  const given = { ...known, fromFork: fork !== 'no', ip: scope.request.ip }
  const run = runOf(project, given, scope.now)
  const contexts = namedContexts(gate, form.resource)
  // Before anything is decided: a token for an audience that is not named is nobody's, whatever policies say.
  if (form.audience !== undefined) theContextFor(form.audience, contexts)
  const identity = { ...matched.layer, ...(matched.change && { change: matched.change }) }
  const decided = contexts.map((context) => {
    const decision = decideUse(judge, actor, { ...questionOf(context, run), identity })
    return { context, decision, latencyUs: Math.round((performance.now() - began) * 1000) }
  })
  const denied = decided.filter(({ decision }) => decision.outcome === 'denied')
  const [refused] = denied
  const ids = decided.map(({ context, decision, latencyUs }) =>
    scope.decided({
      resource: context.resource,
      decision,
      run,
      ...(matched.token && { token: matched.token }),
      projectId: project.id,
      contextId: context.id,
      latencyUs,
      ...(refused && decision.outcome === 'permitted' && { failed: true }),
    }),
  )
  scope.record({
    resource: (refused ?? decided[0])?.context.resource ?? { kind: 'project', ...project },
    project: project.id,
    ...(contexts[0] && { context: (refused?.context ?? contexts[0]).id }),
    detail: told(run, matched, contexts),
  })
  if (refused) {
    const page = (one: typeof refused) =>
      `${scope.config.publicUrl}/decisions/${ids[decided.indexOf(one)] ?? ''}`
    throw useDenied(
      refused.decision,
      page(refused),
      denied.slice(1).map((one) => `${resourcePhrase(one.context.resource)} (${page(one)})`),
    )
  }
  const { uses } = rules
  const issuing = { form, workload, actor, run, project, matched, contexts, ids, uses }
  return form.audience === undefined
    ? issue(scope, issuing)
    : issueToken(scope, federation, issuing, form.audience)
}

const told = (run: RunFacts, matched: Matched, contexts: readonly ContextInUse[]) => ({
  contexts: contexts.map(({ name }) => name),
  ...(matched.rule && { rule: matched.rule.name }),
  ...(run.branch && { branch: run.branch }),
  ...(run.tag && { tag: run.tag }),
  ...(run.environment && { environment: run.environment }),
  ...(matched.run.runId && { run: matched.run.runId }),
  ...(matched.run.jobId && { job: matched.run.jobId }),
})

const urn = 'urn:sallyport:context:'

/** Contexts by what a job calls them: a run whose project is known is told of a name that nothing has. */
function namedContexts(gate: Gate, resource: Form['resource']): ContextInUse[] {
  const names = [resource].flat().map((name) => {
    if (!name.startsWith(urn)) return name
    try {
      return decodeURIComponent(name.slice(urn.length))
    } catch {
      return name
    }
  })
  const found = gate.contexts(names)
  const missing = names.filter(
    (name) => !found.some((each) => each.id === name || each.name === name),
  )
  if (missing.length === 0 && found.length > 0) return found
  const said = missing.map((name) => `“${name.slice(0, 200)}”`).join(', ')
  throw refuse('invalid_target', 'invalid_target', `There is no context ${said || 'named'}.`)
}

const clauseOf = ({ layer, clause, expected, actual, change }: Layer): FailedClause => ({
  layer,
  clause,
  ...(expected !== undefined && { expected }),
  ...(actual !== undefined && { actual }),
  ...(change !== undefined && { change }),
})

export const explain = (layers: readonly Layer[]) => layers.filter(refuses).map(clauseOf)

/** Explains the first, and names the others with their pages: a job is not to run once for each. */
function useDenied(decision: Decision, page: string, others: readonly string[]): ProblemError {
  const also = others.length > 0 ? ` Refused as well: ${others.join(', ')}.` : ''
  return problem('use_denied', `${decision.sentence}${also}`, {
    error: 'access_denied',
    failed: explain(decision.layers),
    decision: page,
  })
}

/** A token that is no project's: nothing is decided about any context, and nothing is told of any rule. */
export function refusedAs(scope: Scope, { layer, change }: Matched): ProblemError {
  const { clause, expected = 'it to hold', actual = 'unknown' } = layer
  scope.record({ detail: { expected, actual } })
  return problem('use_denied', `Denied: ${clause}: expected ${expected}, was ${actual}.`, {
    error: 'access_denied',
    failed: explain([{ ...layer, ...(change && { change }) }]),
  })
}
