/**
 * The parts, each after its length: two different tuples never give the same bytes, which joining by a delimiter cannot
 * promise.
 */
export function tuple(...parts: readonly string[]): Buffer {
  return Buffer.concat(
    parts.flatMap((part) => {
      const bytes = Buffer.from(part)
      const length = Buffer.alloc(4)
      length.writeUInt32BE(bytes.length)
      return [length, bytes]
    }),
  )
}
