import type { ListFile, Reader } from '../../http/list-file.ts'
import type { OnPaper } from '../../http/paper.ts'
import { problem } from '../../http/problem.ts'
import { takingTurns } from '../../http/turns.ts'
import { beginPaper } from './paper.ts'
import type { Source } from './sources.ts'

/** Rows that are read at once. */
const page = 200

/** Beyond it nobody reads paper: there are CSV and NDJSON. */
export const mostOnPaper = 5_000

/** The query as the address of its page has it; what the title names already is left out. */
const asked = (query: unknown, aboutId: string | null): string => {
  const terms = Object.entries(query ?? {})
    .filter(([, value]) => value !== aboutId)
    .map(([key, value]) => `${key}=${String(value)}`)
  return terms.length > 0 ? terms.join(' ') : 'everything'
}

/**
 * A list on paper, for one run: where a page begins depends on all before it, so that whoever takes it over begins again.
 */
export function paperSource<Query, Row>(
  file: ListFile<Query, Row>,
  paper: OnPaper<Query, Row>,
): Pick<Source, 'part'> {
  let begun: ReturnType<typeof beginPaper> | undefined
  let before: Row | undefined
  let made = 0

  async function begin(reader: Reader, query: Query, aboutId: string | null) {
    const { title, facts } = await paper.head(reader, query)
    return beginPaper({
      title,
      by: reader.actor.name,
      at: reader.now,
      facts,
      query: asked(query, aboutId),
      columns: paper.columns,
    })
  }

  return {
    async part(reader, order, place) {
      const query = order.query as Query
      const { after = file.begin?.(order.id) } = (place ?? {}) as { after?: readonly string[] }
      begun ??= await begin(reader, query, order.aboutId)
      const found = await file.rows(reader, query, { limit: page, ...(after && { after }) })
      made += found.length
      if (made > mostOnPaper) {
        throw problem(
          'limit_reached',
          `More than ${mostOnPaper.toLocaleString('en-GB')} rows are not made for paper. Narrow them, or export CSV.`,
        )
      }
      let rows = 0
      const turn = takingTurns()
      for (const row of found) {
        if (file.includes && !file.includes(row, reader.now)) continue
        for (const block of paper.blocks(row, before)) {
          begun.add(block)
          await turn()
        }
        before = row
        rows += 1
      }
      const last = found.at(-1)
      const next = last && found.length >= page ? { after: file.place(last) } : undefined
      if (next) return { pieces: [{ bytes: begun.taken() }], rows, next }
      if (before === undefined) begun.add({ text: paper.none, tone: 'dim' })
      return { pieces: [{ bytes: begun.end() }], rows, next }
    },
  }
}
