import type { AuditEventDetail, AuditProof } from '../../../contract/audit.ts'
import { fromBase64 } from '../../../proof/bytes.ts'
import { openCheckpoint, parseVerifierKey } from '../../../proof/checkpoint.ts'
import { leafHash, verifyInclusion } from '../../../proof/merkle.ts'
import { notIn, tokensIn, type Opening } from '../../../proof/personal.ts'

export type Proved = Pick<AuditEventDetail, 'leaf' | 'personal'>

const beside = ({ personal = [] }: Proved): Opening[] =>
  personal.map(({ salt, values }) => [salt, ...values])

/** How many values of people a leaf hides, and how many of them are left beside it. */
export function hiddenIn(event: Proved): { readonly hidden: number; readonly left: number } {
  const text = new TextDecoder().decode(fromBase64(event.leaf ?? ''))
  const left = beside(event).reduce((sum, [, ...values]) => sum + values.length, 0)
  return { hidden: new Set(tokensIn(text)).size, left }
}

/**
 * Checks a proof here, in the browser: the checkpoint's signature, then the path from the leaf to its root, then that what
 * stands beside the leaf of people is what it hides.
 */
export async function verifyProof(proof: AuditProof, event: Proved): Promise<string | true> {
  const { leaf } = event
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
    if (!included) return 'The path does not lead from this event to the signed root.'
    const text = new TextDecoder().decode(fromBase64(proof.leaf))
    const foreign = await notIn(text, beside(event))
    return foreign === undefined || `“${foreign}” is not what the event holds.`
  } catch (error) {
    return error instanceof Error ? error.message : String(error)
  }
}
