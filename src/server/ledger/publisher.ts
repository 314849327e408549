import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import {
  openCheckpoint,
  parseVerifierKey,
  formatVerifierKey,
  signCheckpoint,
} from '../../proof/checkpoint.ts'
import { consistencyProof, equal, rootOf, verifyConsistency } from '../../proof/merkle.ts'
import { nodesFromTiles } from '../../proof/tiles.ts'
import type { Database, Db } from '../db/connect.ts'
import { inTransaction } from '../db/transaction.ts'
import { replaceFile } from '../kept-file.ts'
import { storedTiles } from './sealer.ts'
import type { SigningKey } from './signing-key.ts'

/** The newest checkpoint, kept outside of the database, so that a restored backup is noticed (P11). */
export const checkpointFile = (dataDir: string): string => join(dataDir, 'checkpoint')

/**
 * Signs the tree as it stands, after proving that the last signed tree is its beginning; never two that contradict each
 * other (P10). Answers the size that is now signed.
 */
export async function publish(db: Database, key: SigningKey, dataDir: string): Promise<number> {
  return inTransaction(db, { readOnly: false }, async (tx) => {
    const state = await tx.selectFrom('logState').selectAll().forUpdate().executeTakeFirstOrThrow()
    if (state.treeSize === state.lastSignedSize) return state.treeSize
    const read = nodesFromTiles(storedTiles(tx))
    const root = await rootOf(state.treeSize, read)
    if (state.lastSignedRoot) {
      const before = Uint8Array.from(state.lastSignedRoot)
      const proof = await consistencyProof(state.lastSignedSize, state.treeSize, read)
      const grown = await verifyConsistency(
        state.lastSignedSize,
        state.treeSize,
        before,
        root,
        proof,
      )
      if (!grown) {
        throw new Error(
          `the stored tree of ${state.treeSize} events does not continue the signed one of ${state.lastSignedSize}: nothing is signed`,
        )
      }
    }
    const note = await signCheckpoint(
      { origin: state.origin, size: state.treeSize, root },
      key.publicKey,
      (text) => key.sign(text),
    )
    await tx
      .insertInto('auditCheckpoint')
      .values({ treeSize: state.treeSize, root: Buffer.from(root), note })
      .execute()
    await tx
      .updateTable('logState')
      .set({ lastSignedSize: state.treeSize, lastSignedRoot: Buffer.from(root) })
      .execute()
    return state.treeSize
  }).then(async (size) => {
    const newest = await db
      .selectFrom('auditCheckpoint')
      .select('note')
      .where('treeSize', '=', size)
      .executeTakeFirst()
    if (newest) await replaceFile(checkpointFile(dataDir), newest.note)
    return size
  })
}

/**
 * The boot rule: a database whose tree is shorter than the checkpoint outside, or does not contain it, is a restored
 * backup or a rewritten one. Throws the sentence that says so.
 */
export async function refuseRollback(db: Db, key: SigningKey, dataDir: string): Promise<void> {
  const file = checkpointFile(dataDir)
  if (!existsSync(file)) return
  const state = await db.selectFrom('logState').selectAll().executeTakeFirstOrThrow()
  const verifier = await parseVerifierKey(await formatVerifierKey(state.origin, key.publicKey))
  const kept = await openCheckpoint(readFileSync(file, 'utf8'), verifier)
  const fault =
    state.treeSize < kept.size
      ? `holds ${state.treeSize} events, but a checkpoint over ${kept.size} was signed`
      : !equal(await rootOf(kept.size, nodesFromTiles(storedTiles(db))), kept.root)
        ? `does not contain the ${kept.size} events that were signed`
        : undefined
  if (fault) {
    throw new Error(
      `The audit trail was rolled back: the database ${fault} (${file}). Restore the newest backup; if the loss is final, keep the checkpoint file as evidence elsewhere and move it away.`,
    )
  }
}
