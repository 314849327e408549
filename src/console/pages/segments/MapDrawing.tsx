import { Link } from 'react-router'
import type { SegmentMap } from '../../../contract/segments.ts'
import { pathOf, paths } from '../../paths.ts'
import { num } from '../../ui/format.ts'
import classes from './MapDrawing.module.css'
import { layOut, mapSizes, type MapLine } from './map-layout.ts'

/** How many letters fit the width of a zone. */
const letters = 26
const cut = (text: string) => (text.length > letters ? `${text.slice(0, letters - 1)}…` : text)

/** Zones by tier with what is placed in them, and the flows between them: every part of it leads to its page. */
export function MapDrawing({ map }: { readonly map: SegmentMap }) {
  const { zones, edges, width, height } = layOut(map)
  const names = new Map(map.segments.map(({ id, name }) => [id, name]))
  return (
    // oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- scrolls, so it must be reachable by keyboard (WCAG 2.1.1)
    <div className={classes.scroll} role="region" aria-label="Map of segments" tabIndex={0}>
      <svg
        className={classes.map}
        width={width}
        height={height}
        viewBox={`0 0 ${width} ${height}`}
        role="group"
        aria-label="Segments by tier, with the flows between them"
      >
        <defs>
          <marker
            id="flow-head"
            viewBox="0 0 8 8"
            refX="1"
            refY="4"
            markerWidth="8"
            markerHeight="8"
            markerUnits="userSpaceOnUse"
            orient="auto"
          >
            <path d="M 0 0 L 8 4 L 0 8 Z" />
          </marker>
        </defs>
        {edges.map(({ key, from, to, used, path }) => (
          <Link
            key={key}
            to={paths.segmentFlows()}
            className={classes.flow ?? ''}
            data-used={used > 0 || undefined}
            aria-label={`Flow from ${names.get(from)} to ${names.get(to)}, ${used === 0 ? 'not used' : `used ${num(used)} times`} in 90 days`}
          >
            <title>{`${names.get(from)} → ${names.get(to)}: ${used === 0 ? 'not used' : `used ${num(used)} times`} in 90 days`}</title>
            <path className={classes.hit} d={path} />
            <path className={classes.line} d={path} markerEnd="url(#flow-head)" />
          </Link>
        ))}
        {zones.map(({ zone, x, y, height, lines }) => (
          <g key={zone.id} className={classes.zone} data-tier={zone.tier}>
            <rect x={x} y={y} width={mapSizes.width} height={height} rx="6" />
            <path className={classes.edge} d={`M ${x + 3} ${y} v ${height}`} />
            <Link to={paths.segment(zone.id)}>
              <text className={classes.name} x={x + mapSizes.pad + 2} y={y + 22}>
                <title>{zone.name}</title>
                {cut(zone.name)}
              </text>
            </Link>
            <text className={classes.tier} x={x + mapSizes.pad + 2} y={y + 40}>
              {cut(`${zone.tier} · ${zone.cidrs.join(', ') || 'from anywhere'}`)}
            </text>
            {lines.map((line, at) => (
              <Line
                key={`${line.kind} ${line.id}`}
                line={line}
                segmentId={zone.id}
                x={x + mapSizes.pad + 2}
                y={y + mapSizes.head + 14 + at * mapSizes.line}
              />
            ))}
          </g>
        ))}
      </svg>
    </div>
  )
}

interface LineProps {
  readonly line: MapLine
  readonly segmentId: string
  readonly x: number
  readonly y: number
}

function Line({ line: { kind, id, text }, segmentId, x, y }: LineProps) {
  const label = (
    <text className={classes[kind]} x={kind === 'heading' ? x : x + 8} y={y}>
      <title>{text}</title>
      {cut(text)}
    </text>
  )
  const of = id === 'project' ? paths.projects({ segmentId }) : paths.contexts({ segmentId })
  const to = kind === 'heading' ? undefined : kind === 'more' ? of : pathOf(kind, id)
  return to ? <Link to={to}>{label}</Link> : label
}
