import { toBase64 } from './bytes.ts'
import { digest } from './digest.ts'

/*
 * The evidence pack: a part of the record that whoever has it verifies offline, with the log's key pinned out of band.
 *
 *   manifest.json        what was asked, by whom, and the SHA-256 of every other file
 *   manifest.sig         a signed note over the manifest's hash (C2SP signed-note)
 *   checkpoint           the signed checkpoint that everything leads to (C2SP tlog-checkpoint)
 *   range-proof.json     hashes of what stands before and behind the range
 *   consistency.json     that an earlier checkpoint is this one's beginning; null when none was named
 *   entries/*.ndjson     a line for each event of the range, in order: the exact leaf, or `#` and its hash in base64; behind a
 *                        leaf that names people, a tab and, in JSON, the salts and values that it hides (personal.ts)
 *   entries/*.hashes     32 bytes for each of these lines, by which an altered one is named
 *   review/*.ndjson      of a pack of an access review: its lines with their answers, whose root the event of its end names
 *   review/*.hashes      32 bytes for each of these lines
 *   review/start.json    the event of its start, which names the root of the lines as they were frozen, and its audit path
 *   verifier.html        a page that checks a pack in a browser, without a network
 *   keys.txt README.txt  for people; never trusted
 */

export const packFormat = 'sallyport-evidence/2'
/** Of packs that were carried away before leaves hid anything: nothing else is different. */
const formats: ReadonlySet<unknown> = new Set([packFormat, 'sallyport-evidence/1'])
export const isPackFormat = (format: unknown): format is string => formats.has(format)

/** Leaves of one file of entries at most, and bytes: whoever verifies holds one file in memory. */
export const mostLeaves = 16_384
export const mostFileBytes = 16 * 1024 * 1024
/** Beyond it nothing of ours is: a file that says so is not read. */
export const mostReadBytes = 2 * mostFileBytes

export const reviewStart = 'review/start.json'

/** One event by itself: its index in the record, its line as `entries` would hold it, its audit path in base64 (RFC 6962). */
export interface ReviewStart {
  readonly index: number
  readonly line: string
  readonly path: readonly string[]
}

export interface PackManifest {
  readonly format: string
  /** The log's name, the first line of its checkpoints. */
  readonly origin: string
  /** Leaf indexes: the first of the range, and the one behind its last. */
  readonly range: { readonly start: number; readonly end: number }
  readonly treeSize: number
  /** The checkpoint's root, base64. */
  readonly root: string
  /** What was asked: events that do not match stand as hashes alone. */
  readonly query: {
    readonly q?: string | undefined
    readonly from?: string | undefined
    readonly until?: string | undefined
  }
  /** The access review whose lines are in the pack; its one event is that of the review's end. */
  readonly review?: { readonly id: string; readonly name: string }
  readonly counts: { readonly whole: number; readonly hashOnly: number }
  readonly exportedAt: string
  readonly exportedBy: { readonly kind: string; readonly id: string; readonly name: string }
  /** The request whose event records the export. */
  readonly requestId: string
  readonly files: readonly {
    readonly path: string
    readonly sha256: string
    readonly bytes: number
  }[]
}

/** The text that is signed for a manifest; no checkpoint can read so, since those begin with the log's name. */
export const manifestText = async (
  format: string,
  manifest: Uint8Array<ArrayBuffer>,
): Promise<string> => `${format}\n${toBase64(await digest(manifest))}\n`

/** For whoever opens the pack by hand. */
export const readMe = (origin: string): string => `Evidence from the audit trail of ${origin}.

Nothing in this pack has to be believed. Compare the verifier key with one that you were given by other means, never with
keys.txt alone; then

  npm run verify -- pack.zip        in a checkout of Sallyport (SALLYPORT_LEDGER_KEY pins the key)
  Audit trail > Verify a pack       in any Sallyport console; the file stays in the browser
  verifier.html                     in a browser, without a network; of a pack or an installation that you trust

Each line of entries/*.ndjson is an event as it was recorded (RFC 8785), byte by byte; a line that begins with # stands for
an event that does not match the query, by its hash alone. What names a person stands in it as personal: and the base64 of
SHA-256(salt, value); salts and values follow behind a tab, which is not hashed, unless the person has been erased.
SHA-256(0x00, line up to the tab) are the leaves of a Merkle tree (RFC 6962);
with the hashes of range-proof.json they give the root in the signed checkpoint (C2SP tlog-checkpoint, Ed25519).
Where there are lines of an access review (review/*.ndjson), they are hashed the same way, and their root is the one that the
event of the review's end names as after.root. The root over what each of them holds as line is the one that the event of
its start (review/start.json, with its audit path to the same root) names as detail.root.
What a pack cannot prove: that a hidden event does not match the query (ask for it by its index), and that the log has
not grown since (keep the checkpoint, and ask for the next pack "since" it).
`
