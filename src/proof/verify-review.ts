import { fromBase64, toHex, utf8 } from './bytes.ts'
import type { Checkpoint } from './checkpoint.ts'
import type { Hash } from './digest.ts'
import { besideFits, fault, firstFault, leafIn, linesOf, partsOf, text } from './lines.ts'
import { leafHash, verifyInclusion } from './merkle.ts'
import { reviewStart, type PackManifest, type ReviewStart } from './pack.ts'
import { RootBuilder } from './range.ts'

/** The lines of a review, from the first on, and their hashes. */
export const reviewFiles = /^review\/(\d{1,9})-(\d{1,9})\.(ndjson|hashes)$/

/** A review whose lines are in a pack, as the record says them. */
export interface ProvedReview {
  readonly id: string
  readonly name: string
  readonly lines: number
  /** The event that names the root of the lines as they were frozen; absent where it had left the record. */
  readonly start?: number
}

/** What was found, in a sentence for people. */
export function reviewSaid({ name, lines, start }: ProvedReview): string {
  const [they, were] =
    lines === 1 ? ['The one line', 'is as it was'] : [`The ${lines} lines`, 'are as they were']
  const began =
    start === undefined
      ? '; the event of its start had left the record.'
      : `, and who held what is as it was frozen at its start (event ${start}).`
  return `${they} of the review ${name} ${were} at its end${began}`
}

/** What of an event speaks of a review. */
interface OfReview {
  readonly action?: unknown
  readonly resource?: { readonly id?: unknown }
  readonly after?: { readonly root?: unknown }
  readonly detail?: { readonly root?: unknown }
}

/** Which event of a review names a root of its lines, and in which of its members. */
const start = { action: 'reviews.create', part: 'detail' } as const
const end = { action: 'reviews.close', part: 'after' } as const

/** The root that an event says of a review: it is in no other place that anybody signed. */
function rootIn(
  leaf: Uint8Array,
  id: string,
  { action, part }: typeof start | typeof end,
): string | undefined {
  const event = JSON.parse(text(leaf)) as OfReview
  const said = event.action === action && event.resource?.id === id && event[part]?.root
  return typeof said === 'string' ? said : undefined
}

function rootAtEnd(id: string, events: readonly Uint8Array[]): string {
  for (const event of events) {
    const root = rootIn(event, id, end)
    if (root !== undefined) return root
  }
  return fault('the pack holds no event of the end of its review: another was put in its place')
}

/** The root at the start, and the event that names it, which is proved by itself: any number of others may lie between. */
async function rootAtStart(
  id: string,
  bytes: Uint8Array<ArrayBuffer>,
  { size, root }: Checkpoint,
): Promise<{ root: string; index: number }> {
  const what = 'the event of the start of the review'
  const { index, line, path } = JSON.parse(text(bytes)) as Partial<ReviewStart>
  if (typeof line !== 'string' || !Number.isSafeInteger(index) || !Array.isArray(path)) {
    return fault(`${what} is none`)
  }
  const whole = utf8(line)
  const proof = path.slice(0, 64).map((hash) => fromBase64(String(hash)))
  const leaf = leafIn(whole)
  if (!(await verifyInclusion(await leafHash(leaf), Number(index), size, proof, root))) {
    return fault(`${what} was altered, or is not in the signed record`)
  }
  if (!(await besideFits(whole))) fault(`what stands beside ${what} of people was altered`)
  const said = rootIn(leaf, id, start) ?? fault(`${what} is that of another`)
  return { root: said, index: Number(index) }
}

/** The hash of a line as it was frozen: what is read of RFC 8785's text is written the same way again. */
async function frozenHash(closed: Uint8Array<ArrayBuffer>): Promise<Hash> {
  const { line = null } = JSON.parse(text(closed)) as { line?: unknown }
  return leafHash(utf8(JSON.stringify(line)))
}

/**
 * Computes the roots over a review's lines again, as they were frozen and as they were closed, and compares them with those
 * that the events of its start and its end name, which the pack proves to be in the record. Throws the first fault.
 */
export async function reviewLinesIn(
  { id, name }: { readonly id: string; readonly name: string },
  files: PackManifest['files'],
  read: (path: string) => Promise<Uint8Array<ArrayBuffer>>,
  { events, checkpoint }: { readonly events: readonly Uint8Array[]; checkpoint: Checkpoint },
): Promise<ProvedReview> {
  const frozen = new RootBuilder()
  const tree = new RootBuilder()
  for (const { first, last } of partsOf(files, reviewFiles)) {
    if (first !== tree.size + 1 || last < first) {
      fault(`the lines of the review from ${tree.size + 1} on are missing`)
    }
    const path = `review/${first}-${last}`
    const lines = linesOf(await read(`${path}.ndjson`))
    const found = await Promise.all(lines.map(async (line) => leafHash(line)))
    const listed = await read(`${path}.hashes`)
    const wrong = firstFault({ what: 'line', lines, found, listed, first, last })
    if (wrong !== undefined) fault(`${wrong} in the review`)
    for (const hash of found) await tree.add(hash)
    for (const line of lines) await frozen.add(await frozenHash(line))
  }
  const said = rootAtEnd(id, events)
  const is = toHex(await tree.root())
  if (said !== is) {
    fault(
      `the lines of the review do not lead to the root that was recorded at its end: ${is} is not ${said.slice(0, 64)}`,
    )
  }
  const found = { id, name, lines: tree.size }
  if (!files.some(({ path }) => path === reviewStart)) return found
  const { root, index } = await rootAtStart(id, await read(reviewStart), checkpoint)
  const began = toHex(await frozen.root())
  if (root !== began) {
    fault(
      `the lines of the review are not those that were frozen at its start: ${began} is not ${root.slice(0, 64)}`,
    )
  }
  return { ...found, start: index }
}
