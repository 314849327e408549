import type { SegmentMap, Tier } from '../../../contract/segments.ts'

/** From what does the least harm, on the left, to what does the most. */
const columns: readonly Tier[] = ['sandbox', 'build', 'staging', 'production']

type Zone = SegmentMap['segments'][number]

/** One line of a zone: a heading, an object, or how many there are besides. */
export interface MapLine {
  readonly text: string
  readonly kind: 'heading' | 'project' | 'context' | 'more'
  readonly id: string
}

export interface MapZone {
  readonly zone: Zone
  readonly column: number
  readonly x: number
  readonly y: number
  readonly height: number
  readonly lines: readonly MapLine[]
}

export interface MapEdge {
  readonly key: string
  readonly from: string
  readonly to: string
  readonly used: number
  readonly path: string
}

export const mapSizes = { width: 212, head: 50, line: 20, pad: 12, across: 88, down: 32 } as const
/** Between flows that run above the zones, and the most that all of them take. */
const lanes = { apart: 14, most: 140 } as const

function linesOf({ projects, contexts }: Zone): MapLine[] {
  const part = (kind: 'project' | 'context', { named, more }: Zone['projects']): MapLine[] => [
    {
      text: `${named.length + more} ${kind}${named.length + more === 1 ? '' : 's'}`,
      kind: 'heading',
      id: kind,
    },
    ...named.map(({ id, name }) => ({ text: name, kind, id })),
    ...(more > 0 ? [{ text: `and ${more} more`, kind: 'more' as const, id: kind }] : []),
  ]
  return [...part('project', projects), ...part('context', contexts)]
}

/** Zones in columns by tier, flows as curves between their sides: the same map for the same segments. */
export function layOut({ segments, flows }: SegmentMap) {
  const { width, head, line, pad, across, down } = mapSizes
  const present = columns.filter((tier) => segments.some((each) => each.tier === tier))
  const columnOf = new Map(segments.map(({ id, tier }) => [id, present.indexOf(tier)]))
  const far = flows.filter(({ from, to }) => skips(columnOf.get(from), columnOf.get(to)))
  const lane = Math.min(lanes.apart, lanes.most / far.length)
  const top = pad + Math.min(far.length * lanes.apart, lanes.most)
  const zones = present.flatMap((tier, column) => {
    let y: number = top
    return segments
      .filter((each) => each.tier === tier)
      .map((zone): MapZone => {
        const lines = linesOf(zone)
        const height = head + lines.length * line + pad
        const placed = { zone, column, x: pad + column * (width + across), y, height, lines }
        y += height + down
        return placed
      })
  })
  const byId = new Map(zones.map((each) => [each.zone.id, each]))
  const edges = flows.flatMap(({ from, to, used }, at): MapEdge[] => {
    const [start, end] = [byId.get(from), byId.get(to)]
    if (!start || !end) return []
    const above = far.findIndex((flow) => flow.from === from && flow.to === to)
    const path = above < 0 ? curve(start, end, at) : around(start, end, at, pad + above * lane)
    return [{ key: `${from} ${to}`, from, to, used, path }]
  })
  const sameTier = edges.some(({ from, to }) => byId.get(from)?.column === byId.get(to)?.column)
  return {
    zones,
    edges,
    // Beyond the last column only arrows between zones of the same tier.
    width: 2 * pad + present.length * (width + across) - across + (sameTier ? across : 0),
    height: Math.max(top, ...zones.map(({ y, height }) => y + height)) + pad,
  }
}

/** Whether other columns lie between these two. */
const skips = (one = 0, other = 0): boolean => Math.abs(one - other) > 1

/** At which height a flow meets its zones: each at its own, so that arrows do not lie on one another. */
const shiftOf = (at: number): number => 18 + (at % 7) * 11

/** Over the zones of the columns between, which it has nothing to do with: up beside its own column, and down again. */
function around(start: MapZone, end: MapZone, at: number, y: number): string {
  const { width, across } = mapSizes
  const [y1, y2] = [start.y + shiftOf(at), end.y + shiftOf(at)]
  const forward = end.column > start.column
  const way = forward ? 1 : -1
  const x1 = forward ? start.x + width : start.x
  // Room for the head of the arrow.
  const x2 = forward ? end.x - 7 : end.x + width + 7
  const [half, rise, fall] = [(way * across) / 2, x1 + way * across, x2 - way * (across - 7)]
  return `M ${x1} ${y1} C ${x1 + half} ${y1}, ${x1 + half} ${y}, ${rise} ${y} H ${fall} C ${x2 - half} ${y}, ${x2 - half} ${y2}, ${x2} ${y2}`
}

/** From side to side, between zones of neighbouring columns or of one. */
function curve(start: MapZone, end: MapZone, at: number): string {
  const { width, across } = mapSizes
  const [y1, y2] = [start.y + shiftOf(at), end.y + shiftOf(at)]
  const forward = end.column > start.column
  const x1 = forward || end.column === start.column ? start.x + width : start.x
  // Room for the head of the arrow.
  const x2 = forward ? end.x - 7 : end.x + width + 7
  const bend = Math.max(across * 0.6, Math.abs(x2 - x1) * 0.4)
  const out = forward || end.column === start.column ? bend : -bend
  return `M ${x1} ${y1} C ${x1 + out} ${y1}, ${x2 + (forward ? -bend : bend)} ${y2}, ${x2} ${y2}`
}
