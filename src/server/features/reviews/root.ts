import { toHex, utf8 } from '../../../proof/bytes.ts'
import { leafHash } from '../../../proof/merkle.ts'
import { RootBuilder } from '../../../proof/range.ts'
import { canonical } from '../../ledger/canonical.ts'

/** The root over values as RFC 8785 writes them, in their order (RFC 6962 MTH), in hex: who has the rows computes it again. */
export async function rootOver(values: Iterable<unknown>): Promise<string> {
  const tree = new RootBuilder()
  for (const value of values) await tree.add(await leafHash(utf8(canonical(value))))
  return toHex(await tree.root())
}
