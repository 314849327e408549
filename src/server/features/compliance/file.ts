import type { AnswerOf, InputOf } from '../../../contract/index.ts'
import type { Resource } from '../../decision/types.ts'
import { organization } from '../../decision/organization.ts'
import type { Cell } from '../../http/csv.ts'
import type { ListFile, Reader } from '../../http/list-file.ts'
import { controlsOnPaper, stateWords } from './paper.ts'
import { checkAnswer, chosen, standings, type Standing } from './service.ts'

type Check = AnswerOf<'compliance.view'>['checks'][number]

/** One check of a control; of one that nothing here can measure, the control alone. */
export interface CheckedRow {
  readonly standing: Standing
  readonly check: Check | null
  /** How many rows are before it. */
  readonly before: number
}

const namedInCell = 5

/** What proves a check, in a cell: what speaks against it by name, then what speaks for it. */
function evidence({ rows, more, hidden }: Check): string {
  const named = (good: boolean, word: string) => {
    const some = rows.filter((row) => row.good === good).map(({ name }) => name)
    if (some.length === 0) return []
    const rest = some.length > namedInCell ? [`${some.length - namedInCell} more`] : []
    return [`${word}: ${[...some.slice(0, namedInCell), ...rest].join(', ')}`]
  }
  return [
    ...named(false, 'against it'),
    ...named(true, 'for it'),
    ...(more > 0 ? [`${more} not named`] : []),
    ...(hidden > 0 ? [`${hidden} that you may not see`] : []),
  ].join('; ')
}

/** Every check of every control that is asked for, in the order of their frameworks. */
export async function checkRows(
  reader: Pick<Reader, 'db' | 'now' | 'config' | 'reach'>,
  query: InputOf<'compliance.export'>,
): Promise<CheckedRow[]> {
  const rows: CheckedRow[] = []
  for (const standing of chosen(await standings(reader), query)) {
    const checks = standing.control.asked.flatMap((check) => {
      const answer = standing.answers.get(check.id)
      return answer ? [checkAnswer(reader, check, answer)] : []
    })
    for (const check of checks.length > 0 ? checks : [null]) {
      rows.push({ standing, check, before: rows.length })
    }
  }
  return rows
}

export const head =
  'framework,control,title,state,says,owner,note,beyond,check,check state,check says,what would satisfy it,what proves it'.split(
    ',',
  )

export const cells = ({ standing: { control, kept, row }, check }: CheckedRow): readonly Cell[] => [
  control.frameworkName,
  row.ref,
  row.title,
  stateWords[row.state],
  row.says,
  row.owner?.name,
  kept.note,
  control.beyond,
  ...(check
    ? [check.asks, stateWords[check.state], check.says, check.satisfy, evidence(check)]
    : []),
]

/** Controls with their checks as live data answers them, and what proves each. */
export const complianceFile: ListFile<InputOf<'compliance.export'>, CheckedRow> = {
  may: 'compliance:view',
  on: (): Promise<Resource> => Promise.resolve(organization),
  async rows(reader, query, { limit, after }) {
    const from = Number(after?.[0] ?? 0)
    return (await checkRows(reader, query)).slice(from, from + limit)
  },
  place: ({ before }) => [String(before + 1)],
  head,
  cells,
  line({ standing: { control, kept, row }, check }) {
    const { version: _, id, framework, ref, title, state, says, owner } = row
    const { frameworkName, beyond = null } = control
    const of = { id, framework, frameworkName, ref, title, state, says, owner }
    return { ...of, note: kept.note, beyond, check }
  },
  paper: controlsOnPaper,
}
