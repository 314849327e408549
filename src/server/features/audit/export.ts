import { sql, type RawBuilder } from 'kysely'
import type { Db } from '../../db/connect.ts'
import type { FileBody } from '../../http/download.ts'
import { csvOf } from '../../http/csv.ts'
import { openingsBeside, openLeaf } from '../../ledger/personal.ts'
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
async function* pages(
  end: number,
  read: (before: number) => Promise<EventPage>,
): AsyncGenerator<EventPage, void, void> {
  for (let before: number | undefined = end; before !== undefined;) {
    const found: EventPage = await read(before)
    yield found
    before = found.next
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

/** The first line of a spreadsheet of events. */
export const csvHead = csvOf([head])

/** One page of an export, newest first; where the next begins, if there is one. */
export interface EventPage {
  readonly text: string
  readonly rows: number
  readonly next: number | undefined
}

const pageOf = <Row>(
  rows: readonly Row[],
  text: string,
  indexOf: (row: Row) => number | undefined,
): EventPage => {
  const last = rows.at(-1)
  return { text, rows: rows.length, next: rows.length < page || !last ? undefined : indexOf(last) }
}

/** The searchable columns, for a spreadsheet. */
export async function csvPage(db: Db, search: Search, before: number): Promise<EventPage> {
  const events = await listEvents(db, search, before, page)
  return pageOf(events, csvOf(events.map(cellsOf)), ({ index }) => index)
}

const leaf: RawBuilder<{ leafIndex: number; leaf: Buffer; beside: Buffer | null }> =
  sql`e.leaf_index, e.leaf, e.beside`

/** Whole events as one reads them, one a line: RFC 8785 writes none with a line feed in it. A pack has what was hashed. */
export async function linesPage(db: Db, search: Search, before: number): Promise<EventPage> {
  const rows = await newest(db, search, leaf, before, page)
  const text = rows.map((row) => `${openLeaf(row.leaf, openingsBeside(row.beside))}\n`).join('')
  return pageOf(rows, text, ({ leafIndex }) => leafIndex)
}

const asFile = (
  read: typeof csvPage,
  { above, broken }: { above: string; broken: string },
  search: Search,
  end: number,
): FileBody =>
  async function* file(db: Db) {
    let begun = false
    try {
      for await (const { text } of pages(end, (before) => read(db, search, before))) {
        yield begun ? text : above + text
        begun = true
      }
    } catch (error) {
      if (begun) yield broken
      throw error
    }
  }

export const asCsv = (search: Search, end: number): FileBody =>
  asFile(csvPage, { above: csvHead, broken: csvOf([[incomplete]]) }, search, end)

export const asLines = (search: Search, end: number): FileBody =>
  asFile(linesPage, { above: '', broken: `${JSON.stringify({ incomplete })}\n` }, search, end)
