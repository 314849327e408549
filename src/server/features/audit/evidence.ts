import { sql, type RawBuilder } from 'kysely'
import { toBase64, toHex } from '../../../proof/bytes.ts'
import { archived, type NewFile } from '../../../proof/archive.ts'
import { openCheckpoint, parseVerifierKey, signNote } from '../../../proof/checkpoint.ts'
import { digest } from '../../../proof/digest.ts'
import { consistencyProof, inclusionProof } from '../../../proof/merkle.ts'
import {
  manifestText,
  mostFileBytes,
  mostLeaves,
  packFormat,
  readMe,
  type PackManifest,
  type ReviewStart,
} from '../../../proof/pack.ts'
import { rangeProof } from '../../../proof/range.ts'
import { nodesFromTiles } from '../../../proof/tiles.ts'
import type { Db } from '../../db/connect.ts'
import type { FileBody } from '../../http/download.ts'
import { problem } from '../../http/problem.ts'
import type { SigningKey } from '../../ledger/signing-key.ts'
import { storedTiles } from '../../ledger/sealer.ts'
import { leavesIn, matchOf, newest, readSearch, type Search } from './search.ts'
import type { Reach } from '../../decision/types.ts'

/** What a pack is made of, fixed when it was asked for: nothing below its checkpoint ever changes. */
export interface PackPlan {
  readonly search: Search
  readonly start: number
  readonly end: number
  readonly checkpoint: { readonly treeSize: number; readonly note: string }
  /** The checkpoint that whoever asked has kept from earlier. */
  readonly since?: { readonly treeSize: number; readonly note: string }
  readonly about: Pick<PackManifest, 'query' | 'exportedAt' | 'exportedBy' | 'requestId' | 'review'>
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

/** The index of the newest event that a search finds below a leaf; nothing where it finds none. */
async function newestIndex(db: Db, search: Search, below: number): Promise<number | undefined> {
  const column = sql<{ leafIndex: number }>`e.leaf_index`
  const [found] = await newest(db, search, column, below, 1)
  return found?.leafIndex
}

/** A pack of the one event that a query finds, the newest where it finds several. Throws the 409 where none is signed. */
export async function planEvent(db: Db, reach: Reach, about: PackPlan['about']): Promise<PackPlan> {
  const search = await readSearch(db, about.query, reach)
  const plan = await planPack(db, search, undefined, about)
  const index = await newestIndex(db, search, plan.checkpoint.treeSize)
  if (index === undefined) {
    throw problem('conflict', 'What it is proved by is not signed yet. Ask again in a second.')
  }
  return { ...plan, start: index, end: index + 1 }
}

/** Leaves that are read at once, put together by the database: a row for each would cost more than all else. */
const page = 4_096

interface Page {
  readonly rows: number
  readonly whole: number
  readonly size: number
  /** As text, which travels in half of what bytes take: leaves are UTF-8, by RFC 8785. */
  readonly lines: string
  readonly hashes: Buffer
}

/**
 * The lines and hashes of leaves `[from, until)`; of what does not match, or may not be seen, the hash alone. Where they are
 * larger than the room there is, half of them is asked for, until they fit; nothing where not even one does.
 */
async function readLeaves(
  db: Db,
  matches: RawBuilder<unknown>,
  { from, until, room }: { readonly from: number; readonly until: number; readonly room: number },
): Promise<Page | undefined> {
  const { rows } = await sql<Page>`
    select count(*)::int as rows, count(*) filter (where matches)::int as whole,
      coalesce(sum(octet_length(line) + 1), 0)::int as size,
      coalesce(convert_from(string_agg(line, '\x0a'::bytea order by leaf_index), 'UTF8') || chr(10), '') as lines,
      coalesce(string_agg(leaf_hash, '' order by leaf_index), '') as hashes
    from (
      select leaf_index, leaf_hash, matches,
        case when not matches then convert_to('#' || encode(leaf_hash, 'base64'), 'UTF8')
          when beside is null then leaf
          else leaf || '\\x095b'::bytea || beside || '\\x5d'::bytea end as line
      from (
        select e.leaf_index, e.leaf_hash, e.leaf, e.beside, (${matches}) as matches from audit_entry e
        where e.leaf_index >= ${from} and e.leaf_index < ${until}
      ) found
    ) each`.execute(db)
  const [read] = rows
  if (!read || read.rows === 0) return undefined
  if (read.size <= room) return read
  if (until - from === 1) return undefined
  return readLeaves(db, matches, { from, until: from + Math.ceil((until - from) / 2), room })
}

type Listed = PackManifest['files'][number]

/** The newest event that a query finds, as its line and its audit path to a plan's checkpoint; nothing where it has left the record. */
export async function provedEvent(
  db: Db,
  reach: Reach,
  q: string,
  { checkpoint: { treeSize } }: PackPlan,
): Promise<ReviewStart | undefined> {
  const index = await newestIndex(db, await readSearch(db, { q }, reach), treeSize)
  if (index === undefined) return undefined
  const one = { from: index, until: index + 1, room: mostFileBytes }
  const read = await readLeaves(db, sql`true`, one)
  const path = await inclusionProof(index, treeSize, nodesFromTiles(storedTiles(db)))
  return read && { index, line: read.lines.trimEnd(), path: path.map(toBase64) }
}

/** One file of a pack, as the manifest names it. */
export interface MadeFile extends Listed {
  readonly content: Uint8Array<ArrayBuffer>
}

const made = async (path: string, content: string | Uint8Array<ArrayBuffer>): Promise<MadeFile> => {
  const bytes = typeof content === 'string' ? new TextEncoder().encode(content) : content
  return { path, sha256: toHex(await digest(bytes)), bytes: bytes.length, content: bytes }
}

/** What stands before the entries. */
export const packHead = async (
  { checkpoint }: PackPlan,
  { verifierKey, verifierPage }: PackKeys,
): Promise<MadeFile[]> => {
  const { origin } = await parsed(checkpoint.note, verifierKey)
  return [
    await made('README.txt', readMe(origin)),
    await made('keys.txt', `${verifierKey}\n`),
    await made('checkpoint', checkpoint.note),
    ...(verifierPage === undefined ? [] : [await made('verifier.html', verifierPage)]),
  ]
}

/** By which a pack is signed, and which it carries along. */
export interface PackKeys {
  readonly key: SigningKey
  readonly verifierKey: string
  /** The page that verifies packs offline; absent where no console is built. */
  readonly verifierPage?: string | undefined
}

/** The next files of entries: as many leaves as one holds, from a leaf on. */
export interface PackEntries {
  readonly files: readonly MadeFile[]
  readonly whole: number
  readonly hashOnly: number
}

/** Answers no files where nothing is left. */
export async function packEntries(db: Db, plan: PackPlan, from: number): Promise<PackEntries> {
  const { search, end } = plan
  const matches = await matchOf(db, search)
  const pages: Page[] = []
  let rows = 0
  let whole = 0
  let size = 0
  while (from + rows < end && rows < mostLeaves && size < mostFileBytes) {
    const at = from + rows
    const until = Math.min(end, at + page, from + mostLeaves)
    const read = await readLeaves(db, matches, { from: at, until, room: mostFileBytes - size })
    if (!read) break
    pages.push(read)
    rows += read.rows
    whole += read.whole
    size += read.size
  }
  if (rows === 0) return { files: [], whole, hashOnly: 0 }
  const path = `entries/${from}-${from + rows - 1}`
  return {
    files: [
      await made(`${path}.ndjson`, pages.map(({ lines }) => lines).join('')),
      await made(`${path}.hashes`, Buffer.concat(pages.map(({ hashes }) => hashes))),
    ],
    whole,
    hashOnly: rows - whole,
  }
}

/** What stands behind the entries; the manifest last, since it names the hash of every other, and its signature. */
export async function packTail(
  db: Db,
  plan: PackPlan,
  { key, verifierKey }: PackKeys,
  before: { readonly files: readonly Listed[]; readonly counts: PackManifest['counts'] },
): Promise<MadeFile[]> {
  const { start, end, checkpoint, since, about } = plan
  const { origin, root } = await parsed(checkpoint.note, verifierKey)
  const nodes = nodesFromTiles(storedTiles(db))
  const { left, right } = await rangeProof(start, end, checkpoint.treeSize, nodes)
  const base64 = (all: readonly Uint8Array[]) => all.map(toBase64)
  const proof = since && (await consistencyProof(since.treeSize, checkpoint.treeSize, nodes))
  const proofs = [
    await made('range-proof.json', JSON.stringify({ left: base64(left), right: base64(right) })),
    await made(
      'consistency.json',
      JSON.stringify(since && proof ? { checkpoint: since.note, proof: base64(proof) } : null),
    ),
  ]
  const manifest: PackManifest = {
    format: packFormat,
    origin,
    range: { start, end },
    treeSize: checkpoint.treeSize,
    root: toBase64(root),
    ...about,
    counts: before.counts,
    files: [...before.files, ...proofs].map(({ path, sha256, bytes }) => ({ path, sha256, bytes })),
  }
  const json = await made('manifest.json', `${JSON.stringify(manifest, null, 1)}\n`)
  const text = await manifestText(packFormat, json.content)
  const note = await signNote(text, origin, key.publicKey, (signed) => key.sign(signed))
  return [...proofs, json, await made('manifest.sig', note)]
}

/** What a pack holds beside the record, which its events speak of. */
type More = AsyncIterable<readonly [path: string, content: string | Uint8Array<ArrayBuffer>]>

/** The pack, file by file. */
async function* filesOf(
  db: Db,
  plan: PackPlan,
  keys: PackKeys,
  more?: More,
): AsyncGenerator<NewFile, void, void> {
  const files: Listed[] = []
  const counts = { whole: 0, hashOnly: 0 }
  const listed = (some: readonly MadeFile[]) => {
    for (const { path, sha256, bytes } of some) files.push({ path, sha256, bytes })
    return some
  }
  yield* listed(await packHead(plan, keys))
  // The next entries are read while these are written.
  const read = (from: number) => {
    const entries = from < plan.end ? packEntries(db, plan, from) : undefined
    entries?.catch(() => {})
    return entries
  }
  for (let ahead = read(plan.start); ahead;) {
    const entries = await ahead
    if (entries.files.length === 0) throw new Error(`the record ends before event ${plan.end}`)
    counts.whole += entries.whole
    counts.hashOnly += entries.hashOnly
    ahead = read(plan.start + counts.whole + counts.hashOnly)
    yield* listed(entries.files)
  }
  for await (const [path, content] of more ?? []) yield* listed([await made(path, content)])
  yield* await packTail(db, plan, keys, { files, counts })
}

const parsed = async (note: string, verifierKey: string) =>
  openCheckpoint(note, await parseVerifierKey(verifierKey))

/** The evidence pack of a plan, as it is read: in the memory of two files of entries, whatever its size. */
export const asPack =
  (plan: PackPlan, keys: PackKeys, more?: (db: Db) => More): FileBody =>
  (db) =>
    archived(filesOf(db, plan, keys, more?.(db)))
