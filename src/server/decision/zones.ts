import { BlockList, isIP } from 'node:net'
import type { RunFacts, SegmentFacts } from './run-facts.ts'

/**
 * The segments as zones: where a run takes place, and from where runs may reach where.
 *
 * A run takes place in the segment with the most specific range that holds its address, among those that admit its runner
 * class. Where no range of anybody holds it, it takes place in its project's own segment, if runs of that may come from
 * anywhere. Otherwise it is not known where it takes place, and no flow leads anywhere from there.
 */
export interface Zones {
  place(run: RunFacts): SegmentFacts | undefined
  /** Whether the address is one of the segment's, and of no more specific range of another. */
  holds(segment: SegmentFacts, run: RunFacts): boolean
  leads(from: string, to: string): boolean
}

export interface Flow {
  readonly fromId: string
  readonly toId: string
}

/** Addresses of IPv4 as an IPv6 socket tells them (RFC 4291 §2.5.5.2): they are the IPv4 addresses. */
const mapped = new BlockList()
mapped.addSubnet('::ffff:0:0', 96, 'ipv6')

const spelling = (address: string) => (isIP(address) === 4 ? 'ipv4' : 'ipv6')
function familyOf(address: string): 0 | 4 | 6 {
  const version = isIP(address)
  return version === 6 && mapped.check(address, 'ipv6') ? 4 : (version as 0 | 4 | 6)
}

interface Range {
  readonly family: 4 | 6
  readonly bits: number
  readonly addresses: BlockList
}

function rangeOf(cidr: string): Range | undefined {
  const [network = '', length] = cidr.split('/')
  const family = isIP(network)
  if (family === 0) return undefined
  const bits = length === undefined ? (family === 4 ? 32 : 128) : Number(length)
  const addresses = new BlockList()
  addresses.addSubnet(network, bits, spelling(network))
  return { family: family as 4 | 6, bits, addresses }
}

/** How specific the range is that holds the address; −1 where none does. */
function specific(ranges: readonly Range[], address: string | undefined): number {
  if (!address) return -1
  const of = familyOf(address)
  let found = -1
  for (const { family, bits, addresses } of ranges) {
    if (family === of && bits > found && addresses.check(address, spelling(address))) found = bits
  }
  return found
}

const rangesOf = (cidrs: readonly string[]) => cidrs.flatMap((cidr) => rangeOf(cidr) ?? [])

export const within = (cidrs: readonly string[], address: string | undefined): boolean =>
  specific(rangesOf(cidrs), address) >= 0

const onClass = ({ runnerClasses }: SegmentFacts, { runnerClass }: RunFacts): boolean =>
  runnerClasses.length === 0 || (runnerClass !== undefined && runnerClasses.includes(runnerClass))

export function openZones(segments: readonly SegmentFacts[], flows: readonly Flow[]): Zones {
  const known = segments.map((segment) => ({ segment, ranges: rangesOf(segment.cidrs) }))
  const bounded = known.filter(({ ranges }) => ranges.length > 0)
  const byId = new Map(known.map((each) => [each.segment.id, each]))
  const allowed = new Set(flows.map(({ fromId, toId }) => `${fromId} ${toId}`))
  /** The most specific range, and whose it is. */
  const innermost = (run: RunFacts) => {
    let found: { segment: SegmentFacts; bits: number } | undefined
    for (const { segment, ranges } of bounded) {
      if (!onClass(segment, run)) continue
      const bits = specific(ranges, run.ip)
      if (bits > (found?.bits ?? -1)) found = { segment, bits }
    }
    return found
  }
  return {
    place(run) {
      const found = innermost(run)
      if (found) return found.segment
      const own = byId.get(run.project?.segment?.id ?? '')
      if (!own || own.ranges.length > 0 || !onClass(own.segment, run)) return undefined
      // An address of a segment whose runner classes it does not have is that of no other either.
      const held = run.ip && bounded.some(({ ranges }) => specific(ranges, run.ip) >= 0)
      return held ? undefined : own.segment
    },
    holds({ id, cidrs }, run) {
      const bits = specific(byId.get(id)?.ranges ?? rangesOf(cidrs), run.ip)
      return bits >= 0 && bits >= (innermost(run)?.bits ?? -1)
    },
    leads: (from, to) => allowed.has(`${from} ${to}`),
  }
}

const noZones = openZones([], [])

/** How a run stands to a segment: in it, or elsewhere, from where a flow leads to it or does not. */
export interface Whereabouts {
  readonly inside: boolean
  /** Where it takes place otherwise, as far as that is known. */
  readonly from?: SegmentFacts
  readonly led: boolean
  readonly address: boolean
  readonly runnerClass: boolean
}

export function whereabouts(
  segment: SegmentFacts,
  run: RunFacts,
  zones: Zones = noZones,
): Whereabouts {
  const { cidrs, runnerClasses } = segment
  const anywhere = cidrs.length === 0 && runnerClasses.length === 0
  const address = cidrs.length === 0 || zones.holds(segment, run)
  const runnerClass = onClass(segment, run)
  const inside = anywhere ? run.project?.segment?.id === segment.id : address && runnerClass
  const from = inside ? undefined : zones.place(run)
  return {
    inside,
    // Where the segment itself is found again it is not that a flow is missing.
    ...(from && from.id !== segment.id && { from }),
    led: from !== undefined && zones.leads(from.id, segment.id),
    address,
    runnerClass,
  }
}
