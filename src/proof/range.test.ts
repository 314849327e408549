import { expect, test } from 'vitest'
import { equal, leafHash, nodeHash, rootOf, type NodeReader } from './merkle.ts'
import type { Hash } from './digest.ts'
import { rangeProof, RootBuilder } from './range.ts'

/** The naive tree of RFC 6962 §2.1 over so many different leaves. */
async function treeOf(size: number) {
  const leaves = await Promise.all(
    Array.from({ length: size }, async (_, at) => leafHash(Uint8Array.of(at, at >> 8))),
  )
  const read: NodeReader = async (level, index) => {
    if (level === 0) return leaves[index] as Hash
    return nodeHash(await read(level - 1, index * 2), await read(level - 1, index * 2 + 1))
  }
  return { leaves, read, root: await rootOf(size, read) }
}

async function built(
  size: number,
  start: number,
  leaves: readonly Hash[],
  proof: { left: readonly Hash[]; right: readonly Hash[] },
) {
  const tree = new RootBuilder()
  const end = start + leaves.length
  if (!(await tree.addOver(0, start, proof.left))) return undefined
  for (const leaf of leaves) await tree.add(leaf)
  if (end > size || !(await tree.addOver(end, size, proof.right))) return undefined
  return tree.root()
}

test('every range of every tree of 1 to 40 leaves, and around 64 and 256, leads to its root', async () => {
  const sizes = [...Array.from({ length: 40 }, (_, at) => at + 1), 63, 64, 65, 255, 256, 257]
  let ranges = 0
  for (const size of sizes) {
    const { leaves, read, root } = await treeOf(size)
    const step = size > 40 ? 13 : 1
    for (let start = 0; start <= size; start += step) {
      for (let end = start; end <= size; end += step) {
        const proof = await rangeProof(start, end, size, read)
        expect(proof.left.length + proof.right.length).toBeLessThanOrEqual(
          3 * Math.ceil(Math.log2(size)) + 1,
        )
        const leadsTo = await built(size, start, leaves.slice(start, end), proof)
        expect(leadsTo, `${start}–${end} of ${size}`).toEqual(root)
        ranges += 1
      }
    }
  }
  expect(ranges).toBeGreaterThan(12_000)
})

test('no other leaf, order, number of leaves, place or proof leads there (the size is signed with the root)', async () => {
  const size = 37
  const { leaves, read, root } = await treeOf(size)
  let tried = 0
  const misses = async (what: string, leadsTo: Promise<Hash | undefined>) => {
    tried += 1
    const hash = await leadsTo.catch(() => undefined)
    expect({ what, leads: hash !== undefined && equal(hash, root) }).toEqual({ what, leads: false })
  }
  const flipped = (hash: Hash | undefined) =>
    Uint8Array.from(hash ?? [], (byte, at) => (at === 9 ? byte ^ 1 : byte))
  for (let start = 0; start < size; start += 3) {
    for (let end = start + 2; end <= size; end += 5) {
      const proof = await rangeProof(start, end, size, read)
      const own = leaves.slice(start, end)
      const swapped = own.with(0, own[1] as Hash).with(1, own[0] as Hash)
      await misses('altered', built(size, start, own.with(1, flipped(own[1])), proof))
      await misses('swapped', built(size, start, swapped, proof))
      await misses('first removed', built(size, start, own.slice(1), proof))
      await misses('last removed', built(size, start, own.slice(0, -1), proof))
      await misses('added', built(size, start, [...own, leaves[0] as Hash], proof))
      await misses('elsewhere', built(size, start + 1, own, proof))
      for (const side of ['left', 'right'] as const) {
        if (proof[side].length === 0) continue
        const [first, ...rest] = proof[side]
        await misses(
          'altered proof',
          built(size, start, own, { ...proof, [side]: [flipped(first), ...rest] }),
        )
        await misses('shorter proof', built(size, start, own, { ...proof, [side]: rest }))
      }
    }
  }
  expect(tried).toBeGreaterThan(400)
})
