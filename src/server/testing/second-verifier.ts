import { createHash, verify, type KeyObject } from 'node:crypto'

/**
 * A second implementation of what an outsider checks, that shares no code with `proof/`: RFC 6962 §2.1 and its two kinds of
 * proof, as recursive as their definitions stand there, and the reading of a C2SP checkpoint. It judges ours in tests.
 */
export type Bytes = Uint8Array<ArrayBuffer>

/** What an outsider holds: a leaf and its path to one signed root, and the proof that an older one is its beginning. */
export interface Evidence {
  readonly leaf: Bytes
  readonly index: number
  readonly path: readonly Bytes[]
  readonly note: string
  readonly older: string
  readonly proof: readonly Bytes[]
}

export const joined = (...parts: readonly Uint8Array[]): Bytes =>
  Uint8Array.from(Buffer.concat(parts))
const sha = (...parts: readonly Uint8Array[]): Bytes =>
  Uint8Array.from(createHash('sha256').update(Buffer.concat(parts)).digest())
export const hashOfLeaf = (leaf: Uint8Array): Bytes => sha(Uint8Array.of(0), leaf)
const nodeOf = (left: Bytes, right: Bytes): Bytes => sha(Uint8Array.of(1), left, right)

/** k, the largest power of two smaller than n. */
function split(n: number): number {
  let k = 1
  while (k * 2 < n) k *= 2
  return k
}

/** MTH(D[n]), from the hashes of the leaves. */
export function rootOfAll(hashes: readonly Bytes[]): Bytes {
  const [first] = hashes
  if (!first) return sha()
  if (hashes.length === 1) return first
  const k = split(hashes.length)
  return nodeOf(rootOfAll(hashes.slice(0, k)), rootOfAll(hashes.slice(k)))
}

/** The root to which PATH(m, D[n]) leads; nothing where it has another length. */
function along(leaf: Bytes, m: number, n: number, path: readonly Bytes[]): Bytes | undefined {
  if (n === 1) return path.length === 0 ? leaf : undefined
  const beside = path.at(-1)
  if (beside?.length !== 32) return undefined
  const [k, rest] = [split(n), path.slice(0, -1)]
  const inner = m < k ? along(leaf, m, k, rest) : along(leaf, m - k, n - k, rest)
  return inner && (m < k ? nodeOf(inner, beside) : nodeOf(beside, inner))
}

/** The roots of the older and the newer tree to which SUBPROOF(m, D[n], whole) leads. */
function both(
  m: number,
  n: number,
  whole: boolean,
  proof: readonly Bytes[],
  older: Bytes,
): readonly [Bytes, Bytes] | undefined {
  if (m === n && whole) return proof.length === 0 ? [older, older] : undefined
  const last = proof.at(-1)
  if (last?.length !== 32) return undefined
  if (m === n) return proof.length === 1 ? [last, last] : undefined
  const [k, rest] = [split(n), proof.slice(0, -1)]
  const found = m <= k ? both(m, k, whole, rest, older) : both(m - k, n - k, false, rest, older)
  if (!found) return undefined
  const [one, other] = found
  return m <= k ? [one, nodeOf(other, last)] : [nodeOf(last, one), nodeOf(last, other)]
}

const same = (one: Bytes | undefined, other: Bytes) =>
  one !== undefined && Buffer.compare(one, other) === 0

/** Whether evidence holds for a log of this name, signed by this key. */
export function judgeOf(origin: string, key: KeyObject) {
  const known = new Map<string, { size: number; root: Bytes } | undefined>()
  const read = (note: string) => {
    const [, text = '', size = '', root = '', signature = ''] =
      /^([^\n]+\n(0|[1-9]\d*)\n([A-Za-z0-9+/]{43}=)\n)\n— [^\n ]+ ([A-Za-z0-9+/=]+)\n$/.exec(
        note,
      ) ?? []
    const bytes = Buffer.from(signature, 'base64').subarray(4)
    const right = text.startsWith(`${origin}\n`) && verify(null, Buffer.from(text), key, bytes)
    return right ? { size: Number(size), root: joined(Buffer.from(root, 'base64')) } : undefined
  }
  const open = (note: string) => {
    if (!known.has(note)) known.set(note, read(note))
    return known.get(note)
  }
  return async ({ leaf, index, path, note, older, proof }: Evidence): Promise<boolean> => {
    const [now, before] = [open(note), open(older)]
    if (!now || !before || before.size > now.size || index < 0 || index >= now.size) return false
    if (!same(along(hashOfLeaf(leaf), index, now.size, path), now.root)) return false
    if (before.size === 0) return proof.length === 0 && same(before.root, sha())
    const roots = both(before.size, now.size, true, proof, before.root)
    return same(roots?.[0], before.root) && same(roots?.[1], now.root)
  }
}
