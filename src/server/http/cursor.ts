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

/** How each part of a position reads that PostgreSQL takes for what the list compares it with. */
const kinds = {
  /** A text has no NUL there. */
  name: (text: string) => !text.includes('\0'),
  moment: isMoment,
  /** Of a double's or a single's precision, written out. */
  number: (text: string) => /^-?\d{1,15}(\.\d{1,20})?$/.test(text),
  /** Of 32 bits, such as a version or the number of a line. */
  count: (text: string) => /^\d{1,10}$/.test(text) && Number(text) < 2 ** 31,
  /** A place in the record. */
  place: (text: string) => /^\d{1,15}$/.test(text),
  id: (text: string) => /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.test(text),
} as const satisfies Record<string, (text: string) => boolean>
type Kind = keyof typeof kinds

/** ISO 8601, or the database's own text of a moment, which has its microseconds; and a day that there is. */
function isMoment(text: string): boolean {
  const [, year, month, date] =
    /^(\d{4})-(\d\d)-(\d\d)[T ]([01]\d|2[0-3])(:[0-5]\d){2}(\.\d{1,6})?(Z|[+-](0\d|1[0-4])(:[0-5]\d)?)$/.exec(
      text,
    ) ?? []
  const day = new Date(`${year}-${month}-${date}T00:00:00Z`)
  return Number(year) > 0 && day.getUTCDate() === Number(date)
}

/** The position that a cursor names, of these parts; 400 for anything that this list did not make. */
export function fromCursor(
  cursor: string | undefined,
  ...shape: readonly Kind[]
): string[] | undefined {
  if (cursor === undefined) return undefined
  try {
    const given: unknown = JSON.parse(Buffer.from(cursor, 'base64url').toString())
    if (Array.isArray(given) && given.length === shape.length) {
      const position = given.map(String)
      if (shape.every((kind, at) => kinds[kind](position[at] ?? ''))) return position
    }
  } catch {
    // Told below.
  }
  throw problem('invalid_cursor', 'This page of the list does not exist. Begin at its first page.')
}

/** A cursor whose last part is an id: of a list by id alone, or by names and the id. */
export const fromIdCursor = (cursor: string | undefined, parts: number): string[] | undefined =>
  fromCursor(cursor, ...Array.from({ length: parts - 1 }, () => 'name' as const), 'id')

/** A cursor of a list by time, in which an id parts what is of the same moment. */
export const fromMomentCursor = (cursor: string | undefined): string[] | undefined =>
  fromCursor(cursor, 'moment', 'id')

/** A cursor of a list by number: a version, the line of a review; or a place in the record. */
export function fromNumberCursor(
  cursor: string | undefined,
  kind: 'count' | 'place' = 'count',
): number | undefined {
  const [text] = fromCursor(cursor, kind) ?? []
  return text === undefined ? undefined : Number(text)
}
