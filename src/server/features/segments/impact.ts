import type { AnswerOf, InputOf } from '../../../contract/index.ts'
import { decideUse } from '../../decision/decide-use.ts'
import { admittedBy } from '../../decision/exceptions.ts'
import { factsOf } from '../../decision/policy-facts.ts'
import { noPolicies, type PolicyJudge } from '../../decision/policy-judge.ts'
import { canonical } from '../../decision/policy-replay.ts'
import { policiesInForce } from '../../decision/policy-store.ts'
import type { Actor, Decision } from '../../decision/types.ts'
import { whereabouts, type Flow, type Whereabouts } from '../../decision/zones.ts'
import type { Scope } from '../../http/scope.ts'
import { contextsInUse, questionOf } from '../contexts/service.ts'
import { identityKnown, previewImpact, recordedRun } from '../decisions/service.ts'
import { flowsWanted, same, type FlowsWanted } from './flows.ts'
import { zonesOf, type Turn } from './flow-store.ts'
import { demandOwnRanges } from './service.ts'

const turned =
  ({ allow, stop }: FlowsWanted) =>
  (flows: readonly Flow[]): Flow[] => [
    ...flows.filter((flow) => !stop.some((other) => same(flow, other))),
    ...allow,
  ]

/** Which recorded uses would turn if flows were allowed or stopped. */
export const flowImpact = async (
  scope: Scope,
  judge: PolicyJudge,
  input: InputOf<'segments.impact'>,
): Promise<AnswerOf<'segments.impact'>> =>
  zoneImpact(scope, judge, { flows: turned(await flowsWanted(scope, input)) })

/**
 * Which would turn if the runs of a segment came from elsewhere: also those of others, which it would draw in or let go.
 * Throws `invalid_input` for ranges that saving would refuse.
 */
export async function segmentImpact(
  scope: Scope,
  judge: PolicyJudge,
  { segmentId, cidrs, runnerClasses }: InputOf<'segments.preview'>,
): Promise<AnswerOf<'segments.preview'>> {
  await demandOwnRanges(scope, segmentId, cidrs)
  return zoneImpact(scope, judge, {
    segment: (segment) =>
      segment.id === segmentId
        ? { ...segment, ...(cidrs && { cidrs }), ...(runnerClasses && { runnerClasses }) }
        : segment,
  })
}

/** Everything else is asked as it is now: what a restriction or a policy refuses anyway is not told to be opened. */
async function zoneImpact(
  scope: Scope,
  judge: PolicyJudge,
  turn: Turn,
): Promise<AnswerOf<'segments.impact'>> {
  const { db } = scope
  const { segment: turnedTo = (same) => same } = turn
  const then = await zonesOf(db, turn)
  const contexts = new Map((await contextsInUse(db)).map((each) => [each.id, each]))
  const keyOf = canonical((await policiesInForce(db)).map(({ text }) => text))
  const decided = new Map<string, Decision>()
  return previewImpact(scope, { action: 'context:use', where: [identityKnown] }, (recorded) => {
    const context = contexts.get(recorded.contextId ?? '')
    // Of a context that is gone, or lies in no segment, no zone says anything.
    if (!context?.segment) return 'same'
    const { segment, zones } = context
    const run = recordedRun(recorded)
    const facts = factsOf(recorded)
    if (!run || !facts) return 'untold'
    const next = { segment: turnedTo(segment), zones: then }
    const opens = isOpen(whereabouts(next.segment, run, then))
    if (isOpen(whereabouts(segment, run, zones)) === opens) return 'same'
    const { actorId: id, actorName: name } = recorded
    const actor: Actor = { kind: 'workload', id, name, teams: [], grants: [] }
    const asked = questionOf(context, run)
    const by = admittedBy(asked)
    if (by === undefined) return 'same'
    // The facts name project and workload, but not what restrictions alone read, nor the hour: the sentence says by what.
    const key = `${keyOf(facts)} ${context.id} ${run.ip} ${by}`
    let decision = decided.get(key)
    if (!decision) {
      decision = decideUse(judge, actor, opens ? { ...asked, ...next } : asked)
      decided.set(key, decision)
    }
    if (decision.outcome === 'denied') return 'same'
    if (opens) return { change: 'newly_permitted', sentence: decision.sentence }
    const refusal = decideUse(noPolicies, actor, { ...asked, ...next })
    return { change: 'newly_denied', sentence: refusal.sentence }
  })
}

const isOpen = ({ inside, led }: Whereabouts) => inside || led
