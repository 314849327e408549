import { fromBase64, toBase64, toHex } from './bytes.ts'
import { openCheckpoint, openNote, parseVerifierKey, type VerifierKey } from './checkpoint.ts'
import { digest, type Hash } from './digest.ts'
import {
  besideFits,
  fault,
  firstFault,
  hashOf,
  hidden,
  leafIn,
  linesOf,
  partsOf,
  text,
} from './lines.ts'
import { equal, verifyConsistency } from './merkle.ts'
import {
  isPackFormat,
  manifestText,
  mostReadBytes,
  packFormat,
  reviewStart,
  type PackManifest,
} from './pack.ts'
import { RootBuilder } from './range.ts'
import { reviewFiles, reviewLinesIn, type ProvedReview } from './verify-review.ts'

/** One file of a pack as its reader has it; `bytes` is called once. */
export interface PackFile {
  readonly path: string
  readonly size: number
  bytes(): Promise<Uint8Array<ArrayBuffer>>
}

export interface PackVerdict {
  /** The first is the most telling; empty when the pack is whole. */
  readonly faults: readonly string[]
  readonly manifest?: PackManifest
  /** Whether the key was pinned by whoever verifies, or merely came along, which proves nothing about who signed. */
  readonly key: 'pinned' | 'came along'
  readonly verifierKey?: string
  /** An earlier checkpoint that is proved to be the beginning of this one; without it, how new the log is is not known. */
  readonly since?: number
  readonly events: number
  readonly review?: ProvedReview
}

export interface VerifyOptions {
  readonly pinnedKey?: string | undefined
  /** A signed checkpoint that was kept earlier: proves that nothing was taken back since. */
  readonly since?: string | undefined
  readonly onProgress?: (events: number, of: number) => void
}

const entriesName = /^entries\/(\d{1,15})-(\d{1,15})\.(ndjson|hashes)$/
const known = new Set([
  'manifest.json',
  'manifest.sig',
  'checkpoint',
  'range-proof.json',
  'consistency.json',
  'keys.txt',
  'README.txt',
  'verifier.html',
  reviewStart,
])
/** Verifies a pack by its files alone. Never throws for what a pack holds: every fault is told. */
export async function verifyPack(
  files: readonly PackFile[],
  options: VerifyOptions = {},
): Promise<PackVerdict> {
  const faults: string[] = []
  const key = options.pinnedKey === undefined ? 'came along' : 'pinned'
  let told: Partial<PackVerdict> = {}
  let events = 0
  const attempt = async <T>(work: () => Promise<T> | T): Promise<T | undefined> => {
    try {
      return await work()
    } catch (error) {
      faults.push(error instanceof Error ? error.message : String(error))
      return undefined
    }
  }
  await attempt(async () => {
    const byPath = named(files)
    const read = async (path: string) => {
      const file = byPath.get(path) ?? fault(`${path} is missing`)
      if (file.size > mostReadBytes) fault(`${path} is larger than any file of a pack`)
      return file.bytes()
    }
    const manifestBytes = await read('manifest.json')
    const manifest = manifestOf(manifestBytes)
    const verifierKey = (options.pinnedKey ?? text(await read('keys.txt'))).trim()
    told = { manifest, verifierKey }
    const parsed = await parseVerifierKey(verifierKey)
    if (parsed.name !== manifest.origin) {
      fault(`the pack is of another log than the key: ${manifest.origin}`)
    }
    const hashes = new Map<string, string>()
    const reading = async (path: string) => {
      const bytes = await read(path)
      hashes.set(path, toHex(await digest(bytes)))
      return bytes
    }

    const checkpoint = await attempt(async () =>
      checkpointOf(text(await reading('checkpoint')), parsed, manifest),
    )
    const built = await attempt(() =>
      rootOf(manifest, reading, (count) => {
        events = count
        options.onProgress?.(count, manifest.range.end - manifest.range.start)
      }),
    )
    if (checkpoint && built) {
      for (const sentence of built.faults) faults.push(sentence)
      const { review } = manifest
      if (review) {
        await attempt(async () => {
          const said = { events: built.whole, checkpoint }
          told = { ...told, review: await reviewLinesIn(review, manifest.files, reading, said) }
        })
      }
      if (built.faults.length === 0 && !equal(built.root, checkpoint.root)) {
        faults.push(
          'the events, with what stands before and behind them, do not lead to the signed root',
        )
      }
      await attempt(async () => {
        const first = await sinceOf(
          text(await reading('consistency.json')),
          options.since,
          parsed,
          checkpoint,
        )
        if (first !== undefined) told = { ...told, since: first }
      })
    }
    await attempt(async () => {
      const note = text(await read('manifest.sig'))
      const signed = await openNote(note, parsed, 'manifest')
      if (signed !== (await manifestText(manifest.format, manifestBytes))) {
        fault('the manifest was altered: it is not the one that was signed')
      }
      // Of this file alone there is no hash: nothing stands in it but the text and its one signature.
      if (!/^— \S+ \S+\n$/.test(note.slice(signed.length + 1))) {
        fault('manifest.sig was altered: more stands in it than the signature')
      }
    })
    for (const { path, sha256, bytes } of manifest.files) {
      await attempt(async () => {
        const file = byPath.get(path) ?? fault(`${path} was removed`)
        const is = hashes.get(path) ?? toHex(await digest(await read(path)))
        if (file.size !== bytes || is !== sha256) fault(`${path} was altered`)
      })
    }
    const listed = new Set(manifest.files.map(({ path }) => path))
    for (const { path } of files) {
      if (!listed.has(path) && path !== 'manifest.json' && path !== 'manifest.sig') {
        faults.push(`${path} was added`)
      }
    }
  })
  return { ...told, faults: [...new Set(faults)], key, events }
}

/** The files by their names, which are ours alone, each there once: nothing that would be written elsewhere (zip slip). */
function named(files: readonly PackFile[]): ReadonlyMap<string, PackFile> {
  const byPath = new Map<string, PackFile>()
  for (const file of files) {
    if (!known.has(file.path) && !entriesName.test(file.path) && !reviewFiles.test(file.path)) {
      fault(`the pack holds a file that none of ours holds: ${file.path.slice(0, 200)}`)
    }
    if (byPath.has(file.path)) fault(`${file.path} is there twice`)
    byPath.set(file.path, file)
  }
  return byPath
}

const count = (value: unknown): value is number => Number.isSafeInteger(value) && Number(value) >= 0

function manifestOf(bytes: Uint8Array): PackManifest {
  const found = JSON.parse(text(bytes)) as Partial<PackManifest> | null
  const { format, origin, range, treeSize, root, files } = found ?? {}
  if (!isPackFormat(format)) fault(`this is no evidence pack of the format ${packFormat}`)
  const right =
    typeof origin === 'string' &&
    typeof root === 'string' &&
    count(treeSize) &&
    count(range?.start) &&
    count(range?.end) &&
    range.start <= range.end &&
    range.end <= treeSize &&
    Array.isArray(files) &&
    files.every(
      (file) =>
        typeof file?.path === 'string' && typeof file.sha256 === 'string' && count(file.bytes),
    )
  if (!right) fault('the manifest does not say what a manifest says')
  return found as PackManifest
}

async function checkpointOf(note: string, key: VerifierKey, manifest: PackManifest) {
  const checkpoint = await openCheckpoint(note, key)
  if (checkpoint.size !== manifest.treeSize || toBase64(checkpoint.root) !== manifest.root) {
    fault('the manifest speaks of another checkpoint than the one in the pack')
  }
  return checkpoint
}

type Read = (path: string) => Promise<Uint8Array<ArrayBuffer>>

/** The root that the entries lead to, and which of them are not what their hashes say. */
async function rootOf(
  manifest: PackManifest,
  read: Read,
  onCount: (events: number) => void,
): Promise<{ root: Hash; faults: string[]; whole: Uint8Array[] }> {
  const { range, treeSize, files } = manifest
  const sides = JSON.parse(text(await read('range-proof.json'))) as {
    left?: unknown
    right?: unknown
  }
  const hashesOf = (side: unknown): Hash[] =>
    Array.isArray(side) && side.length <= 128
      ? side.map((hash) => fromBase64(String(hash)))
      : fault('range-proof.json is none')
  const tree = new RootBuilder()
  const faults: string[] = []
  // Of a review alone events are read: there is one.
  const whole: Uint8Array[] = []
  if (!(await tree.addOver(0, range.start, hashesOf(sides.left)))) {
    fault('the range proof has not as many hashes as stand before the range')
  }
  const counted = { whole: 0, hashOnly: 0 }
  for (const { first, last } of partsOf(files, entriesName)) {
    if (first !== tree.size || last < first || last >= range.end) {
      fault(`the events from ${tree.size} on are missing`)
    }
    const path = `entries/${first}-${last}`
    const lines = linesOf(await read(`${path}.ndjson`))
    const listed = await read(`${path}.hashes`)
    const found = await Promise.all(lines.map(async (line) => hashOf(line)))
    for (const [nth, line] of lines.entries()) {
      if (await besideFits(line)) continue
      const who = `event ${first + nth}${nameOf(line)}`
      faults.push(`what stands beside ${who} of people was altered`)
      break
    }
    const wrong = firstFault({ what: 'event', lines, found, listed, first, last, nameOf })
    if (wrong !== undefined) {
      faults.push(wrong)
      return { root: await tree.root(), faults, whole }
    }
    for (const [at, hash] of found.entries()) {
      await tree.add(hash)
      const line = lines[at]
      counted[line?.[0] === hidden ? 'hashOnly' : 'whole'] += 1
      if (manifest.review && line && line[0] !== hidden) whole.push(leafIn(line))
    }
    onCount(tree.size - range.start)
  }
  if (tree.size !== range.end) fault(`the events from ${tree.size} to ${range.end - 1} are missing`)
  if (counted.whole !== manifest.counts?.whole || counted.hashOnly !== manifest.counts.hashOnly) {
    faults.push('the manifest counts other events than the pack holds')
  }
  if (!(await tree.addOver(range.end, treeSize, hashesOf(sides.right)))) {
    fault('the range proof has not as many hashes as stand behind the range')
  }
  return { root: await tree.root(), faults, whole }
}

/** What a line calls itself, which an attacker may have chosen: only for looking it up. */
function nameOf(line: Uint8Array | undefined): string {
  try {
    const { eventId } = JSON.parse(text(leafIn(line ?? new Uint8Array()))) as { eventId?: unknown }
    const name = String(eventId)
    return /^[0-9a-f-]{36}$/.test(name) ? ` (${name})` : ''
  } catch {
    return ''
  }
}

/** The size of the earlier checkpoint that the pack continues. Throws when it was asked for, and is not proved. */
async function sinceOf(
  json: string,
  since: string | undefined,
  key: VerifierKey,
  checkpoint: { size: number; root: Hash },
): Promise<number | undefined> {
  const given = JSON.parse(json) as { checkpoint?: unknown; proof?: unknown } | null
  const note = since ?? (typeof given?.checkpoint === 'string' ? given.checkpoint : undefined)
  if (note === undefined) return undefined
  const earlier = await openCheckpoint(note, key)
  const proof = Array.isArray(given?.proof)
    ? given.proof.map((hash) => fromBase64(String(hash)))
    : []
  const same = earlier.size === checkpoint.size && equal(earlier.root, checkpoint.root)
  const continues =
    same ||
    (await verifyConsistency(earlier.size, checkpoint.size, earlier.root, checkpoint.root, proof))
  if (!continues) {
    fault(
      `the pack does not prove that it continues the checkpoint over ${earlier.size} events: take it again with that size as “since”`,
    )
  }
  return earlier.size
}
