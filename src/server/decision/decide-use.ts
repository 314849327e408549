import type { Layer } from '../../contract/decisions.ts'
import { refuses } from '../../contract/refuses.ts'
import { approvedLayer, exceptionFor, exceptionSentence, liftedBy } from './exceptions.ts'
import type { PolicyJudge } from './policy-judge.ts'
import { askPolicies } from './policy-layer.ts'
import { askRestrictions } from './restrictions.ts'
import type { RunFacts, SegmentFacts, UseQuestion } from './run-facts.ts'
import { resourcePhrase } from './sentences.ts'
import type { Actor, Decision } from './types.ts'
import { whereabouts, type Zones } from './zones.ts'

/**
 * May this run use the context? Every layer is asked also after one has denied, so that a refusal shows all that stands
 * in the way at once; the sentence names the first.
 */
export function decideUse(judge: PolicyJudge, actor: Actor, question: UseQuestion): Decision {
  const { context, run } = question
  const known = actor.kind === 'workload'
  const restricted = askRestrictions(question.restrictions, run)
  const exception = restricted.some(({ verdict }) => verdict === 'denied')
    ? exceptionFor(question.exceptions, run)
    : undefined
  const layers: Layer[] = [
    question.identity ?? {
      layer: 'identity',
      verdict: known ? 'permitted' : 'denied',
      clause: 'A verified workload identity asks',
      ...(!known && { expected: 'a workload', actual: actor.kind }),
      because: [],
    },
    {
      layer: 'grant',
      verdict: 'not_asked',
      clause: 'Workloads hold no grants: restrictions admit them',
      because: [],
    },
    ...(exception ? liftedBy(exception, restricted) : restricted),
  ]
  if (question.segment) layers.push(askSegment(question.segment, run, question.zones))
  const asked = askPolicies(judge, {
    actor,
    action: 'context:use',
    resource: context,
    facts: {},
    run,
  })
  const refusal = layers.find(refuses)
  const denied = refusal !== undefined || asked.denied
  const who = run.project ? `project “${run.project.name}”` : actor.name
  const admitted = exception
    ? exceptionSentence(who, resourcePhrase(context), exception)
    : `Permitted: the restrictions of ${resourcePhrase(context)} admit ${who}.`
  const sentence = refusal
    ? `Denied: ${who} may not use ${resourcePhrase(context)}. ${refusal.clause}: expected ${refusal.expected ?? 'it to hold'}, was ${refusal.actual ?? 'unknown'}.`
    : (asked.sentence ?? admitted)
  return {
    outcome: denied ? 'denied' : 'permitted',
    wouldDeny: !denied && asked.wouldDeny,
    action: 'context:use',
    layers: [...layers, ...asked.layers, exception ? approvedLayer(exception) : noApproval],
    grants: [],
    policies: asked.policies,
    sentence,
  }
}

/** Restrictions admit by themselves; only what they refuse can somebody have approved. */
export const noApprovalClause = 'No exception is needed, or none was approved'

const noApproval: Layer = Object.freeze({
  layer: 'approval',
  verdict: 'not_asked',
  clause: noApprovalClause,
  because: [],
})

/**
 * From where a segment's secrets may be asked for: a run in it (its address, and its runner's class, as far as the segment
 * says), or one in a segment from which a flow to it is allowed.
 */
function askSegment(segment: SegmentFacts, run: RunFacts, zones: Zones | undefined): Layer {
  const { inside, from, led, address, runnerClass } = whereabouts(segment, run, zones)
  const of = ({ id, name }: SegmentFacts) => ({ kind: 'segment', id, name })
  const { cidrs, runnerClasses, name } = segment
  const layer = (clause: string, because: Layer['because'], refused?: Refused): Layer => ({
    layer: 'segment',
    verdict: refused ? 'denied' : 'permitted',
    clause,
    ...refused,
    because,
  })
  const place = `The run is in segment “${name}”`
  if (inside) return layer(place, [of(segment)])
  // All that is missing, so that whoever mends it is not refused again for the rest.
  const missing = [
    cidrs.length > 0 &&
      !address && [`from an address in ${cidrs.join(', ')}`, run.ip ?? 'no known address'],
    !runnerClass && [
      `on runner class ${runnerClasses.join(' or ')}`,
      run.runnerClass ?? 'no known runner class',
    ],
  ].filter((one) => one !== false)
  const [expected, actual] =
    missing.length === 0
      ? [`a run of a project of segment “${name}”`, ofProject(run)]
      : [
          `a run ${missing.map(([wanted]) => wanted).join(' and ')}`,
          missing.map(([, found]) => found).join(', '),
        ]
  if (!from) {
    const change = `Ask from ${expected}, or move the context.`
    return layer(place, [of(segment)], { expected, actual, change })
  }
  const clause = `Runs in segment “${from.name}” may reach segment “${name}”`
  const flow = `an allowed flow from “${from.name}” to “${name}”`
  if (led) return layer(clause, [of(from), of(segment)])
  const change = `Allow the flow from “${from.name}” to “${name}”, or ask from ${expected}.`
  const refused = { expected: flow, actual: 'no such flow', change }
  return layer(clause, [of(from), of(segment)], refused)
}

type Refused = Pick<Layer, 'expected' | 'actual' | 'change'>

const ofProject = ({ project }: RunFacts) =>
  project?.segment
    ? `a project of segment “${project.segment.name}”`
    : 'a project of no known segment'
