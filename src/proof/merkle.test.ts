import { createHash } from 'node:crypto'
import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  consistencyProof,
  emptyRoot,
  inclusionProof,
  leafHash,
  rootOf,
  verifyConsistency,
  verifyInclusion,
  type NodeReader,
} from './merkle.ts'
import type { Hash } from './digest.ts'
import { appendToTiles, nodesFromTiles } from './tiles.ts'
import { toHex } from './bytes.ts'

// A second, naive implementation straight from RFC 6962 §2.1, on another hash library.
const sha = (...parts: Uint8Array[]): Hash =>
  Uint8Array.from(createHash('sha256').update(Buffer.concat(parts)).digest())
function naiveRoot(leaves: Uint8Array[]): Hash {
  if (leaves.length === 0) return sha()
  if (leaves.length === 1) return sha(Uint8Array.of(0), leaves[0] as Uint8Array)
  let k = 1
  while (k * 2 < leaves.length) k *= 2
  return sha(Uint8Array.of(1), naiveRoot(leaves.slice(0, k)), naiveRoot(leaves.slice(k)))
}
const leavesOf = (count: number) =>
  Array.from({ length: count }, (_, at) => Buffer.from(`leaf ${at}`))
const naiveReader =
  (leaves: Uint8Array[]): NodeReader =>
  (level, index) =>
    naiveRoot(leaves.slice(index * 2 ** level, (index + 1) * 2 ** level))

// The reference roots of the Certificate Transparency project's eight-leaf tree, as every RFC 6962 implementation prints them.
const vectors = [
  '',
  '00',
  '10',
  '2021',
  '3031',
  '40414243',
  '5051525354555657',
  '606162636465666768696a6b6c6d6e6f',
]
const vectorRoots = [
  '6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d',
  'fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125',
  'aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77',
  'd37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7',
  '4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4',
  '76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef',
  'ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c',
  '5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328',
]

describe('the Merkle tree', () => {
  test('has the published roots of RFC 6962 implementations', async () => {
    expect(toHex(await emptyRoot())).toBe(
      'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855',
    )
    const leaves = vectors.map((text) => Buffer.from(text, 'hex'))
    for (let size = 1; size <= 8; size++) {
      const root = await rootOf(size, naiveReader(leaves))
      expect(toHex(root)).toBe(vectorRoots[size - 1])
    }
  })

  test('grown tile by tile in random batches, has the naive root at every size', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.integer({ min: 1, max: 300 }), { maxLength: 6 }),
        async (batches) => {
          const tiles = new Map<string, Uint8Array>()
          const read = (level: number, index: number) =>
            Promise.resolve(tiles.get(`${level}/${index}`))
          const all = leavesOf(batches.reduce((sum, count) => sum + count, 0))
          let size = 0
          for (const count of batches) {
            const hashes = await Promise.all(
              all.slice(size, size + count).map(async (leaf) => leafHash(leaf)),
            )
            for (const tile of await appendToTiles(size, hashes, read)) {
              tiles.set(`${tile.level}/${tile.index}`, tile.hashes)
            }
            size += count
            expect(toHex(await rootOf(size, nodesFromTiles(read)))).toBe(
              toHex(naiveRoot(all.slice(0, size))),
            )
          }
        },
      ),
      { numRuns: 25 },
    )
  })

  test('proves every leaf, and no proof survives a change of leaf, index, size, path or root', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 1, max: 130 }),
        fc.nat(),
        fc.nat(),
        async (size, pick, bit) => {
          const leaves = leavesOf(size)
          const index = pick % size
          const root = naiveRoot(leaves)
          const leaf = await leafHash(leaves[index] as Uint8Array)
          const proof = await inclusionProof(index, size, naiveReader(leaves))
          expect(await verifyInclusion(leaf, index, size, proof, root)).toBe(true)
          const flip = (hash: Hash) => hash.map((byte, at) => (at === bit % 32 ? byte ^ 1 : byte))
          expect(await verifyInclusion(flip(leaf), index, size, proof, root)).toBe(false)
          expect(await verifyInclusion(leaf, index, size, proof, flip(root))).toBe(false)
          expect(await verifyInclusion(leaf, size, size, proof, root)).toBe(false)
          const refused = async (...given: Parameters<typeof verifyInclusion>) =>
            expect(await verifyInclusion(...given)).toBe(false)
          if (size > 1) {
            await refused(leaf, (index + 1) % size, size, proof, root)
            await refused(leaf, index, size, proof.slice(1), root)
            const spoiled = proof.map((hash, at) => (at === bit % proof.length ? flip(hash) : hash))
            await refused(leaf, index, size, spoiled, root)
          }
          expect(await verifyInclusion(leaf, index, size, [...proof, root], root)).toBe(false)
        },
      ),
      { numRuns: 60 },
    )
  })

  test('proves that a smaller tree is the beginning of a larger one, and refuses a rewritten one', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 1, max: 100 }),
        fc.nat({ max: 60 }),
        fc.nat(),
        async (first, more, pick) => {
          const second = first + more
          const leaves = leavesOf(second)
          const [one, other] = [naiveRoot(leaves.slice(0, first)), naiveRoot(leaves)]
          const proof = await consistencyProof(first, second, naiveReader(leaves))
          expect(await verifyConsistency(first, second, one, other, proof)).toBe(true)
          const rewritten = leaves.map((leaf, at) =>
            at === pick % first ? Buffer.from('rewritten') : leaf,
          )
          const forged = await consistencyProof(first, second, naiveReader(rewritten))
          expect(await verifyConsistency(first, second, one, naiveRoot(rewritten), forged)).toBe(
            false,
          )
          const longer = await verifyConsistency(first, second, one, other, [...proof, one])
          expect(longer).toBe(false)
        },
      ),
      { numRuns: 60 },
    )
  })
})
