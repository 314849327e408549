import { SegmentedControl } from '@mantine/core'
import { Fragment, useState } from 'react'
import { Link } from 'react-router'
import type { BlastRadius as Radius, ReachedContext, ReachStep } from '../../contract/reach.ts'
import { reachRows } from '../../contract/reach-limits.ts'
import { pathOf, paths } from '../paths.ts'
import { DataTable, type Column } from '../ui/DataTable.tsx'
import { Empty } from '../ui/Empty.tsx'
import { Facts } from '../ui/Facts.tsx'
import { count, num } from '../ui/format.ts'
import { Skeletons } from '../ui/Skeletons.tsx'
import { Status } from '../ui/Status.tsx'
import { Time } from '../ui/Time.tsx'
import { ProblemNotice } from './ProblemNotice.tsx'
import { TierBadge } from './TierBadge.tsx'

const choices = [
  { value: 'all', label: 'All' },
  { value: 'unused', label: 'Not used' },
  { value: 'former', label: 'Former' },
] as const
type Choice = (typeof choices)[number]['value']

const chosen: Readonly<Record<Choice, (row: ReachedContext) => boolean>> = {
  all: () => true,
  unused: ({ ways, used }) => ways.length > 0 && used === 0,
  former: ({ ways }) => ways.length === 0,
}

const columns: Column<ReachedContext>[] = [
  {
    key: 'context',
    title: 'Context',
    width: '220px',
    cell: ({ context }) => <Link to={paths.context(context.id)}>{context.name}</Link>,
  },
  {
    key: 'segment',
    title: 'Segment',
    width: '220px',
    keep: true,
    cell: ({ segment }) =>
      segment ? (
        <>
          <Link to={paths.segment(segment.id)}>{segment.name}</Link>{' '}
          <TierBadge tier={segment.tier} />
        </>
      ) : (
        'none'
      ),
  },
  {
    key: 'secrets',
    title: 'Secrets',
    width: '90px',
    align: 'end',
    keep: true,
    cell: (row) => num(row.secrets),
  },
  {
    key: 'way',
    title: 'By which way',
    cell: ({ ways }) => <Ways ways={ways} />,
  },
  {
    key: 'may',
    title: 'Permissions',
    width: '220px',
    optional: true,
    cell: ({ may }) => <span className="sp-mono">{may.join(', ')}</span>,
  },
  {
    key: 'used',
    title: 'Used, 90 days',
    width: '120px',
    align: 'end',
    keep: true,
    cell: ({ used }) => (used === 0 ? <span className="sp-dim">never</span> : num(used)),
  },
  {
    key: 'last',
    title: 'Last use',
    width: '130px',
    cell: (row) => <Time at={row.lastUsedAt} />,
  },
]

function Ways({ ways }: Pick<ReachedContext, 'ways'>) {
  const [first] = ways
  if (!first) return <Status is="unknown">not any more</Status>
  const all = ways.map((way) => way.map(({ name }) => name).join(' → ')).join('\n')
  return (
    <span title={all}>
      {first.map((step, at) => (
        <Fragment key={`${step.kind} ${step.id}`}>
          {at > 0 && ' → '}
          <Step step={step} />
        </Fragment>
      ))}
      {ways.length > 1 && <span className="sp-dim"> or {num(ways.length - 1)} more</span>}
    </span>
  )
}

function Step({ step: { kind, id, name } }: { readonly step: ReachStep }) {
  const to =
    kind === 'restriction'
      ? paths.context(id, 'restrictions')
      : kind === 'flow'
        ? paths.segmentFlows()
        : pathOf(kind, id)
  return to ? <Link to={to}>{name}</Link> : name
}

interface Props {
  readonly radius: Radius | undefined
  readonly error: Error | null
  /** What it is the radius of, in a sentence. */
  readonly says: string
  /** Why there may be none. */
  readonly none: string
}

/** What is reached from somewhere, entitled beside used, with the ways there: what a loss of it would cost. */
export function BlastRadius({ radius, error, says, none }: Props) {
  const [choice, setChoice] = useState<Choice>('all')
  if (!radius) return error ? <ProblemNotice error={error} /> : <Skeletons lines={8} />
  const { totals, segments, contexts, more } = radius
  const widest = segments.slice(0, 4).map(({ segment, contexts, secrets }) => (
    <span key={segment?.id ?? ''}>
      {segment?.name ?? 'no segment'}{' '}
      <span className="sp-dim">
        ({count(contexts, 'context')}, {count(secrets, 'secret')})
      </span>{' '}
    </span>
  ))
  return (
    <>
      <p>{says}</p>
      <Facts
        of={{
          'Contexts within reach': num(totals.contexts),
          'Secrets in them': num(totals.secrets),
          'In production': num(totals.production),
          'Entitled, not used': num(totals.unused),
          'Used, not entitled any more': num(totals.former),
          ...(segments.length > 0 && { Where: widest }),
        }}
      />
      {contexts.length > 0 && (
        <div>
          <SegmentedControl
            size="xs"
            aria-label="Which contexts"
            data={[...choices]}
            value={choice}
            onChange={setChoice}
          />
        </div>
      )}
      <DataTable
        label="Contexts within reach"
        columns={columns}
        rows={contexts.filter(chosen[choice])}
        rowKey={({ context }) => context.id}
        rowHref={({ context }) => paths.context(context.id)}
        {...(more && { total: `the first ${num(reachRows)}` })}
        empty={
          contexts.length > 0 ? (
            <Empty title="None of them">Choose another kind above.</Empty>
          ) : (
            <Empty title="It reaches nothing">{none}</Empty>
          )
        }
      />
    </>
  )
}
