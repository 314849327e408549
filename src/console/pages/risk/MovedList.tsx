import { Button, Group } from '@mantine/core'
import { useState } from 'react'
import { Link } from 'react-router'
import type { Posture } from '../../../contract/risk.ts'
import { paths } from '../../paths.ts'
import { DataList } from '../../ui/DataList.tsx'
import { count, num, signed } from '../../ui/format.ts'
import { Panel } from '../../ui/Panel.tsx'
import { Status } from '../../ui/Status.tsx'
import { Time } from '../../ui/Time.tsx'
import { CsvButton } from './CsvButton.tsx'

type Moved = Posture['moved'][number]

const turns = {
  opened: 'Opened',
  reopened: 'Opened again',
  muted: 'Muted',
  accepted: 'Accepted',
  resolved: 'Resolved',
} as const

/** What moved most first; what many findings did alike in a day is one row. */
function grouped(moved: readonly Moved[]) {
  const groups = Map.groupBy(
    moved,
    ({ at, turn, detection }) => `${at.slice(0, 10)} ${turn} ${detection}`,
  )
  return [...groups]
    .flatMap(([key, some]) => {
      const [first] = some
      if (!first) return []
      const known = some.flatMap(({ points }) => points ?? [])
      const points = known.length > 0 ? known.reduce((sum, one) => sum + one, 0) : null
      return [{ key, first, findings: some.length, points }]
    })
    .toSorted((one, other) => Math.abs(other.points ?? 0) - Math.abs(one.points ?? 0))
}

const csvHead = ['time', 'turn', 'finding', 'detection', 'severity', 'what is wrong', 'points']

/** Every turn by itself, as it came: what the list draws together by the day. */
const csvRows = (moved: readonly Moved[]) => [
  csvHead,
  ...moved.map(({ at, turn, finding, detection, severity, says, points }) => [
    at,
    turn,
    finding,
    detection,
    severity,
    says,
    points ?? '',
  ]),
]

const shownFirst = 8

/** The findings that moved the score, and by how much. */
export function MovedList({ moved, more }: Pick<Posture, 'moved' | 'more'>) {
  const [all, setAll] = useState(false)
  const groups = grouped(moved)
  const rows = all ? groups : groups.slice(0, shownFirst)
  return (
    <Panel
      title="What moved it"
      aside={
        <Group gap="xs" wrap="nowrap">
          {groups.length > shownFirst && (
            <Button variant="subtle" color="gray" size="compact-xs" onClick={() => setAll(!all)}>
              {all ? 'Show what moved it most' : `Show all ${num(groups.length)}`}
            </Button>
          )}
          {moved.length > 0 && <CsvButton name="What moved it" rows={csvRows(moved)} />}
        </Group>
      }
      flush
    >
      {groups.length === 0 ? (
        <p className="sp-dim" style={{ padding: 'var(--sp-3) var(--sp-4)' }}>
          No finding opened or ended in this time.
        </p>
      ) : (
        <DataList
          label="What moved it"
          heads={['When', 'What', 'Finding', 'Severity', 'Points']}
          numbers={['Points']}
          rows={rows.map(({ key, first, findings, points }) => ({
            key,
            cells: {
              When: <Time at={first.at} />,
              What: <span className="sp-keep">{turns[first.turn]}</span>,
              Finding:
                findings === 1 ? (
                  <Link to={paths.finding(first.finding)}>{first.says}</Link>
                ) : (
                  <Link to={paths.findings({ detection: first.detection, state: 'any' })}>
                    {first.title}: {count(findings, 'finding')}
                  </Link>
                ),
              Severity: <Status is={first.severity} />,
              Points: (
                <span className="sp-num sp-keep">
                  {signed(points && Math.round(points * 100) / 100)}
                </span>
              ),
            },
          }))}
        />
      )}
      {more && (
        <p className="sp-dim" style={{ padding: 'var(--sp-2) var(--sp-4)' }}>
          The newest {num(moved.length)} turns are counted. Choose a shorter time for the others.
        </p>
      )}
    </Panel>
  )
}
