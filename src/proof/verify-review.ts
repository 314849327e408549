import { toHex } from './bytes.ts'
import { fault, firstFault, linesOf, partsOf, text } from './lines.ts'
import { leafHash } from './merkle.ts'
import type { PackManifest } from './pack.ts'
import { RootBuilder } from './range.ts'

/** The lines of a review, from the first on, and their hashes. */
export const reviewFiles = /^review\/(\d{1,9})-(\d{1,9})\.(ndjson|hashes)$/

/** The root that the record says of the review's end: it is in no other place that anybody signed. */
function rootOf(id: string, events: readonly Uint8Array[]): string {
  for (const event of events) {
    const { action, resource, after } = JSON.parse(text(event)) as {
      action?: unknown
      resource?: { id?: unknown }
      after?: { root?: unknown }
    }
    if (action === 'reviews.close' && resource?.id === id && typeof after?.root === 'string') {
      return after.root
    }
  }
  return fault('the pack holds no event of the end of its review: another was put in its place')
}

/**
 * Computes the root over a review's lines again and compares it with the one that the event of its end names, which the
 * pack proves to be in the record. Answers how many there are; throws the first fault.
 */
export async function reviewLinesIn(
  { id }: { readonly id: string },
  files: PackManifest['files'],
  read: (path: string) => Promise<Uint8Array<ArrayBuffer>>,
  events: readonly Uint8Array[],
): Promise<number> {
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
  }
  const said = rootOf(id, events)
  const is = toHex(await tree.root())
  if (said !== is) {
    fault(
      `the lines of the review do not lead to the root that was recorded at its end: ${is} is not ${said.slice(0, 64)}`,
    )
  }
  return tree.size
}
