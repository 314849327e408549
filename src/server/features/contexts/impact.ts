import type { AnswerOf, InputOf } from '../../../contract/index.ts'
import type { PolicyFacts } from '../../../contract/policy-facts.ts'
import { newId } from '../../db/new-id.ts'
import { decideUse } from '../../decision/decide-use.ts'
import { admittedBy } from '../../decision/exceptions.ts'
import { factsOf } from '../../decision/policy-facts.ts'
import { noPolicies, type PolicyJudge } from '../../decision/policy-judge.ts'
import { canonical } from '../../decision/policy-replay.ts'
import { policiesInForce } from '../../decision/policy-store.ts'
import type { Restriction, RunFacts } from '../../decision/run-facts.ts'
import type { Actor, Decision } from '../../decision/types.ts'
import { problem } from '../../http/problem.ts'
import type { Scope } from '../../http/scope.ts'
import { identityKnown, previewImpact, recordedRun } from '../decisions/service.ts'
import { contextResourceOf } from './resource.ts'
import { restrictionWanted } from './restrictions-service.ts'
import { theContext } from './service.ts'
import { useQuestion } from './use.ts'

/**
 * Which recorded uses of the context would turn if its restrictions were others: everything else is asked as it is now, so
 * that what a segment or a policy refuses anyway is not told to be opened.
 */
export async function restrictionImpact(
  scope: Scope,
  judge: PolicyJudge,
  { contextId, restriction, restrictionId }: InputOf<'contexts.impact'>,
): Promise<AnswerOf<'contexts.impact'>> {
  const row = await theContext(scope, contextId)
  const target = restriction && (await restrictionWanted(scope, restriction))
  const context = { id: row.id, segmentId: row.segmentId, resource: contextResourceOf(row) }
  const nobody: RunFacts = { now: scope.now, provider: '', fromFork: true, sshRerun: true }
  const { run: _, restrictions: before, ...rest } = await useQuestion(scope.db, context, nobody)
  if (restrictionId && !before.some(({ id }) => id === restrictionId)) {
    throw problem('not_found', 'This context has no such restriction.')
  }
  const after = before.filter(({ id }) => id !== restrictionId)
  if (restriction) {
    const { kind } = restriction
    after.push({
      id: newId(),
      kind,
      ...(target && { target }),
      ...(kind === 'expression' && { expression: restriction.expression }),
    })
  }
  // Whose run it is was not known then, and no restriction says it.
  const narrow = { contextId, action: 'context:use', where: [identityKnown] }
  const texts = (await policiesInForce(scope.db)).map(({ text }) => text)
  const keyOf = canonical(texts)
  const decided = new Map<string, Decision>()
  /** Where the restrictions admit it: what segment and policies say, once for equal facts. */
  const admittedWith = (restrictions: readonly Restriction[], asking: Asking): Decision => {
    const { actor, run, facts } = asking
    const address = rest.segment ? run.ip : ''
    const by = admittedBy({ ...rest, run, restrictions })
    const key = `${keyOf(facts)} ${address} ${by}`
    let decision = decided.get(key)
    if (!decision) {
      decision = decideUse(judge, actor, { ...rest, run, restrictions })
      decided.set(key, decision)
    }
    return decision
  }
  return previewImpact(scope, narrow, (recorded) => {
    const run = recordedRun(recorded)
    const facts = factsOf(recorded)
    if (!run || !facts) return 'untold'
    const admits = admittedBy({ ...rest, run, restrictions: after }) !== undefined
    const admitted = admittedBy({ ...rest, run, restrictions: before }) !== undefined
    if (admitted === admits) return 'same'
    const { actorId: id, actorName: name } = recorded
    const actor: Actor = { kind: 'workload', id, name, teams: [], grants: [] }
    const decision = admittedWith(admits ? after : before, { actor, run, facts })
    // What a segment or a policy refuses stays refused, whatever the restrictions are.
    if (decision.outcome === 'denied') return 'same'
    if (admits) return { change: 'newly_permitted', sentence: decision.sentence }
    const refusal = decideUse(noPolicies, actor, { ...rest, run, restrictions: after })
    return { change: 'newly_denied', sentence: refusal.sentence }
  })
}

interface Asking {
  readonly actor: Actor
  readonly run: RunFacts
  readonly facts: PolicyFacts
}
