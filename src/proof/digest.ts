/** SHA-256 of bytes, 32 of them. */
export type Hash = Uint8Array<ArrayBuffer>

const node = (globalThis as Partial<typeof globalThis>).process?.getBuiltinModule('node:crypto')

/** By the runtime's own: at once where it is Node.js, since a promise for each would be most of a tree's cost. */
export function digest(bytes: Uint8Array<ArrayBuffer>): Hash | Promise<Hash> {
  if (node) return Uint8Array.from(node.hash('sha256', bytes, 'buffer'))
  return crypto.subtle.digest('SHA-256', bytes).then((hash) => new Uint8Array(hash))
}
