import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect } from 'vitest'
import { openArchive } from '../../proof/archive.ts'
import { formatVerifierKey } from '../../proof/checkpoint.ts'
import { consistencyProof, verifyConsistency } from '../../proof/merkle.ts'
import { nodesFromTiles } from '../../proof/tiles.ts'
import { verifyPack } from '../../proof/verify-pack.ts'
import { connect } from '../db/connect.ts'
import { asPack, planPack } from '../features/audit/evidence.ts'
import { readSearch } from '../features/audit/search.ts'
import { emitAll } from '../ledger/emit.ts'
import type { KeptBy } from '../ledger/prune.ts'
import { publish } from '../ledger/publisher.ts'
import { makeRoom, seal, storedTiles } from '../ledger/sealer.ts'
import { signingKeyFrom } from '../ledger/signing-key.ts'
import { cloneDatabase } from './test-database.ts'

/** An evidence pack, and what pruning wants to know of it. */
export interface Pack {
  readonly blob: Blob
  readonly kept: KeptBy
}

export type BareRecord = Awaited<ReturnType<typeof openRecord>>

/** A record without a server: its database, what happens in it, and what is carried away. */
export async function openRecord(origin: string) {
  const key = signingKeyFrom(Buffer.alloc(32, 21))
  const pinnedKey = await formatVerifierKey(origin, key.publicKey)
  const dataDir = mkdtempSync(join(tmpdir(), 'sallyport-record-'))
  const url = await cloneDatabase()
  const owner = connect(url, { max: 2, statementTimeoutMs: 0 })
  const sealer = connect(url, { role: 'sallyport_sealer', max: 2, statementTimeoutMs: 0 })
  await sealer.insertInto('logState').values({ origin }).execute()
  await makeRoom(sealer, 2 ** 18)

  /** Events of one person, one like the other. */
  const happen = async (count: number, at: Date): Promise<void> => {
    const event = (number: number) => ({
      actor: { kind: 'person', id: 'lin', name: 'Lin' },
      action: 'contexts.create',
      outcome: 'permitted' as const,
      resource: { kind: 'context', id: `context-${number}`, name: `context ${number}` },
    })
    for (let done = 0; done < count; done += 5_000) {
      const some = Array.from({ length: Math.min(5_000, count - done) }, (_, nth) => done + nth)
      await emitAll(
        owner,
        some.map((number) => ({ event: event(number), at })),
      )
    }
  }

  /** Until everything is in its place, and signed. */
  const settle = async (): Promise<void> => {
    while ((await seal(sealer)).sealed > 0);
    await publish(sealer, key, dataDir)
  }

  const verified = async (blob: Blob) => {
    const verdict = await verifyPack(await openArchive(blob), { pinnedKey })
    expect(verdict.faults).toEqual([])
    return verdict
  }

  /** Everything that is left in the record, or what happened in a time, as an evidence pack. */
  const carryAway = async (from?: Date): Promise<Pack> => {
    const reach = { everywhere: true, segments: [], projects: [], contexts: [] }
    const search = await readSearch(owner, from ? { from: from.toISOString() } : {}, reach)
    const by = { kind: 'person', id: 'noor', name: 'Noor' }
    const about = {
      query: {},
      exportedAt: new Date().toISOString(),
      exportedBy: by,
      requestId: 'r',
    }
    const plan = await planPack(owner, search, undefined, about)
    const parts: Uint8Array<ArrayBuffer>[] = []
    for await (const part of asPack(plan, { key, verifierKey: pinnedKey })(owner)) {
      parts.push(new Uint8Array(part as Uint8Array))
    }
    const blob = new Blob(parts)
    const { manifest } = await verified(blob)
    if (!manifest) throw new Error('a pack without a manifest')
    const { range, treeSize, root } = manifest
    const kept = { sha256: 'ab'.repeat(32), start: range.start, end: range.end, treeSize, root }
    return { blob, kept }
  }

  /** Every tree that was signed, the smallest first. */
  const signed = async () => {
    const rows = await owner
      .selectFrom('auditCheckpoint')
      .select(['treeSize', 'root'])
      .orderBy('treeSize')
      .execute()
    return rows.map(({ treeSize, root }) => ({ treeSize, root: new Uint8Array(root) }))
  }
  type Signed = Awaited<ReturnType<typeof signed>>

  /** Every proof between trees that were signed holds, computed from what is left. */
  const expectConsistent = async (notes: Signed): Promise<void> => {
    const read = nodesFromTiles(storedTiles(owner))
    for (const first of notes) {
      for (const second of notes.filter(({ treeSize }) => treeSize > first.treeSize)) {
        const [one, other] = [first.treeSize, second.treeSize]
        const proof = await consistencyProof(one, other, read)
        const holds = await verifyConsistency(one, other, first.root, second.root, proof)
        expect([one, other, holds]).toEqual([one, other, true])
      }
    }
  }

  return {
    url,
    owner,
    sealer,
    pinnedKey,
    dataDir,
    happen,
    settle,
    verified,
    carryAway,
    signed,
    expectConsistent,
    left: async () => (await owner.selectFrom('auditEntry').select('leafIndex').execute()).length,
    async close(): Promise<void> {
      await Promise.all([owner.destroy(), sealer.destroy()])
      rmSync(dataDir, { recursive: true, force: true })
    },
  }
}
