import { BlockList, isIP } from 'node:net'
import type { Layer } from '../../contract/decisions.ts'
import type { PolicyJudge } from './policy-judge.ts'
import { askPolicies } from './policy-layer.ts'
import { askRestrictions } from './restrictions.ts'
import type { RunFacts, SegmentFacts, UseQuestion } from './run-facts.ts'
import { resourcePhrase } from './sentences.ts'
import type { Actor, Decision } from './types.ts'

/**
 * May this run use the context? Every layer is asked also after one has denied, so that a refusal shows all that stands
 * in the way at once; the sentence names the first.
 */
export function decideUse(judge: PolicyJudge, actor: Actor, question: UseQuestion): Decision {
  const { context, run } = question
  const known = actor.kind === 'workload'
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
    ...askRestrictions(question.restrictions, run),
  ]
  if (question.segment) layers.push(askSegment(question.segment, run))
  const asked = askPolicies(judge, {
    actor,
    action: 'context:use',
    resource: context,
    facts: {},
    run,
  })
  const refusal = layers.find(({ verdict }) => verdict === 'denied' || verdict === 'error')
  const denied = refusal !== undefined || asked.denied
  const who = run.project ? `project “${run.project.name}”` : actor.name
  const sentence = refusal
    ? `Denied: ${who} may not use ${resourcePhrase(context)}. ${refusal.clause}: expected ${refusal.expected ?? 'it to hold'}, was ${refusal.actual ?? 'unknown'}.`
    : (asked.sentence ?? `Permitted: the restrictions of ${resourcePhrase(context)} admit ${who}.`)
  return {
    outcome: denied ? 'denied' : 'permitted',
    wouldDeny: !denied && asked.wouldDeny,
    action: 'context:use',
    layers: [...layers, ...asked.layers, noApproval],
    grants: [],
    policies: asked.policies,
    sentence,
  }
}

const noApproval: Layer = Object.freeze({
  layer: 'approval',
  verdict: 'not_asked',
  clause: 'Nobody is asked to approve runs of this context',
  because: [],
})

/** From where a segment's secrets may be asked for: the address, and the runner's class, as far as the segment says. */
function askSegment(segment: SegmentFacts, run: RunFacts): Layer {
  const because = [{ kind: 'segment', id: segment.id, name: segment.name }]
  const layer = (clause: string, holds: boolean, expected: string, actual: string): Layer => ({
    layer: 'segment',
    verdict: holds ? 'permitted' : 'denied',
    clause,
    ...(!holds && { expected, actual, change: `Ask from ${expected}, or move the context.` }),
    because,
  })
  const place = `The run is in segment “${segment.name}”`
  if (segment.cidrs.length === 0 && segment.runnerClasses.length === 0) {
    const actual = run.project?.segment
    return layer(
      place,
      actual?.id === segment.id,
      `a run of a project of segment “${segment.name}”`,
      actual ? `a project of segment “${actual.name}”` : 'a project of no known segment',
    )
  }
  if (segment.cidrs.length > 0 && !within(segment.cidrs, run.ip)) {
    return layer(
      place,
      false,
      `a run from an address in ${segment.cidrs.join(', ')}`,
      run.ip ?? 'no known address',
    )
  }
  const { runnerClasses } = segment
  if (runnerClasses.length > 0 && !(run.runnerClass && runnerClasses.includes(run.runnerClass))) {
    return layer(
      place,
      false,
      `a run on runner class ${runnerClasses.join(' or ')}`,
      run.runnerClass ?? 'no known runner class',
    )
  }
  return layer(place, true, '', '')
}

export function within(cidrs: readonly string[], address: string | undefined): boolean {
  // An IPv4 address that came in over an IPv6 socket (RFC 4291 §2.5.5.2) is the IPv4 address.
  const ip = address?.replace(/^::ffff:(?=\d+\.\d+\.\d+\.\d+$)/i, '')
  if (!ip || isIP(ip) === 0) return false
  const ranges = new BlockList()
  for (const cidr of cidrs) {
    const [network = '', bits] = cidr.split('/')
    const version = isIP(network)
    if (version === 0) continue
    ranges.addSubnet(
      network,
      bits === undefined ? (version === 4 ? 32 : 128) : Number(bits),
      version === 4 ? 'ipv4' : 'ipv6',
    )
  }
  return ranges.check(ip, isIP(ip) === 4 ? 'ipv4' : 'ipv6')
}
