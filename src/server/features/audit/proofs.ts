import { readFile } from 'node:fs/promises'
import { toBase64 } from '../../../proof/bytes.ts'
import { consistencyProof, inclusionProof } from '../../../proof/merkle.ts'
import { nodesFromTiles } from '../../../proof/tiles.ts'
import type { Db } from '../../db/connect.ts'
import { problem } from '../../http/problem.ts'
import { storedTiles } from '../../ledger/sealer.ts'
import { verifierKeyFile } from '../../ledger/signing-key.ts'

/** The log's verifier key, for comparison with the one that an auditor has pinned. */
export const verifierKey = async (dataDir: string): Promise<string> =>
  (await readFile(verifierKeyFile(dataDir), 'utf8')).trim()

/** Proves that an event is in the newest signed tree. */
export async function proofOf(db: Db, dataDir: string, event: { leafIndex: number; leaf: Buffer }) {
  const checkpoint = await db
    .selectFrom('auditCheckpoint')
    .select(['treeSize', 'note'])
    .where('treeSize', '>', event.leafIndex)
    .orderBy('treeSize', 'desc')
    .limit(1)
    .executeTakeFirst()
  if (!checkpoint) {
    throw problem('conflict', 'The event is not in a signed checkpoint yet. Ask again in a second.')
  }
  const read = nodesFromTiles(storedTiles(db))
  const path = await inclusionProof(event.leafIndex, checkpoint.treeSize, read)
  return {
    index: event.leafIndex,
    treeSize: checkpoint.treeSize,
    leaf: event.leaf.toString('base64'),
    path: path.map(toBase64),
    checkpoint: checkpoint.note,
    verifierKey: await verifierKey(dataDir),
  }
}

/** Proves that the tree of `first` events is the beginning of that of `second`. */
export async function consistencyOf(db: Db, first: number, second: number) {
  const { treeSize } = await db.selectFrom('logState').select('treeSize').executeTakeFirstOrThrow()
  if (first > second || second > treeSize) {
    const message = `first ≤ second ≤ ${treeSize} must hold: so many events there are`
    throw problem('invalid_input', message, { fields: [{ path: 'second', message }] })
  }
  const proof = await consistencyProof(first, second, nodesFromTiles(storedTiles(db)))
  return { first, second, proof: proof.map(toBase64) }
}

/** What has left the record, newest first. */
export async function prunedFrom(db: Db) {
  const rows = await db
    .selectFrom('recordPruned')
    .selectAll()
    .orderBy('untilLeaf', 'desc')
    .execute()
  return rows.map(({ firstLeaf, untilLeaf, newestAt, packSha256, prunedAt, eventId }) => ({
    first: firstLeaf,
    until: untilLeaf,
    newestAt,
    pack: packSha256,
    prunedAt,
    event: eventId,
  }))
}
