/**
 * The Merkle tree of RFC 6962 §2.1: leaf hash SHA-256(0x00 ‖ leaf), node hash SHA-256(0x01 ‖ left ‖ right). A node is
 * named by its level (0 = leaves) and its index within the level; only complete nodes exist, the ragged right edge is
 * folded when a root is asked for. Nothing here knows where hashes are kept: a `NodeReader` brings them.
 */
import { digest, type Hash } from './digest.ts'

/** Brings the hash of a complete node: `2^level` leaves from `index * 2^level`. */
export type NodeReader = (level: number, index: number) => Hash | Promise<Hash>

/** SHA-256(0x00 ‖ leaf). */
export function leafHash(leaf: Uint8Array): Hash | Promise<Hash> {
  const bytes = new Uint8Array(leaf.length + 1)
  bytes.set(leaf, 1)
  return digest(bytes)
}

/** SHA-256(0x01 ‖ left ‖ right). */
export function nodeHash(left: Hash, right: Hash): Hash | Promise<Hash> {
  const bytes = new Uint8Array(65)
  bytes[0] = 1
  bytes.set(left, 1)
  bytes.set(right, 33)
  return digest(bytes)
}

/** The root of the empty tree: SHA-256 of nothing. */
export const emptyRoot = (): Hash | Promise<Hash> => digest(new Uint8Array(0))

export function equal(one: Uint8Array, other: Uint8Array): boolean {
  return one.length === other.length && one.every((byte, at) => byte === other[at])
}

/** The exponent of the largest power of two below `size`: RFC 6962's k. */
function splitLevel(size: number): number {
  let level = 0
  while (2 ** (level + 1) < size) level++
  return level
}

/** The root of the leaves `[start, end)`, where `start` is aligned as RFC 6962's recursion makes it. */
async function rangeRoot(start: number, end: number, read: NodeReader): Promise<Hash> {
  const size = end - start
  const exact = Math.log2(size)
  if (Number.isInteger(exact)) return read(exact, start / size)
  const level = splitLevel(size)
  const left = await read(level, start / 2 ** level)
  return nodeHash(left, await rangeRoot(start + 2 ** level, end, read))
}

/** The root of the first `size` leaves (RFC 6962 MTH). */
export async function rootOf(size: number, read: NodeReader): Promise<Hash> {
  return size === 0 ? emptyRoot() : rangeRoot(0, size, read)
}

/** The audit path of one leaf in the tree of the first `size` leaves (RFC 6962 §2.1.1). */
export async function inclusionProof(
  index: number,
  size: number,
  read: NodeReader,
): Promise<Hash[]> {
  const path = async (start: number, end: number): Promise<Hash[]> => {
    if (end - start === 1) return []
    const middle = start + 2 ** splitLevel(end - start)
    return index < middle
      ? [...(await path(start, middle)), await rangeRoot(middle, end, read)]
      : [...(await path(middle, end)), await rangeRoot(start, middle, read)]
  }
  if (index < 0 || index >= size) throw new RangeError('the leaf lies outside of the tree')
  return path(0, size)
}

/** Checks an audit path (RFC 9162 §2.1.3.2): true only if the leaf stands at `index` in the tree with this root. */
export async function verifyInclusion(
  leaf: Hash,
  index: number,
  size: number,
  proof: readonly Hash[],
  root: Hash,
): Promise<boolean> {
  if (index < 0 || index >= size) return false
  let at = index
  let last = size - 1
  let hash = leaf
  for (const sibling of proof) {
    if (last === 0) return false
    if (at % 2 === 1 || at === last) {
      hash = await nodeHash(sibling, hash)
      while (at % 2 === 0 && at !== 0) {
        at /= 2
        last = Math.floor(last / 2)
      }
    } else {
      hash = await nodeHash(hash, sibling)
    }
    at = Math.floor(at / 2)
    last = Math.floor(last / 2)
  }
  return last === 0 && equal(hash, root)
}

/** The proof that the tree of `first` leaves is a prefix of that of `second` (RFC 6962 §2.1.2). */
export async function consistencyProof(
  first: number,
  second: number,
  read: NodeReader,
): Promise<Hash[]> {
  if (first < 0 || first > second) throw new RangeError('the first tree is larger than the second')
  if (first === 0 || first === second) return []
  const sub = async (start: number, end: number, whole: boolean): Promise<Hash[]> => {
    if (first === end) return whole ? [] : [await rangeRoot(start, end, read)]
    const middle = start + 2 ** splitLevel(end - start)
    return first <= middle
      ? [...(await sub(start, middle, whole)), await rangeRoot(middle, end, read)]
      : [...(await sub(middle, end, false)), await rangeRoot(start, middle, read)]
  }
  return sub(0, second, true)
}

/** Checks a consistency proof (RFC 9162 §2.1.4.2). */
export async function verifyConsistency(
  first: number,
  second: number,
  firstRoot: Hash,
  secondRoot: Hash,
  proof: readonly Hash[],
): Promise<boolean> {
  if (first < 0 || first > second) return false
  if (first === second) return proof.length === 0 && equal(firstRoot, secondRoot)
  if (first === 0) return proof.length === 0 && equal(firstRoot, await emptyRoot())
  const exact = Number.isInteger(Math.log2(first))
  const [start, ...rest] = exact ? [firstRoot, ...proof] : proof
  if (!start) return false
  let at = first - 1
  let last = second - 1
  while (at % 2 === 1) {
    at = Math.floor(at / 2)
    last = Math.floor(last / 2)
  }
  let one = start
  let other = start
  for (const hash of rest) {
    if (last === 0) return false
    if (at % 2 === 1 || at === last) {
      one = await nodeHash(hash, one)
      other = await nodeHash(hash, other)
      while (at % 2 === 0 && at !== 0) {
        at /= 2
        last = Math.floor(last / 2)
      }
    } else {
      other = await nodeHash(other, hash)
    }
    at = Math.floor(at / 2)
    last = Math.floor(last / 2)
  }
  return last === 0 && equal(one, firstRoot) && equal(other, secondRoot)
}
