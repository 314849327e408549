import { toHex, utf8 } from '../../../proof/bytes.ts'
import type { Hash } from '../../../proof/digest.ts'
import { leafHash } from '../../../proof/merkle.ts'
import { RootBuilder } from '../../../proof/range.ts'
import { canonical } from '../../ledger/canonical.ts'

/** A value as it is hashed, and its hash. */
export async function lineHash(value: unknown): Promise<{ line: string; hash: Hash }> {
  const line = canonical(value)
  return { line, hash: await leafHash(utf8(line)) }
}

/** The root over values as RFC 8785 writes them, in their order (RFC 6962 MTH), in hex: who has the rows computes it again. */
export async function rootOver(values: Iterable<unknown>): Promise<string> {
  const tree = new RootBuilder()
  for (const value of values) await tree.add((await lineHash(value)).hash)
  return toHex(await tree.root())
}
