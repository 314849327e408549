import type { AuditProof } from '../../../contract/audit.ts'
import { fromBase64 } from '../../../proof/bytes.ts'
import { openCheckpoint, parseVerifierKey } from '../../../proof/checkpoint.ts'
import { leafHash, verifyInclusion } from '../../../proof/merkle.ts'

/** Checks a proof here, in the browser: the checkpoint's signature, then the path from the leaf to its root. */
export async function verifyProof(
  proof: AuditProof,
  leaf: string | undefined,
): Promise<string | true> {
  try {
    if (leaf !== undefined && leaf !== proof.leaf) return 'The proof is of another event.'
    const key = await parseVerifierKey(proof.verifierKey)
    const { size, root } = await openCheckpoint(proof.checkpoint, key)
    const hash = await leafHash(fromBase64(proof.leaf))
    const included = await verifyInclusion(
      hash,
      proof.index,
      size,
      proof.path.map(fromBase64),
      root,
    )
    return included || 'The path does not lead from this event to the signed root.'
  } catch (error) {
    return error instanceof Error ? error.message : String(error)
  }
}
