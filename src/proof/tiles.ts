import type { Hash } from './digest.ts'
import { nodeHash, type NodeReader } from './merkle.ts'

/** Hashes of one tile: 256 complete nodes of level `8 * level`; the last tile of a level may hold fewer (C2SP tlog-tiles). */
const tileWidth = 256

export interface Tile {
  readonly level: number
  readonly index: number
  /** Concatenated 32-byte hashes. */
  readonly hashes: Uint8Array
}

export type TileReader = (level: number, index: number) => Promise<Uint8Array | undefined>

/** Reads any complete node out of tiles: those of level 8n directly, those between by hashing their descendants. */
export function nodesFromTiles(read: TileReader): NodeReader {
  const cache = new Map<string, Promise<Uint8Array | undefined>>()
  const tile = (level: number, index: number) => {
    const key = `${level}/${index}`
    const found = cache.get(key) ?? read(level, index)
    cache.set(key, found)
    return found
  }
  return async (level, index) => {
    const tileLevel = Math.floor(level / 8)
    const span = 2 ** (level - tileLevel * 8)
    const first = index * span
    const bytes = await tile(tileLevel, Math.floor(first / tileWidth))
    const from = first % tileWidth
    if (!bytes || bytes.length < (from + span) * 32) {
      throw new Error(`the tree has no node ${level}/${index}`)
    }
    return fold(bytes, from, span)
  }
}

/**
 * Appends leaf hashes to a tree of `size` leaves. `read` brings the partial tiles at the right edge; answers every tile
 * that changed, whole.
 */
export async function appendToTiles(
  size: number,
  leaves: readonly Hash[],
  read: TileReader,
): Promise<Tile[]> {
  const changed: Tile[] = []
  let hashes: readonly Hash[] = leaves
  let start = size
  for (let level = 0; hashes.length > 0; level++) {
    const risen: Hash[] = []
    let at = 0
    while (at < hashes.length) {
      const index = Math.floor((start + at) / tileWidth)
      const filled = (start + at) % tileWidth
      const take = Math.min(tileWidth - filled, hashes.length - at)
      const bytes = new Uint8Array((filled + take) * 32)
      if (filled > 0) {
        const before = await read(level, index)
        if (!before || before.length < filled * 32) {
          throw new Error(`tile ${level}/${index} is missing`)
        }
        bytes.set(before.subarray(0, filled * 32))
      }
      for (let offset = 0; offset < take; offset++) {
        bytes.set(hashes[at + offset] as Hash, (filled + offset) * 32)
      }
      changed.push({ level, index, hashes: bytes })
      if (filled + take === tileWidth) risen.push(await fold(bytes, 0, tileWidth))
      at += take
    }
    start = Math.floor(start / tileWidth)
    hashes = risen
  }
  return changed
}

/** Folds a power of two of hashes to the node above them all. */
async function fold(bytes: Uint8Array, from: number, span: number): Promise<Hash> {
  let hashes: Hash[] = Array.from({ length: span }, (_, at) =>
    Uint8Array.from(bytes.subarray((from + at) * 32, (from + at + 1) * 32)),
  )
  while (hashes.length > 1) {
    const next: Hash[] = []
    for (let at = 0; at < hashes.length; at += 2) {
      next.push(await nodeHash(hashes[at] as Hash, hashes[at + 1] as Hash))
    }
    hashes = next
  }
  return hashes[0] as Hash
}
