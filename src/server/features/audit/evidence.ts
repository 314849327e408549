import { sql } from 'kysely'
import { toBase64, toHex } from '../../../proof/bytes.ts'
import { archived, type NewFile } from '../../../proof/archive.ts'
import { openCheckpoint, parseVerifierKey, signNote } from '../../../proof/checkpoint.ts'
import { digest } from '../../../proof/digest.ts'
import { consistencyProof } from '../../../proof/merkle.ts'
import {
  manifestText,
  mostFileBytes,
  mostLeaves,
  packFormat,
  readMe,
  type PackManifest,
} from '../../../proof/pack.ts'
import { rangeProof } from '../../../proof/range.ts'
import { nodesFromTiles } from '../../../proof/tiles.ts'
import type { Db } from '../../db/connect.ts'
import type { FileBody } from '../../http/download.ts'
import { problem } from '../../http/problem.ts'
import type { SigningKey } from '../../ledger/signing-key.ts'
import { storedTiles } from '../../ledger/sealer.ts'
import { leavesIn, matchOf, type Search } from './search.ts'

/** What a pack is made of, fixed when it was asked for: nothing below its checkpoint ever changes. */
export interface PackPlan {
  readonly search: Search
  readonly start: number
  readonly end: number
  readonly checkpoint: { readonly treeSize: number; readonly note: string }
  /** The checkpoint that whoever asked has kept from earlier. */
  readonly since?: { readonly treeSize: number; readonly note: string }
  readonly about: Pick<PackManifest, 'query' | 'exportedAt' | 'exportedBy' | 'requestId'>
}

const signedTrees = (db: Db) => db.selectFrom('auditCheckpoint').select(['treeSize', 'note'])

/** Chooses the newest checkpoint and the leaves that a search's time covers. Throws the 409 and 400. */
export async function planPack(
  db: Db,
  search: Search,
  since: number | undefined,
  about: PackPlan['about'],
): Promise<PackPlan> {
  const checkpoint = await signedTrees(db).orderBy('treeSize', 'desc').limit(1).executeTakeFirst()
  if (!checkpoint) throw problem('conflict', 'Nothing is signed yet. Ask again in a second.')
  const earlier =
    since === undefined
      ? undefined
      : await signedTrees(db).where('treeSize', '=', since).executeTakeFirst()
  if (since !== undefined && !earlier) {
    const message = `There is no checkpoint over ${since} events.`
    throw problem('invalid_input', message, { fields: [{ path: 'since', message }] })
  }
  const { first, last } = await leavesIn(db, search)
  const end = Math.min(last + 1, checkpoint.treeSize)
  return {
    search,
    start: Math.min(first, end),
    end,
    checkpoint,
    ...(earlier && { since: earlier }),
    about,
  }
}

interface Row {
  readonly leafIndex: number
  readonly leafHash: Buffer
  /** Null where the event does not match, or may not be seen. */
  readonly leaf: Buffer | null
}

/** Leaves that are in memory at once. */
const page = 2_048

/** The pack, file by file; the manifest last, since it names the hash of every other. */
async function* filesOf(
  db: Db,
  { search, start, end, checkpoint, since, about }: PackPlan,
  key: SigningKey,
  verifierKey: string,
): AsyncGenerator<NewFile, void, void> {
  const files: PackManifest['files'][number][] = []
  const counts = { whole: 0, hashOnly: 0 }
  const made = async (
    path: string,
    content: string | Uint8Array<ArrayBuffer>,
  ): Promise<NewFile> => {
    const bytes = typeof content === 'string' ? new TextEncoder().encode(content) : content
    files.push({ path, sha256: toHex(await digest(bytes)), bytes: bytes.length })
    return { path, content: bytes }
  }
  const { origin, root } = await parsed(checkpoint.note, verifierKey)
  yield await made('README.txt', readMe(origin))
  yield await made('keys.txt', `${verifierKey}\n`)
  yield await made('checkpoint', checkpoint.note)

  const matches = await matchOf(db, search)
  let lines: Buffer[] = []
  let hashes: Buffer[] = []
  let size = 0
  let first = start
  const part = async function* () {
    if (hashes.length === 0) return
    const path = `entries/${first}-${first + hashes.length - 1}`
    yield await made(`${path}.ndjson`, Buffer.concat(lines))
    yield await made(`${path}.hashes`, Buffer.concat(hashes))
    first += hashes.length
    lines = []
    hashes = []
    size = 0
  }
  for (let from = start; from < end; from += page) {
    const { rows } = await sql<Row>`
      select e.leaf_index, e.leaf_hash, case when ${matches} then e.leaf end as leaf from audit_entry e
      where e.leaf_index >= ${from} and e.leaf_index < ${Math.min(end, from + page)} order by e.leaf_index`.execute(
      db,
    )
    for (const { leaf, leafHash } of rows) {
      const line = Buffer.from(leaf ?? `#${leafHash.toString('base64')}`)
      counts[leaf ? 'whole' : 'hashOnly'] += 1
      lines.push(line, lineFeed)
      hashes.push(leafHash)
      size += line.length + 1
      if (hashes.length >= mostLeaves || size >= mostFileBytes) yield* part()
    }
  }
  yield* part()

  const nodes = nodesFromTiles(storedTiles(db))
  const { left, right } = await rangeProof(start, end, checkpoint.treeSize, nodes)
  const base64 = (all: readonly Uint8Array[]) => all.map(toBase64)
  yield await made('range-proof.json', JSON.stringify({ left: base64(left), right: base64(right) }))
  const proof = since && (await consistencyProof(since.treeSize, checkpoint.treeSize, nodes))
  yield await made(
    'consistency.json',
    JSON.stringify(since && proof ? { checkpoint: since.note, proof: base64(proof) } : null),
  )
  const manifest: PackManifest = {
    format: packFormat,
    origin,
    range: { start, end },
    treeSize: checkpoint.treeSize,
    root: toBase64(root),
    ...about,
    counts,
    files,
  }
  const bytes = new TextEncoder().encode(`${JSON.stringify(manifest, null, 1)}\n`)
  yield { path: 'manifest.json', content: bytes }
  const text = await manifestText(bytes)
  yield {
    path: 'manifest.sig',
    content: await signNote(text, origin, key.publicKey, (signed) => key.sign(signed)),
  }
}

const lineFeed = Buffer.of(0x0a)

const parsed = async (note: string, verifierKey: string) =>
  openCheckpoint(note, await parseVerifierKey(verifierKey))

/** The evidence pack of a plan, as it is read: in the memory of one file of entries, whatever its size. */
export const asPack =
  (plan: PackPlan, key: SigningKey, verifierKey: string): FileBody =>
  (db) =>
    archived(filesOf(db, plan, key, verifierKey))
