import { problem } from './problem.ts'

/** An opaque cursor for keyset paging: where the last row stood in the list's order. */
export function toCursor(position: Position): string {
  return Buffer.from(JSON.stringify(position)).toString('base64url')
}

type Position = readonly (string | number)[]

/** The position of a row in a list by name, as its index has it. */
export const byName = (row: { readonly name: string; readonly id: string }): Position => [
  row.name.toLowerCase(),
  row.id,
]

/** The rows of one page, of which one more was read than is shown; and the cursor of the next page, where there is one. */
export function pageOf<Row>(
  rows: readonly Row[],
  limit: number,
  positionOf: (last: Row) => Position,
): { readonly shown: Row[]; readonly next: { readonly next?: string } } {
  const shown = rows.slice(0, limit)
  const last = rows.length > limit ? shown.at(-1) : undefined
  return { shown, next: last === undefined ? {} : { next: toCursor(positionOf(last)) } }
}

/** The position that a cursor names; 400 for anything that this list did not make. */
function fromCursor(cursor: string | undefined, parts: number): string[] | undefined {
  if (cursor === undefined) return undefined
  try {
    const position: unknown = JSON.parse(Buffer.from(cursor, 'base64url').toString())
    if (Array.isArray(position) && position.length === parts) return position.map(String)
  } catch {
    // Told below.
  }
  throw foreign()
}

const foreign = () =>
  problem('invalid_cursor', 'This page of the list does not exist. Begin at its first page.')

const uuid = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/

/** A cursor whose last part is an id: of a list by id alone, or by a name and the id. */
export function fromIdCursor(cursor: string | undefined, parts: number): string[] | undefined {
  const position = fromCursor(cursor, parts)
  if (!position || uuid.test(position.at(-1) ?? '')) return position
  throw foreign()
}

/** A cursor of a list by number: a place in the record, a version. */
export function fromNumberCursor(cursor: string | undefined): number | undefined {
  const [text] = fromCursor(cursor, 1) ?? []
  if (text === undefined) return undefined
  if (/^\d{1,15}$/.test(text)) return Number(text)
  throw foreign()
}
