import { emptyRoot, nodeHash, type NodeReader } from './merkle.ts'
import type { Hash } from './digest.ts'

/** A complete node of the tree: `2^level` leaves from `index * 2^level`. */
interface Node {
  readonly level: number
  readonly index: number
}

/** The fewest complete nodes that cover the leaves `[start, end)`, from left to right: at most 2·log₂ of them. */
function nodesOver(start: number, end: number): Node[] {
  const nodes: Node[] = []
  for (let at = start; at < end;) {
    let level = 0
    while (at % 2 ** (level + 1) === 0 && at + 2 ** (level + 1) <= end) level += 1
    nodes.push({ level, index: at / 2 ** level })
    at += 2 ** level
  }
  return nodes
}

/** All that is needed beside the leaves `[start, end)` to compute the root of a tree of `size` leaves. */
export interface RangeProof {
  /** Hashes of the nodes over `[0, start)`. */
  readonly left: readonly Hash[]
  /** Hashes of the nodes over `[end, size)`. */
  readonly right: readonly Hash[]
}

/** Proves that leaves stand where they stand in the tree, none left out between them. Throws for a range outside of it. */
export async function rangeProof(
  start: number,
  end: number,
  size: number,
  read: NodeReader,
): Promise<RangeProof> {
  if (start < 0 || start > end || end > size)
    throw new RangeError('the range lies outside the tree')
  const over = (from: number, to: number) =>
    Promise.all(nodesOver(from, to).map(async ({ level, index }) => read(level, index)))
  return { left: await over(0, start), right: await over(end, size) }
}

/** Computes a root from nodes that come from left to right: keeps one hash for each bit of what came so far. */
export class RootBuilder {
  readonly #whole: { level: number; hash: Hash }[] = []
  #size = 0

  /** How many leaves came so far. */
  get size(): number {
    return this.#size
  }

  /** Takes the next node. Throws when no complete node of this level can stand here. */
  async add(hash: Hash, level = 0): Promise<void> {
    if (this.#size % 2 ** level !== 0) throw new RangeError('no such node stands here')
    this.#size += 2 ** level
    let node = { level, hash }
    for (let left = this.#whole.at(-1); left?.level === node.level; left = this.#whole.at(-1)) {
      this.#whole.pop()
      node = { level: node.level + 1, hash: await nodeHash(left.hash, node.hash) }
    }
    this.#whole.push(node)
  }

  /** The root of what came so far (RFC 6962 MTH). */
  async root(): Promise<Hash> {
    let root: Hash | undefined
    for (const { hash } of this.#whole.toReversed()) root = root ? await nodeHash(hash, root) : hash
    return root ?? emptyRoot()
  }

  /** Takes the hashes over `[start, end)`; false when they are not as many as there are nodes. */
  async addOver(start: number, end: number, hashes: readonly Hash[]): Promise<boolean> {
    const nodes = nodesOver(start, end)
    if (nodes.length !== hashes.length) return false
    for (const [at, { level }] of nodes.entries()) await this.add(hashes[at] as Hash, level)
    return true
  }
}
