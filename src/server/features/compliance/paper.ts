import type { ControlState } from '../../../contract/compliance.ts'
import { frameworks } from '../../../contract/control-refs.ts'
import type { InputOf } from '../../../contract/index.ts'
import {
  capital,
  dash,
  day,
  type Block,
  type OnPaper,
  type PaperCell,
  type Tone,
} from '../../http/paper.ts'
import type { CheckedRow } from './file.ts'

/** A state as it is said within a line. */
export const stateWords: Readonly<Record<ControlState, string>> = {
  met: 'met',
  partly: 'partly met',
  not_met: 'not met',
  not_measurable: 'not measurable here',
}

const tones: Readonly<Record<ControlState, Tone>> = {
  met: 'good',
  partly: 'would',
  not_met: 'bad',
  not_measurable: 'dim',
}

const stateSaid = (state: ControlState): PaperCell => ({
  text: capital(stateWords[state]),
  tone: tones[state],
})

const noted = (name: string, text: string | null | undefined): Block[] =>
  text ? [{ text: `${name}: ${text}` }] : []

/** What stands over a control: its state and why, who answers for it, and what somebody noted. */
const controlBlocks = ({ standing: { control, kept, row } }: CheckedRow): Block[] => [
  { heading: `${row.ref} ${row.title}`, level: 2, aside: stateSaid(row.state) },
  { text: row.says },
  ...noted('Owner', row.owner?.name),
  ...noted('Note', kept.note),
  ...(row.says.includes(control.beyond ?? '') ? [] : noted('Not seen here', control.beyond)),
]

/** A check with the rows that prove it: what speaks against it first. */
function checkBlocks(check: NonNullable<CheckedRow['check']>, alone: boolean): Block[] {
  const rest = [
    ...(check.more > 0 ? [`${check.more} more rows are not shown.`] : []),
    ...(check.hidden > 0 ? [`${check.hidden} rows are about what you may not see.`] : []),
    ...(check.state === 'met' ? [] : [`What would satisfy it: ${check.satisfy}`]),
  ].join(' ')
  return [
    // Where there is only one, its answer is the control's.
    alone
      ? { heading: check.asks, level: 3 }
      : { heading: check.asks, level: 3, aside: stateSaid(check.state) },
    ...(alone ? [] : [{ text: check.says }]),
    ...check.rows.map(({ good, what, name, says, at }): Block => ({
      cells: [
        good ? { text: 'For it', tone: 'good' } : { text: 'Against it', tone: 'bad' },
        what,
        name,
        says ?? dash,
        day(at ? new Date(at) : null),
      ],
    })),
    ...(rest ? [{ text: rest, tone: 'dim' } as const] : []),
  ]
}

/** Controls to be read: what live data says of each, and the rows that prove it. */
export const controlsOnPaper: OnPaper<InputOf<'compliance.export'>, CheckedRow> = {
  head(_, { framework }) {
    const name = frameworks.find(({ id }) => id === framework)?.name
    return Promise.resolve({
      title: name ? `Compliance with ${name}` : 'Compliance',
      facts: [
        [
          'How to read it',
          'What live data says of each control, with the rows that prove it. Where nothing here can measure a control, it says so.',
        ],
      ],
    })
  },
  columns: [
    { title: 'Speaks', part: 9 },
    { title: 'What', part: 16 },
    { title: 'Which', part: 32 },
    { title: 'Why', part: 34 },
    { title: 'When', part: 9 },
  ],
  blocks(row, before) {
    const { check } = row
    const { control } = row.standing
    const last = before?.standing.control
    return [
      ...(last?.framework === control.framework
        ? []
        : [{ heading: control.frameworkName, level: 1 } as const]),
      ...(last?.id === control.id ? [] : controlBlocks(row)),
      ...(check ? checkBlocks(check, control.asked.length === 1) : []),
    ]
  },
  none: 'No control is as it was asked for.',
}
