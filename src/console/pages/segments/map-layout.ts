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
  const zones = present.flatMap((tier, column) => {
    let y = pad
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
    return [{ key: `${from} ${to}`, from, to, used, path: curve(start, end, at) }]
  })
  const sameTier = edges.some(({ from, to }) => byId.get(from)?.column === byId.get(to)?.column)
  return {
    zones,
    edges,
    // Beyond the last column only arrows between zones of the same tier.
    width: 2 * pad + present.length * (width + across) - across + (sameTier ? across : 0),
    height: Math.max(pad, ...zones.map(({ y, height }) => y + height)) + pad,
  }
}

/** From side to side; each flow meets a zone at a height of its own, so that arrows do not lie on one another. */
function curve(start: MapZone, end: MapZone, at: number): string {
  const { width, across } = mapSizes
  const shift = 18 + (at % 7) * 11
  const [y1, y2] = [start.y + shift, end.y + shift]
  const forward = end.column > start.column
  const x1 = forward || end.column === start.column ? start.x + width : start.x
  // Room for the head of the arrow.
  const x2 = forward ? end.x - 7 : end.x + width + 7
  const bend = Math.max(across * 0.6, Math.abs(x2 - x1) * 0.4)
  const out = forward || end.column === start.column ? bend : -bend
  return `M ${x1} ${y1} C ${x1 + out} ${y1}, ${x2 + (forward ? -bend : bend)} ${y2}, ${x2} ${y2}`
}
