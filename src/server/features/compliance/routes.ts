import type { AnswerOf } from '../../../contract/index.ts'
import { csvOf } from '../../http/csv.ts'
import { fromNumberCursor, pageOf } from '../../http/cursor.ts'
import type { Handlers } from '../../http/scope.ts'
import { chosen, counted, standings, updateControl, viewControl, type Standing } from './service.ts'

const words: Readonly<Record<AnswerOf<'compliance.list'>['items'][number]['state'], string>> = {
  met: 'met',
  partly: 'partly met',
  not_met: 'not met',
  not_measurable: 'not measurable here',
}

const heads = [
  'framework',
  'control',
  'title',
  'state',
  'says',
  'owner',
  'note',
  'beyond',
  'check',
  'check state',
  'check says',
  'what would satisfy it',
]

/** A line for each check of each control; one for a control without any. */
const lines = ({ control, kept, row, answers }: Standing) => {
  const own = [
    control.frameworkName,
    row.ref,
    row.title,
    words[row.state],
    row.says,
    row.owner?.name,
    kept.note,
    control.beyond,
  ]
  const of = control.asked.map(({ id, asks, satisfy }) => {
    const answer = answers.get(id)
    return [...own, asks, answer && words[answer.state], answer?.says, satisfy]
  })
  return of.length > 0 ? of : [own]
}

export const complianceHandlers: Handlers<'compliance'> = {
  async list(scope, { cursor, limit, ...filters }) {
    const after = fromNumberCursor(cursor) ?? 0
    const all = await standings(scope)
    const rows = chosen(all, filters).map(({ row }) => row)
    const { shown, next } = pageOf(rows.slice(after, after + limit + 1), limit, () => [
      after + limit,
    ])
    return { items: shown, ...next, frameworks: counted(all) }
  },
  async export(scope, filters) {
    const rows = chosen(await standings(scope), filters)
    scope.record({ detail: { ...filters, controls: rows.length } })
    const text = csvOf([heads, ...rows.flatMap(lines)])
    return {
      async *body() {
        yield text
      },
      filename: 'compliance.csv',
    }
  },
  view: (scope, { controlId }) => viewControl(scope, controlId),
  update: updateControl,
}
