import {
  createHmac,
  createSecretKey,
  randomBytes,
  randomInt,
  randomUUID,
  type KeyObject,
} from 'node:crypto'
import { kekVersionOf, open, rewrap, seal, SealBrokenError, type Place } from './envelope.ts'
import type { KeyWrapProvider } from './key-wrap.ts'

/** A key of the vault as it is stored: wrapped. `kek` wraps data keys, in versions; `fingerprint` compares values. */
export interface WrappedKey {
  readonly purpose: 'kek' | 'fingerprint'
  readonly version: number
  readonly deployment: string
  readonly provider: string
  readonly keyRef: string
  readonly wrapped: Uint8Array
}

/** Where wrapped keys are kept. `add` answers false when another server was first with that purpose and version. */
export interface WrappedKeys {
  list(): Promise<readonly WrappedKey[]>
  add(key: WrappedKey): Promise<boolean>
}

export type SecretPlace = Omit<Place, 'deployment'>

export interface Vault {
  readonly kekVersion: number
  /** Seals a value for one version of one secret. */
  seal(value: Uint8Array, place: SecretPlace): Buffer
  /** Opens it again: for leases only, never for the console. The caller fills the answer with zeros. */
  open(sealed: Uint8Array, place: SecretPlace): Buffer
  /** The same under the newest key; the input itself when it is already. */
  rewrap(sealed: Uint8Array, place: SecretPlace): Buffer
  /** Equal for equal values, and tells nothing without the vault's key. */
  fingerprint(value: Uint8Array): Buffer
  /** Makes the next version of the key-encryption key; what is sealed from now on uses it. */
  rotate(): Promise<number>
  health(): Promise<{ ok: boolean; latencyMs: number }>
}

const contextOf = (key: Pick<WrappedKey, 'purpose' | 'version' | 'deployment'>) => ({
  purpose: key.purpose,
  version: String(key.version),
  deployment: key.deployment,
})

async function make(
  provider: KeyWrapProvider,
  keys: WrappedKeys,
  about: Pick<WrappedKey, 'purpose' | 'version' | 'deployment'>,
): Promise<void> {
  const key = randomBytes(32)
  const { blob, keyRef } = await provider.wrap(key, contextOf(about))
  key.fill(0)
  await keys.add({ ...about, provider: provider.id, keyRef, wrapped: blob })
}

/** Unwraps the vault's keys, making them at the very first start; throws the sentence when they cannot be unwrapped. */
export async function openVault(provider: KeyWrapProvider, keys: WrappedKeys): Promise<Vault> {
  if ((await keys.list()).length === 0) {
    const deployment = randomUUID()
    await make(provider, keys, { purpose: 'kek', version: 1, deployment })
  }
  // Two servers may start at once: what is stored first is what both use.
  const deployment = (await keys.list())[0]?.deployment
  if (!deployment) throw new Error('the vault has no key')
  if (!(await keys.list()).some(({ purpose }) => purpose === 'fingerprint')) {
    await make(provider, keys, { purpose: 'fingerprint', version: 1, deployment })
  }
  const keks = new Map<number, KeyObject>()
  let fingerprintKey: KeyObject | undefined
  let newest = 0
  const load = async () => {
    for (const stored of await keys.list()) {
      const bytes = await provider.unwrap(stored.wrapped, stored.keyRef, contextOf(stored))
      const key = createSecretKey(bytes)
      bytes.fill(0)
      if (stored.purpose === 'fingerprint') fingerprintKey = key
      else keks.set(stored.version, key)
    }
    newest = Math.max(...keks.keys())
  }
  await load()

  const kek = (version: number): KeyObject => {
    const key = keks.get(version)
    if (!key) throw new SealBrokenError()
    return key
  }
  const placed = (place: SecretPlace): Place => ({ ...place, deployment })
  return {
    get kekVersion() {
      return newest
    },
    seal: (value, place) => seal(value, placed(place), { version: newest, key: kek(newest) }),
    open(sealed, place) {
      return open(Buffer.from(sealed), placed(place), kek(kekVersionOf(sealed)))
    },
    rewrap(sealed, place) {
      const version = kekVersionOf(sealed)
      const bytes = Buffer.from(sealed)
      if (version === newest) return bytes
      return rewrap(bytes, placed(place), kek(version), { version: newest, key: kek(newest) })
    },
    fingerprint(value) {
      if (!fingerprintKey) throw new Error('the vault has no fingerprint key')
      return createHmac('sha256', fingerprintKey).update(value).digest()
    },
    async rotate() {
      await make(provider, keys, { purpose: 'kek', version: newest + 1, deployment })
      await load()
      return newest
    },
    health: () => provider.health(),
  }
}

const letters = '0123456789abcdefghjkmnpqrstvwxyz'

/** The stand-in shown wherever a secret's value would be. Random: it has nothing to do with the value. */
export function standIn(): string {
  return `sp_tok_${Array.from({ length: 16 }, () => letters[randomInt(letters.length)]).join('')}`
}
