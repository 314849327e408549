import type { Config } from '../../config.ts'
import type { Database } from '../../db/connect.ts'
import { inTransaction } from '../../db/transaction.ts'
import type { PolicyStore } from '../../decision/policy-store.ts'
import { ProblemError } from '../../http/problem.ts'
import type { PackKeys } from '../audit/service.ts'
import { sources, type Part } from './sources.ts'
import { covers, heldNow, standingNow } from './standing.ts'
import {
  beginAgain,
  exportOfRun,
  failExport,
  keepPart,
  keptFiles,
  releaseExport,
  type Claimed,
} from './store.ts'

export interface RunParts {
  readonly db: Database
  readonly policies: PolicyStore
  readonly config: Config
  readonly keys: () => Promise<PackKeys>
  readonly onError: (error: unknown) => void
}

/** As much as is kept at once: what a killed server has to do again. */
const pieceBytes = 512 * 1024

/** PostgreSQL's class of refusals for want of room or memory (disk_full, out_of_memory, too many of something). */
const wantsRoom = (error: unknown) => {
  const { code } = error as { code?: unknown }
  return typeof code === 'string' && code.startsWith('53')
}

const brokeOff = 'It broke off. Resume it: it goes on where it was.'

/** What is said of a failure that is no defect. */
function faultOf(error: unknown): string | undefined {
  if (wantsRoom(error)) {
    return 'The database has no room for the file. Make some, then resume: nothing that was made is lost.'
  }
  return error instanceof ProblemError && error.code === 'limit_reached' ? error.message : undefined
}

/**
 * Makes a file from where it is, piece by piece, until it is whole, stopped, or not this run's any more. The next piece is
 * made while the one before is written.
 */
export async function runExport(
  parts: RunParts,
  claimed: Claimed,
  signal: AbortSignal,
): Promise<void> {
  const { db } = parts
  try {
    await make(parts, claimed, signal)
  } catch (error) {
    // Where not even this can be written, it stands still, and is taken up again by whoever finds it so.
    const fault = faultOf(error)
    if (fault === undefined) parts.onError(error)
    await failExport(db, claimed, fault ?? brokeOff).catch(parts.onError)
  }
}

async function make(parts: RunParts, claimed: Claimed, signal: AbortSignal): Promise<void> {
  const { db, keys } = parts
  /** Whether the piece before was kept: it was this run's to write. */
  let keeping = Promise.resolve(true)
  const tools = {
    keys: await keys(),
    async kept() {
      await keeping
      return keptFiles(db, claimed.id)
    },
  }
  const fail = async (fault: string) => {
    if (await keeping) await failExport(db, claimed, fault)
  }
  const order = await exportOfRun(db, claimed)
  if (!order) return
  const source = sources[order.what]
  const onPaper = order.format === 'pdf'
  const { part: partOf } = (onPaper && source.paper?.()) || source
  if (onPaper && order.place !== null) {
    // Its pages were in the memory of the run that made them.
    if (!(await inTransaction(db, { readOnly: false }, (tx) => beginAgain(tx, claimed)))) return
    Object.assign(order, { place: null, seen: null })
  }
  const asker = { personId: order.createdBy, ip: order.ip, at: order.createdAt }
  let place: object | null = order.place
  let { seen } = order
  for (;;) {
    const standing = await standingNow(parts, source, order.query, asker)
    if (!standing) {
      const lost =
        source.may === 'signed-in'
          ? 'has left'
          : `does not hold ${source.may} ${order.aboutName === null ? '' : 'on it '}any more`
      return fail(`Whoever asked for it ${lost}.`)
    }
    const { reader } = standing
    // One file is by one set of permissions: with another the rows before would not be what may be seen.
    for (const [what, was] of Object.entries(seen ?? {})) {
      const is = heldNow(reader, what)
      if (!covers(is, was) || !covers(was, is)) {
        return fail('What may be seen has changed since it began. Export again.')
      }
    }
    const made: Part[] = []
    let size = 0
    while (size < pieceBytes) {
      const part = await partOf(reader, { ...order, bound: order.bound ?? {} }, place, tools)
      made.push(part)
      for (const { bytes } of part.pieces) size += bytes.length
      if (part.next === undefined) break
      place = part.next
      // The manifest of a pack names what is kept, so that its files are kept one by one.
      if (part.pieces.some(({ path }) => path !== undefined)) break
      // Paper is slow to make: how far it is, and whether it was cancelled, is looked at each time.
      if (onPaper) break
    }
    const part = together(made)
    const held = standing.seen()
    seen = held as typeof seen
    if (!(await keeping)) return
    keeping = inTransaction(db, { readOnly: false }, (tx) => keepPart(tx, claimed, part, held))
    // Told where it is waited for.
    keeping.catch(() => {})
    const ends = part.next === undefined
    if (!ends && !signal.aborted) continue
    if ((await keeping) && !ends) await releaseExport(db, claimed)
    return
  }
}

/** Several parts as one: text becomes one piece. */
function together(made: readonly Part[]): Part {
  const pieces = made.flatMap((part) => part.pieces)
  const text = pieces.every(({ path }) => path === undefined)
  return {
    pieces: text
      ? [{ bytes: Buffer.concat(pieces.map(({ bytes }) => Buffer.from(bytes))) }]
      : pieces,
    rows: made.reduce((sum, { rows }) => sum + rows, 0),
    next: made.at(-1)?.next,
  }
}
