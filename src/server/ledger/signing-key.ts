import { createPrivateKey, createPublicKey, hkdfSync, sign, type KeyObject } from 'node:crypto'
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { formatVerifierKey } from '../../proof/checkpoint.ts'
import { keptText } from '../kept-file.ts'

/** The key that signs checkpoints: Ed25519, for nothing else. */
export interface SigningKey {
  readonly publicKey: Buffer
  sign(text: Uint8Array): Promise<Uint8Array>
}

// RFC 8410 §7: the PKCS#8 wrapping of a 32-byte Ed25519 seed.
const pkcs8 = Buffer.from('302e020100300506032b657004220420', 'hex')

export function signingKeyFrom(seed: Uint8Array): SigningKey {
  const key: KeyObject = createPrivateKey({
    key: Buffer.concat([pkcs8, seed]),
    format: 'der',
    type: 'pkcs8',
  })
  const spki = createPublicKey(key).export({ format: 'der', type: 'spki' })
  return {
    publicKey: spki.subarray(spki.length - 32),
    sign: (text) => Promise.resolve(sign(null, text, key)),
  }
}

/** Derives the ledger's own key from the master key (HKDF-SHA-256, RFC 5869), so that neither stands for the other. */
export function signingKeyOf(masterKey: Buffer): SigningKey {
  return signingKeyFrom(
    Buffer.from(hkdfSync('sha256', masterKey, '', 'sallyport ledger checkpoint key v1', 32)),
  )
}

export const verifierKeyFile = (dataDir: string): string => join(dataDir, 'ledger-key.pub')

/** Writes the log's verifier key where an auditor takes it from: out of band, beside no evidence. */
export async function publishVerifierKey(
  dataDir: string,
  origin: string,
  key: SigningKey,
): Promise<string> {
  const text = await formatVerifierKey(origin, key.publicKey)
  mkdirSync(dataDir, { recursive: true })
  const file = verifierKeyFile(dataDir)
  // A pinned key is never replaced: another one is a finding.
  keptText(file, () => text)
  return text
}
