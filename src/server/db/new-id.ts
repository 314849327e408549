import { randomFillSync } from 'node:crypto'

/** Random bytes for many ids at once: asking the system for each is most of what an id costs. */
const pool = Buffer.alloc(4096)
let taken = pool.length
let lastMillisecond = 0
let counter = 0

/** A UUIDv7 (RFC 9562 §5.7, method 1 of §6.2): sorts by creation, also within one millisecond of one process. */
export function newId(at: number = Date.now()): string {
  if (at > lastMillisecond) {
    lastMillisecond = at
    counter = 0
  } else counter++
  if (taken === pool.length) {
    randomFillSync(pool)
    taken = 0
  }
  const bytes = pool.subarray(taken, (taken += 16))
  bytes.writeUIntBE(at, 0, 6)
  bytes.writeUInt16BE(0x7000 | (counter & 0x0fff), 6)
  bytes.writeUInt8((bytes.readUInt8(8) & 0x3f) | 0x80, 8)
  const hex = bytes.toString('hex')
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`
}
