import { createHash } from 'node:crypto'
import { sql, type Selectable } from 'kysely'
import { openCheckpoint, parseVerifierKey } from '../../proof/checkpoint.ts'
import type { Db } from '../db/connect.ts'
import type { AuditEntryTable } from '../db/tables/ledger.ts'
import { tokensIn, tokensOf, type Opening } from '../../proof/personal.ts'
import { entryOf, eventOf, type StoredEvent } from './entry.ts'
import { openingsBeside } from './personal.ts'
import { erasedBy, pruneAction } from './prune.ts'

/** What a verification found; `fault` names the first event that was altered, removed or added. */
export interface Verdict {
  readonly origin: string
  readonly events: number
  readonly checkpoints: number
  readonly signed: number
  readonly pending: number
  /** Events that have left the record, which an event of it says: their hashes are verified, and the roots over them. */
  readonly pruned: number
  readonly fault?: string
}

/**
 * Computes the whole record anew from its leaves, with a Merkle tree of its own (RFC 6962 §2.1) that shares no code with
 * the one that made it, and compares: indexes dense, leaf and tree hashes, searchable columns, every checkpoint's root
 * and signature by the pinned key, and the checkpoint kept outside of the database.
 */
export async function verifyRecord(
  db: Db,
  { pinnedKey, outside }: { pinnedKey: string; outside?: string | undefined },
): Promise<Verdict> {
  const transaction = db.transaction().setAccessMode('read only')
  return transaction.setIsolationLevel('repeatable read').execute(async (tx) => {
    await sql`set local statement_timeout = 0`.execute(tx)
    const key = await parseVerifierKey(pinnedKey)
    const state = await tx.selectFrom('logState').selectAll().executeTakeFirstOrThrow()
    const { pending } = await tx
      .selectFrom('auditQueue')
      .select((count) => count.fn.countAll<number>().as('pending'))
      .executeTakeFirstOrThrow()
    const notes = await tx
      .selectFrom('auditCheckpoint')
      .select(['treeSize', 'root', 'note'])
      .orderBy('treeSize')
      .execute()
    let events = 0
    let signed = 0
    const said = (fault?: string): Verdict => ({
      origin: state.origin,
      events,
      checkpoints: notes.length,
      signed,
      pending,
      pruned: state.minIndex,
      ...(fault !== undefined && { fault }),
    })

    const promised = new Map<number, string>()
    for (const { treeSize, root, note } of notes) {
      const opened = await openCheckpoint(note, key).catch((error: Error) => error)
      if (opened instanceof Error)
        return said(`the checkpoint over ${treeSize} events: ${opened.message}`)
      if (opened.size !== treeSize)
        return said(`the checkpoint over ${treeSize} events is of ${opened.size}`)
      if (!root.equals(opened.root))
        return said(`the stored root of the checkpoint over ${treeSize} events was altered`)
      promised.set(opened.size, base64(opened.root))
    }
    if (outside !== undefined) {
      const kept = await openCheckpoint(outside, key).catch((error: Error) => error)
      if (kept instanceof Error)
        return said(`the checkpoint outside of the database: ${kept.message}`)
      const stored = promised.get(kept.size)
      if (stored !== undefined && stored !== base64(kept.root)) {
        return said(`two checkpoints over ${kept.size} events contradict each other`)
      }
      promised.set(kept.size, base64(kept.root))
    }

    const tree = new Frontier()
    const stored = storedNodes(tx)
    /** Adds a leaf to the tree; answers what is wrong with the stored one above it, or with a root that was signed. */
    const grow = async (hash: Buffer, name: string): Promise<string | undefined> => {
      for (const { level, hash: node } of tree.append(hash)) {
        if (!(await stored(level, Math.floor(events / 2 ** level)))?.equals(node))
          return `the stored tree above ${name} was altered`
      }
      events += 1
      const root = promised.get(events)
      if (root !== undefined && root !== base64(tree.root())) {
        return `an event of ${signed} to ${events - 1} was altered, removed or added: the checkpoint over ${events} events has another root`
      }
      if (root !== undefined) signed = events
      return undefined
    }
    // Of what has left, the hashes stay.
    while (events < state.minIndex) {
      const hash = await stored(0, events)
      if (!hash) return said(`the stored hash of event ${events} was removed`)
      const fault = await grow(hash, `event ${events}`)
      if (fault) return said(fault)
    }
    let told = 0
    const hidden = new Map<string, string>()
    const erasedSaid = new Set<string>()
    for await (const entry of entriesOf(tx)) {
      const name = `event ${entry.leafIndex} (${entry.eventId})`
      if (entry.leafIndex < state.minIndex)
        return said(`${name} stands where events have left the record`)
      if (entry.leafIndex > events) return said(`event ${events} was removed`)
      if (events >= state.treeSize) return said(`${name} was added behind the end of the record`)
      const hash = sha256(Buffer.of(0), entry.leaf)
      const inTree = await stored(0, events)
      if (!inTree?.equals(hash)) return said(`${name} was altered, or put in another's place`)
      if (!hash.equals(entry.leafHash)) return said(`the stored hash of ${name} was altered`)
      const beside = await readBeside(entry)
      if (!beside) return said(`what stands beside ${name} of people was altered`)
      const column = differing(entry, beside.openings)
      if (column) return said(`the searchable column ${column} of ${name} was altered`)
      const fault = await grow(hash, name)
      if (fault) return said(fault)
      if (entry.action === pruneAction) told = Math.max(told, prunedBy(entry.leaf))
      for (const id of erasedBy(entry.leaf)) erasedSaid.add(id)
      for (const id of hiddenBy(entry.leaf, beside)) if (!hidden.has(id)) hidden.set(id, name)
    }
    if (events < state.treeSize) return said(`event ${events} was removed`)
    if (hidden.size > 0) {
      for (const { leaf } of await tx.selectFrom('auditQueue').select('leaf').execute()) {
        for (const id of erasedBy(leaf)) erasedSaid.add(id)
      }
      const unsaid = [...hidden].find(([id]) => !erasedSaid.has(id))
      if (unsaid) {
        return said(`what stood beside ${unsaid[1]} of people was removed, and no event says so`)
      }
    }
    const most = [...promised.keys()].reduce((one, other) => Math.max(one, other), 0)
    if (most > events) return said(`event ${events} was removed: ${most} events were signed`)
    if (signed < state.lastSignedSize) {
      return said(`the checkpoint over ${state.lastSignedSize} events was removed`)
    }
    // The event of the newest pruning may wait for its place still.
    if (told < state.minIndex) {
      const waiting = await tx.selectFrom('auditQueue').select('leaf').execute()
      for (const { leaf } of waiting) told = Math.max(told, prunedBy(leaf))
    }
    if (told < state.minIndex) {
      return said(`events up to ${state.minIndex - 1} were removed, and no event says so`)
    }
    return said()
  })
}

/** Up to which leaf an event says that others have left the record; 0 for every other event. */
function prunedBy(leaf: Buffer): number {
  const { action, detail } = eventOf(leaf, [])
  const until = action === pruneAction && (detail as { until?: unknown }).until
  return typeof until === 'number' ? until : 0
}

const base64 = (bytes: Uint8Array) => Buffer.from(bytes).toString('base64')
const sha256 = (...parts: Uint8Array[]) => {
  const hash = createHash('sha256')
  for (const part of parts) hash.update(part)
  return hash.digest()
}

/** The perfect subtrees of what came so far, from left to right: all that growing and the root need. */
class Frontier {
  readonly #subtrees: { level: number; hash: Buffer }[] = []

  /** Answers the nodes of the levels that are stored (every eighth) which the leaf completes. */
  append(leaf: Buffer): { level: number; hash: Buffer }[] {
    let node = { level: 0, hash: leaf }
    const completed = []
    for (
      let left = this.#subtrees.at(-1);
      left?.level === node.level;
      left = this.#subtrees.at(-1)
    ) {
      this.#subtrees.pop()
      node = { level: node.level + 1, hash: sha256(Buffer.of(1), left.hash, node.hash) }
      if (node.level % 8 === 0) completed.push(node)
    }
    this.#subtrees.push(node)
    return completed
  }

  root(): Buffer {
    const [last, ...others] = this.#subtrees.map(({ hash }) => hash).toReversed()
    if (!last) return sha256()
    return others.reduce((right, left) => sha256(Buffer.of(1), left, right), last)
  }
}

type Stored = Selectable<AuditEntryTable>

/** Reads the record in order, a few thousand at a time. */
async function* entriesOf(db: Db): AsyncGenerator<Stored, void, void> {
  for (let from = -1; ;) {
    const rows = await db
      .selectFrom('auditEntry')
      .selectAll()
      .where('leafIndex', '>', from)
      .orderBy('leafIndex')
      .limit(2_000)
      .execute()
    const last = rows.at(-1)
    if (!last) return
    yield* rows
    from = last.leafIndex
  }
}

/** Reads the hash of a node as the stored tree has it, of the levels that are stored; keeps one tile of each. */
function storedNodes(db: Db) {
  const last = new Map<number, { index: number; hashes: Buffer }>()
  return async (level: number, node: number): Promise<Buffer | undefined> => {
    const index = Math.floor(node / 256)
    let tile = last.get(level)
    if (tile?.index !== index) {
      const row = await db
        .selectFrom('auditTile')
        .select('hashes')
        .where('level', '=', level / 8)
        .where('index', '=', index)
        .executeTakeFirst()
      if (!row) return undefined
      tile = { index, hashes: row.hashes }
      last.set(level, tile)
    }
    const at = (node % 256) * 32
    return tile.hashes.length >= at + 32 ? tile.hashes.subarray(at, at + 32) : undefined
  }
}

interface Beside {
  readonly openings: readonly Opening[]
  /** What the leaf hides, and what of it stands beside it. */
  readonly hidden: ReadonlySet<string>
  readonly shown: ReadonlyMap<string, string>
}

/** What stands beside a leaf; nothing where that is not what the leaf hides. */
async function readBeside({ leaf, beside }: Stored): Promise<Beside | undefined> {
  try {
    const openings = openingsBeside(beside)
    const hidden = new Set(tokensIn(leaf.toString()))
    const shown = await tokensOf(openings)
    for (const token of shown.keys()) if (!hidden.has(token)) return undefined
    return { openings, hidden, shown }
  } catch {
    return undefined
  }
}

/** By whom an event was, and whom it is about, where nothing beside it says their names any more. */
function hiddenBy(leaf: Buffer, { hidden, shown }: Beside): string[] {
  if (hidden.size === shown.size) return []
  const { actor, resource } = JSON.parse(leaf.toString()) as StoredEvent
  return [actor, resource].flatMap((party) =>
    party?.kind === 'person' && hidden.has(party.name) && !shown.has(party.name) ? [party.id] : [],
  )
}

/** The first searchable column that does not say what the leaf says. */
function differing(
  entry: { leaf: Buffer } & Record<string, unknown>,
  openings: readonly Opening[],
): string | undefined {
  const same = (one: unknown, other: unknown) =>
    one instanceof Date && other instanceof Date ? one.getTime() === other.getTime() : one === other
  const derived = Object.entries(entryOf(entry.leaf, openings))
  return derived.find(([column, value]) => !same(value, entry[column]))?.[0]
}
