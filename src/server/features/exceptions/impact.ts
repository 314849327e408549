import { sql, type SqlBool } from 'kysely'
import type { AnswerOf } from '../../../contract/index.ts'
import { decideUse } from '../../decision/decide-use.ts'
import { exceptionFor } from '../../decision/exceptions.ts'
import { factsOf } from '../../decision/policy-facts.ts'
import type { PolicyJudge } from '../../decision/policy-judge.ts'
import { canonical } from '../../decision/policy-replay.ts'
import { policiesInForce } from '../../decision/policy-store.ts'
import { askRestrictions } from '../../decision/restrictions.ts'
import type { RunFacts, UseException } from '../../decision/run-facts.ts'
import type { Actor, Decision } from '../../decision/types.ts'
import type { Scope } from '../../http/scope.ts'
import { contextsInUse, questionOf } from '../contexts/service.ts'
import { identityKnown, previewImpact, recordedRun } from '../decisions/service.ts'
import type { Admitted } from './service.ts'

type Answer = AnswerOf<'exceptions.impact'>
type Refuser = Answer['refusedBy'][number]

/** How many refusers are named. */
const mostRefusers = 20

/** What keeps a run out that no exception admits. */
const neverAdmitted = ({ fromFork }: RunFacts) =>
  `Denied: ${fromFork ? 'code of a fork' : 'a rerun with SSH'} is admitted by no exception.`

/**
 * Which recorded refusals of the same runs an exception would have lifted, were it approved for all of these days. Everything
 * else is asked as it is now: what a segment or a policy refuses besides stays refused, and is told.
 */
export async function exceptionImpact(
  scope: Scope,
  judge: PolicyJudge,
  admitted: Admitted,
): Promise<Answer> {
  const { db, now } = scope
  const { projectId, contextId, branch, tag } = admitted
  const context = (await contextsInUse(db)).find(({ id }) => id === contextId)
  const refusers = new Map<string, Refuser>()
  if (!context || !projectId) return { ...(await nothing(scope)), stillRefused: 0, refusedBy: [] }
  const lifting: UseException = {
    id: context.id,
    projectId,
    ...(branch !== null && { branch }),
    ...(tag !== null && { tag }),
    from: new Date(0),
    until: new Date(now.getTime() + 1),
    askedBy: 'somebody',
    approvedBy: 'somebody else',
  }
  const keyOf = canonical((await policiesInForce(db)).map(({ text }) => text))
  const decided = new Map<string, Decision>()
  const where = [
    // What a fork or a rerun with SSH is refused by, no exception lifts, whoever it was known to be.
    sql<SqlBool>`(${identityKnown} or (decision.run ->> 'fromFork')::boolean
      or (decision.run ->> 'sshRerun')::boolean)`,
    sql<SqlBool>`decision.outcome = 'denied'`,
    sql<SqlBool>`decision.run ->> 'branch' is not distinct from ${branch}::text`,
    sql<SqlBool>`decision.run ->> 'tag' is not distinct from ${tag}::text`,
  ]
  const narrow = { projectId, contextId: context.id, action: 'context:use', where }
  const impact = await previewImpact(scope, narrow, (recorded) => {
    const run = recordedRun(recorded)
    const facts = factsOf(recorded)
    if (!run || !facts) return 'untold'
    const stays = (sentence: string) => {
      const { id: decision, at } = recorded
      const known = refusers.get(sentence) ?? { sentence, count: 0, decision, at }
      refusers.set(sentence, { ...known, count: known.count + 1 })
      return 'same' as const
    }
    const asked = askRestrictions(context.restrictions, run)
    if (asked.every(({ verdict }) => verdict === 'permitted')) return 'same'
    if (exceptionFor(context.exceptions, run)) return 'same'
    if (!exceptionFor([lifting], run)) return stays(neverAdmitted(run))
    const untellable = asked.find(({ verdict }) => verdict === 'error')
    if (untellable) return stays(`Denied: ${untellable.clause} cannot be told.`)
    const key = `${keyOf(facts)} ${run.ip} ${run.runnerClass}`
    let decision = decided.get(key)
    if (!decision) {
      const { actorId: id, actorName: name } = recorded
      const actor: Actor = { kind: 'workload', id, name, teams: [], grants: [] }
      decision = decideUse(judge, actor, { ...questionOf(context, run), exceptions: [lifting] })
      decided.set(key, decision)
    }
    if (decision.outcome === 'permitted') {
      const sentence = `Permitted: nothing but the restrictions of ${context.name} refuses it.`
      return { change: 'newly_permitted', sentence }
    }
    // One place is one refusal, from however many addresses it was asked.
    const elsewhere = decision.layers.find(
      ({ layer, verdict }) => layer === 'segment' && verdict === 'denied',
    )
    return stays(
      elsewhere
        ? `Denied: ${elsewhere.clause}: expected ${elsewhere.expected ?? 'it to hold'}.`
        : decision.sentence,
    )
  })
  const refusedBy = [...refusers.values()].toSorted((one, other) => other.count - one.count)
  return {
    ...impact,
    stillRefused: refusedBy.reduce((all, { count }) => all + count, 0),
    refusedBy: refusedBy.slice(0, mostRefusers),
  }
}

/** Its project or context was deleted: nothing is asked again. */
const nothing = (scope: Scope) =>
  previewImpact(scope, { where: [sql<SqlBool>`false`] }, () => 'same')
