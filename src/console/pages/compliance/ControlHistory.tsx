import { Link } from 'react-router'
import type { Control } from '../../../contract/compliance.ts'
import { PersonLink } from '../../parts/PersonLink.tsx'
import { paths } from '../../paths.ts'
import { DataList } from '../../ui/DataList.tsx'
import { count, utcDay } from '../../ui/format.ts'
import { Panel } from '../../ui/Panel.tsx'
import { Time } from '../../ui/Time.tsx'
import { states, stateWords } from './control-states.ts'
import { ControlStateBadge } from './ControlStateBadge.tsx'

type Turn = Control['history'][number]

function told({ what, state, says, owner }: Turn) {
  if (what === 'state') {
    return (
      <>
        {state && <ControlStateBadge state={state} />} {says}
      </>
    )
  }
  if (what === 'owner') return owner ? <PersonLink person={owner} /> : 'Nobody any more'
  return says || 'Taken away'
}

const words = { state: 'State', owner: 'Owner', note: 'Note' } as const

/** What its state was day by day, and each change of state, owner and note. */
export function ControlHistory({ control }: { readonly control: Control }) {
  const { id, days, history } = control
  const [first] = days
  const counts = states
    .map((state) => [state, days.filter((one) => one.state === state).length] as const)
    .filter(([, n]) => n > 0)
    .map(([state, n]) => `${stateWords[state].toLowerCase()} on ${n}`)
  return (
    <Panel
      title="History"
      aside={<Link to={paths.audit({ q: `resource:${id}` })}>In the audit trail</Link>}
      flush
    >
      <p className="sp-dim" style={{ padding: 'var(--sp-2) var(--sp-4)' }}>
        {first
          ? `Recorded on ${count(days.length, 'day')} since ${utcDay(new Date(first.day))}: ${counts.join(', ')}.`
          : 'Its state is recorded every five minutes, from when this server began to look.'}
      </p>
      <DataList
        label="History"
        heads={['What', 'When', 'Now', 'By']}
        rows={history.map((turn) => ({
          key: `${turn.what} ${turn.at}`,
          cells: {
            What: <span className="sp-keep">{words[turn.what]}</span>,
            When: <Time at={turn.at} />,
            Now: told(turn),
            By: turn.by ? <PersonLink person={turn.by} /> : 'the console itself',
          },
        }))}
      />
    </Panel>
  )
}
