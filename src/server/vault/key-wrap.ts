import { createCipheriv, createDecipheriv, createHash, randomBytes } from 'node:crypto'
import { tuple } from './tuple.ts'

/** What a wrapped key is bound to: unwrapping with any other context fails. */
type WrapContext = Readonly<Record<string, string>>

/** Who wraps the vault's keys: a KMS, a transit engine, an HSM, or the master key of this deployment. */
export interface KeyWrapProvider {
  /** Stored beside each wrapped key, so that a changed provider is noticed. */
  readonly id: string
  wrap(key: Uint8Array, context: WrapContext): Promise<{ blob: Uint8Array; keyRef: string }>
  unwrap(blob: Uint8Array, keyRef: string, context: WrapContext): Promise<Uint8Array>
  health(): Promise<{ ok: boolean; latencyMs: number }>
}

/** A key could not be unwrapped: another master key, or the stored key was altered. */
class WrongKeyError extends Error {
  constructor(keyRef: string) {
    super(
      `The vault's keys were wrapped by another master key (${keyRef}). Set SALLYPORT_MASTER_KEY to the one they were made with; without it the stored secrets cannot be used.`,
    )
    this.name = 'WrongKeyError'
  }
}

const contextBytes = (context: WrapContext) =>
  tuple(
    'sallyport-wrap/1',
    ...Object.keys(context)
      .toSorted((one, other) => (one < other ? -1 : 1))
      .flatMap((name) => [name, context[name] ?? '']),
  )

/** Wraps by 32 bytes that are kept outside of the database (AES-256-GCM, the context as associated data). */
export function masterKeyProvider(masterKey: Uint8Array): KeyWrapProvider {
  if (masterKey.length !== 32) throw new Error('the master key has 32 bytes')
  const keyRef = createHash('sha256')
    .update('sallyport-key-ref')
    .update(masterKey)
    .digest('hex')
    .slice(0, 16)
  return {
    id: 'master-key',
    async wrap(key, context) {
      const iv = randomBytes(12)
      const cipher = createCipheriv('aes-256-gcm', masterKey, iv).setAAD(contextBytes(context))
      const body = Buffer.concat([cipher.update(key), cipher.final()])
      return { blob: Buffer.concat([iv, body, cipher.getAuthTag()]), keyRef }
    },
    async unwrap(blob, wrappedBy, context) {
      try {
        const decipher = createDecipheriv('aes-256-gcm', masterKey, blob.subarray(0, 12), {
          authTagLength: 16,
        })
        decipher.setAAD(contextBytes(context)).setAuthTag(blob.subarray(-16))
        return Buffer.concat([decipher.update(blob.subarray(12, -16)), decipher.final()])
      } catch {
        throw new WrongKeyError(wrappedBy)
      }
    },
    async health() {
      return { ok: true, latencyMs: 0 }
    },
  }
}
