import {
  createCipheriv,
  createDecipheriv,
  createSecretKey,
  hkdfSync,
  randomBytes,
  timingSafeEqual,
  type KeyObject,
} from 'node:crypto'
import { tuple } from './tuple.ts'

/** Where a sealed value belongs: opening it anywhere else fails. */
export interface Place {
  readonly deployment: string
  readonly contextId: string
  readonly secretId: string
  readonly name: string
  readonly version: number
}

/** A sealed value does not belong where it was found, or was altered. Never says more, lest it become an oracle. */
export class SealBrokenError extends Error {
  constructor() {
    super('The stored value is not the one that was sealed here.')
    this.name = 'SealBrokenError'
  }
}

/*
 * 1 format ‖ 4 KEK version ‖ 16 DEK id ‖ 60 wrapped DEK (12 iv, 32, 16 tag) ‖ 32 commitment ‖ 12 iv ‖ value ‖ 16 tag.
 * The KEK's version is bound into the wrapped DEK only, so that rotation rewraps 60 bytes and leaves the value alone.
 */
const format = 1
const at = { kek: 1, dekId: 5, dek: 21, commitment: 81, iv: 113, value: 125 }
const tagLength = 16

const placeParts = (place: Place, dekId: Buffer) => [
  place.deployment,
  place.contextId,
  place.secretId,
  place.name,
  String(place.version),
  dekId.toString('hex'),
  'AES-256-GCM',
]
const valueBinding = (place: Place, dekId: Buffer) =>
  tuple('sallyport-secret/1', ...placeParts(place, dekId))
const dekBinding = (place: Place, dekId: Buffer, kekVersion: number) =>
  tuple('sallyport-dek/1', ...placeParts(place, dekId), String(kekVersion))

// GCM does not commit to its key: one ciphertext can open under two. The commitment is checked before anything else.
const commitmentOf = (dek: KeyObject) =>
  Buffer.from(hkdfSync('sha256', dek, Buffer.alloc(0), 'sallyport-commit/1', 32))

function encrypt(key: KeyObject, iv: Buffer, value: Uint8Array, binding: Buffer): Buffer {
  const cipher = createCipheriv('aes-256-gcm', key, iv).setAAD(binding)
  return Buffer.concat([cipher.update(value), cipher.final(), cipher.getAuthTag()])
}

function decrypt(key: KeyObject, iv: Buffer, sealed: Buffer, binding: Buffer): Buffer {
  const decipher = createDecipheriv('aes-256-gcm', key, iv, { authTagLength: tagLength })
  decipher.setAAD(binding).setAuthTag(sealed.subarray(-tagLength))
  return Buffer.concat([decipher.update(sealed.subarray(0, -tagLength)), decipher.final()])
}

function header(kekVersion: number, dekId: Buffer): Buffer {
  const bytes = Buffer.alloc(at.dek)
  bytes.writeUInt8(format, 0)
  bytes.writeUInt32BE(kekVersion, at.kek)
  dekId.copy(bytes, at.dekId)
  return bytes
}

function wrapDek(dek: Buffer, kek: KeyObject, binding: Buffer): Buffer {
  const iv = randomBytes(12)
  return Buffer.concat([iv, encrypt(kek, iv, dek, binding)])
}

/** Seals a value under a data key of its own, which is wrapped by the key-encryption key. */
export function seal(
  value: Uint8Array,
  place: Place,
  kek: { version: number; key: KeyObject },
): Buffer {
  const dek = randomBytes(32)
  const dekId = randomBytes(16)
  const iv = randomBytes(12)
  try {
    const key = createSecretKey(dek)
    return Buffer.concat([
      header(kek.version, dekId),
      wrapDek(dek, kek.key, dekBinding(place, dekId, kek.version)),
      commitmentOf(key),
      iv,
      encrypt(key, iv, value, valueBinding(place, dekId)),
    ])
  } finally {
    dek.fill(0)
  }
}

export function kekVersionOf(sealed: Uint8Array): number {
  const bytes = Buffer.from(sealed)
  if (bytes.length < at.value + tagLength || bytes.readUInt8(0) !== format)
    throw new SealBrokenError()
  return bytes.readUInt32BE(at.kek)
}

function unwrapDek(sealed: Buffer, place: Place, kek: KeyObject) {
  const version = kekVersionOf(sealed)
  const dekId = sealed.subarray(at.dekId, at.dek)
  const wrapped = sealed.subarray(at.dek, at.commitment)
  const binding = dekBinding(place, dekId, version)
  const dek = decrypt(kek, wrapped.subarray(0, 12), wrapped.subarray(12), binding)
  const key = createSecretKey(dek)
  if (!timingSafeEqual(commitmentOf(key), sealed.subarray(at.commitment, at.iv))) {
    dek.fill(0)
    throw new SealBrokenError()
  }
  return { dek, key, dekId }
}

/** Opens what `seal` made, in its place only. The caller fills the answer with zeros when done. */
export function open(sealed: Buffer, place: Place, kek: KeyObject): Buffer {
  let dek: Buffer | undefined
  try {
    const unwrapped = unwrapDek(sealed, place, kek)
    dek = unwrapped.dek
    const iv = sealed.subarray(at.iv, at.value)
    return decrypt(
      unwrapped.key,
      iv,
      sealed.subarray(at.value),
      valueBinding(place, unwrapped.dekId),
    )
  } catch {
    throw new SealBrokenError()
  } finally {
    dek?.fill(0)
  }
}

/** The same sealed value with its data key wrapped by another key-encryption key: what rotation stores. */
export function rewrap(
  sealed: Buffer,
  place: Place,
  from: KeyObject,
  to: { version: number; key: KeyObject },
): Buffer {
  let dek: Buffer | undefined
  try {
    const unwrapped = unwrapDek(sealed, place, from)
    dek = unwrapped.dek
    const { dekId } = unwrapped
    return Buffer.concat([
      header(to.version, dekId),
      wrapDek(dek, to.key, dekBinding(place, dekId, to.version)),
      sealed.subarray(at.commitment),
    ])
  } catch {
    throw new SealBrokenError()
  } finally {
    dek?.fill(0)
  }
}
