import { sql, type RawBuilder } from 'kysely'
import type { Db } from '../../db/connect.ts'
import type { FileBody } from '../../http/download.ts'
import { csvOf } from '../../http/csv.ts'
import { newest, type Search } from './search.ts'
import { listEvents } from './store.ts'

/** Events that are in memory at once. */
const page = 500

/** What stands in the last line of a file whose reading failed; its transfer is cut too, but a saved file says it itself. */
export const incomplete = 'INCOMPLETE: the export broke off here; take it again'

/**
 * Pages by leaf index from the end of the record as it was asked for, each page a statement of its own: nothing below an
 * index ever changes, so that a file taken slowly is whole without a transaction that stays open for it.
 */
async function* pages<T>(
  end: number,
  read: (before: number) => Promise<T[]>,
  indexOf: (row: T) => number | undefined,
): AsyncGenerator<T[], void, void> {
  for (let before: number | undefined = end; before !== undefined;) {
    const rows: T[] = await read(before)
    const last = rows.at(-1)
    yield rows
    before = rows.length < page || last === undefined ? undefined : indexOf(last)
  }
}

const head =
  'index,time,event,outcome,actor kind,actor,actor id,action,kind,object,object id,project,context,session,ip,request,sentence'.split(
    ',',
  )

type Event = Awaited<ReturnType<typeof listEvents>>[number]

const cellsOf = (event: Event) => [
  event.index,
  event.occurredAt.toISOString(),
  event.id,
  event.outcome,
  event.actor.kind,
  event.actor.name,
  event.actor.id,
  event.action,
  event.resource?.kind,
  event.resource?.name,
  event.resource?.id,
  event.projectId,
  event.contextId,
  event.sessionId,
  event.ip,
  event.requestId,
  event.sentence,
]

/** The searchable columns, for a spreadsheet. */
export const asCsv = (search: Search, end: number): FileBody =>
  async function* csv(db: Db) {
    const read = (before: number) => listEvents(db, search, before, page)
    let above = csvOf([head])
    try {
      for await (const events of pages(end, read, ({ index }) => index)) {
        yield above + csvOf(events.map(cellsOf))
        above = ''
      }
    } catch (error) {
      if (above === '') yield csvOf([[incomplete]])
      throw error
    }
  }

const leaf: RawBuilder<{ leafIndex: number; leaf: Buffer }> = sql`e.leaf_index, e.leaf`

/** The exact bytes that were hashed, one event a line: RFC 8785 writes none with a line feed in it. */
export const asLines = (search: Search, end: number): FileBody =>
  async function* lines(db: Db) {
    const read = (before: number) => newest(db, search, leaf, before, page)
    let begun = false
    try {
      for await (const rows of pages(end, read, ({ leafIndex }) => leafIndex)) {
        yield rows.map((row) => `${row.leaf.toString()}\n`).join('')
        begun = true
      }
    } catch (error) {
      if (begun) yield `${JSON.stringify({ incomplete })}\n`
      throw error
    }
  }
