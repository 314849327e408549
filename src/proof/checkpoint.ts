import { concat, fromBase64, toBase64, toHex, utf8 } from './bytes.ts'
import type { Hash } from './digest.ts'

/** A statement about the log: so many leaves, with this root (C2SP tlog-checkpoint). */
export interface Checkpoint {
  /** The log's unique name, a schema-less URL. */
  readonly origin: string
  readonly size: number
  readonly root: Hash
}

/** A key that verifies notes: `<name>+<hash>+<base64 of type byte and Ed25519 public key>` (C2SP signed-note). */
export interface VerifierKey {
  readonly name: string
  readonly keyId: Uint8Array
  readonly publicKey: Uint8Array<ArrayBuffer>
}

const ed25519 = 1

async function keyIdOf(name: string, publicKey: Uint8Array): Promise<Uint8Array<ArrayBuffer>> {
  const bytes = concat(utf8(`${name}\n`), Uint8Array.of(ed25519), publicKey)
  return new Uint8Array(await crypto.subtle.digest('SHA-256', bytes)).slice(0, 4)
}

/** Writes a verifier key in its text form. */
export async function formatVerifierKey(name: string, publicKey: Uint8Array): Promise<string> {
  const id = await keyIdOf(name, publicKey)
  return `${name}+${toHex(id)}+${toBase64(concat(Uint8Array.of(ed25519), publicKey))}`
}

/** Reads a verifier key; throws when its parts do not belong together. */
export async function parseVerifierKey(text: string): Promise<VerifierKey> {
  const match = /^([^+\s]+)\+([0-9a-f]{8})\+(\S+)$/.exec(text.trim())
  if (!match) throw new Error('not a verifier key: <name>+<hash>+<key> expected')
  const [, name = '', id = '', encoded = ''] = match
  const bytes = fromBase64(encoded)
  if (bytes[0] !== ed25519 || bytes.length !== 33) throw new Error('not an Ed25519 verifier key')
  const publicKey = bytes.slice(1)
  const keyId = await keyIdOf(name, publicKey)
  if (toHex(keyId) !== id) throw new Error('the verifier key and its hash do not belong together')
  return { name, keyId, publicKey }
}

/** The text that is signed: origin, size and root, each on a line. */
function checkpointText({ origin, size, root }: Checkpoint): string {
  return `${origin}\n${size}\n${toBase64(root)}\n`
}

/** Signs a text as a note (C2SP signed-note): the text, an empty line, and the signature under the log's name. */
export async function signNote(
  text: string,
  name: string,
  publicKey: Uint8Array,
  sign: (text: Uint8Array<ArrayBuffer>) => Promise<Uint8Array>,
): Promise<string> {
  const id = await keyIdOf(name, publicKey)
  const signature = concat(id, await sign(utf8(text)))
  return `${text}\n— ${name} ${toBase64(signature)}\n`
}

/** Signs a checkpoint as a note. `sign` is Ed25519 over the text's bytes. */
export const signCheckpoint = (
  checkpoint: Checkpoint,
  publicKey: Uint8Array,
  sign: (text: Uint8Array<ArrayBuffer>) => Promise<Uint8Array>,
): Promise<string> => signNote(checkpointText(checkpoint), checkpoint.origin, publicKey, sign)

/**
 * Opens a signed note: its text, if a signature by `key` is on it and right. Signatures of other keys are ignored, as
 * C2SP signed-note asks of verifiers. `what` it is said to be, for the error.
 */
export async function openNote(note: string, key: VerifierKey, what: string): Promise<string> {
  const end = note.indexOf('\n\n')
  if (end < 0 || note.length > 100_000) throw new Error('not a signed note')
  const text = note.slice(0, end + 1)
  for (const line of note.slice(end + 2).split('\n')) {
    const match = /^— (\S+) (\S+)$/.exec(line)
    if (!match || match[1] !== key.name) continue
    const bytes = fromBase64(match[2] ?? '')
    if (toHex(bytes.slice(0, 4)) !== toHex(key.keyId)) continue
    const imported = await crypto.subtle.importKey('raw', key.publicKey, 'Ed25519', false, [
      'verify',
    ])
    if (await crypto.subtle.verify('Ed25519', imported, bytes.slice(4), utf8(text))) return text
    throw new Error(`the signature of the ${what} is wrong`)
  }
  throw new Error(`the ${what} carries no signature by this key`)
}

/** Opens a signed checkpoint of the key's own log. */
export async function openCheckpoint(note: string, key: VerifierKey): Promise<Checkpoint> {
  const end = note.indexOf('\n\n')
  if (end < 0) throw new Error('not a signed note')
  const checkpoint = parseText(note.slice(0, end + 1))
  if (checkpoint.origin !== key.name) {
    throw new Error(`the checkpoint is of another log: ${checkpoint.origin}`)
  }
  await openNote(note, key, 'checkpoint')
  return checkpoint
}

function parseText(text: string): Checkpoint {
  const [origin = '', size = '', root = '', ...rest] = text.split('\n')
  if (!origin || !/^(0|[1-9]\d{0,15})$/.test(size) || rest.join('') !== '' || rest.length !== 1) {
    throw new Error('not a checkpoint')
  }
  const hash = fromBase64(root)
  if (hash.length !== 32) throw new Error('not a checkpoint')
  return { origin, size: Number(size), root: hash }
}
