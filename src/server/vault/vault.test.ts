import { createSecretKey, randomBytes } from 'node:crypto'
import { mkdtempSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { array, assert, property, string, uint8Array } from 'fast-check'
import { expect, test } from 'vitest'
import { open, seal, SealBrokenError } from './envelope.ts'
import { masterKeyProvider } from './key-wrap.ts'
import { masterKeyOf } from './master-key.ts'
import { tuple } from './tuple.ts'
import { openVault, standIn, type WrappedKey, type WrappedKeys } from './vault.ts'

function inMemory(): WrappedKeys & { readonly stored: WrappedKey[] } {
  const stored: WrappedKey[] = []
  return {
    stored,
    async list() {
      return [...stored]
    },
    async add(key) {
      const taken = stored.some(
        ({ purpose, version }) => purpose === key.purpose && version === key.version,
      )
      if (!taken) stored.push(key)
      return !taken
    },
  }
}

const place = { contextId: 'c1', secretId: 's1', name: 'TOKEN', version: 3 }
const value = Buffer.from('correct horse battery staple')
const freshVault = () => openVault(masterKeyProvider(randomBytes(32)), inMemory())

test('P32: a sealed value opens in its place, and nowhere else', async () => {
  const vault = await freshVault()
  const sealed = vault.seal(value, place)
  expect(vault.open(sealed, place)).toEqual(value)
  const elsewhere = [
    { ...place, contextId: 'c2' },
    { ...place, secretId: 's2' },
    { ...place, name: 'TOKEN2' },
    { ...place, version: 2 },
  ]
  for (const other of elsewhere) expect(() => vault.open(sealed, other)).toThrow(SealBrokenError)
  const otherDeployment = await freshVault()
  expect(() => otherDeployment.open(sealed, place)).toThrow(SealBrokenError)
})

test('P32: every flipped bit and every truncation is noticed', async () => {
  const vault = await freshVault()
  const sealed = vault.seal(value, place)
  for (let bit = 0; bit < sealed.length * 8; bit++) {
    const altered = Buffer.from(sealed)
    altered[bit >> 3] = (altered[bit >> 3] ?? 0) ^ (1 << (bit & 7))
    expect(() => vault.open(altered, place), `bit ${bit}`).toThrow(SealBrokenError)
  }
  for (let length = 0; length < sealed.length; length++) {
    expect(() => vault.open(sealed.subarray(0, length), place)).toThrow(SealBrokenError)
  }
})

test('negative control: a seal that is not bound to its place opens in another', () => {
  const kek = { version: 1, key: createSecretKey(randomBytes(32)) }
  const nowhere = { deployment: 'd', contextId: '', secretId: '', name: '', version: 0 }
  // A build that forgot to pass the place on: the swap that the test above refuses goes unnoticed.
  const careless = (bytes: Buffer, _where: typeof place) => open(bytes, nowhere, kek.key)
  const sealed = seal(value, nowhere, kek)
  expect(careless(sealed, { ...place, contextId: 'c2' })).toEqual(value)
})

test('the tuple is injective where joining is not', () => {
  expect(['a', 'bc'].join('')).toBe(['ab', 'c'].join(''))
  expect(tuple('a', 'bc')).not.toEqual(tuple('ab', 'c'))
  assert(
    property(array(string()), array(string()), (one, other) => {
      const same = JSON.stringify(one) === JSON.stringify(other)
      expect(tuple(...one).equals(tuple(...other))).toBe(same)
    }),
  )
})

test('any bytes come back as they were, also none', async () => {
  const vault = await freshVault()
  assert(
    property(uint8Array({ maxLength: 2_000 }), (bytes) => {
      expect(vault.open(vault.seal(bytes, place), place)).toEqual(Buffer.from(bytes))
    }),
  )
})

test('rotation: old values open, rewrapped ones keep their place, new ones use the new key', async () => {
  const keys = inMemory()
  const provider = masterKeyProvider(randomBytes(32))
  const vault = await openVault(provider, keys)
  const sealed = vault.seal(value, place)
  expect(await vault.rotate()).toBe(2)
  expect(vault.open(sealed, place)).toEqual(value)
  const moved = vault.rewrap(sealed, place)
  expect(moved.readUInt32BE(1)).toBe(2)
  expect(vault.open(moved, place)).toEqual(value)
  expect(() => vault.rewrap(sealed, { ...place, name: 'OTHER' })).toThrow(SealBrokenError)
  const again = await openVault(provider, keys)
  expect(again.open(moved, place)).toEqual(value)
  expect(again.kekVersion).toBe(2)
})

test('two servers that start at once use the same keys', async () => {
  const keys = inMemory()
  const provider = masterKeyProvider(randomBytes(32))
  const [one, other] = await Promise.all([openVault(provider, keys), openVault(provider, keys)])
  expect(other.open(one.seal(value, place), place)).toEqual(value)
  expect(other.fingerprint(value)).toEqual(one.fingerprint(value))
})

test('fingerprints tell equal values, and differ between deployments', async () => {
  const vault = await freshVault()
  expect(vault.fingerprint(value)).toEqual(vault.fingerprint(Buffer.from(value)))
  expect(vault.fingerprint(value)).not.toEqual(vault.fingerprint(Buffer.from('other')))
  expect((await freshVault()).fingerprint(value)).not.toEqual(vault.fingerprint(value))
})

test('another master key is refused with a sentence; a key bound elsewhere does not unwrap', async () => {
  const keys = inMemory()
  const provider = masterKeyProvider(randomBytes(32))
  await openVault(provider, keys)
  await expect(openVault(masterKeyProvider(randomBytes(32)), keys)).rejects.toThrow(
    'SALLYPORT_MASTER_KEY',
  )
  const { blob, keyRef } = await provider.wrap(randomBytes(32), { purpose: 'kek' })
  await expect(provider.unwrap(blob, keyRef, { purpose: 'fingerprint' })).rejects.toThrow(keyRef)
})

test('the generated master key is kept, for its owner alone', () => {
  const dataDir = mkdtempSync(join(tmpdir(), 'sallyport-key-'))
  const key = masterKeyOf({ dataDir })
  expect(masterKeyOf({ dataDir })).toEqual(key)
  expect(statSync(join(dataDir, 'master-key')).mode & 0o777).toBe(0o600)
})

test('stand-ins are random and have one form', () => {
  const made = Array.from({ length: 200 }, standIn)
  expect(new Set(made).size).toBe(200)
  for (const token of made) expect(token).toMatch(/^sp_tok_[0-9a-z]{16}$/)
})
