import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { parseAuditQuery, toggleAuditTerm } from '../../../contract/audit-query.ts'
import { AuditEventDetail, AuditFacets, AuditTimeline } from '../../../contract/audit.ts'
import { fromBase64 } from '../../../proof/bytes.ts'
import { formatVerifierKey, openCheckpoint, parseVerifierKey } from '../../../proof/checkpoint.ts'
import { leafHash, verifyConsistency, verifyInclusion } from '../../../proof/merkle.ts'
import { connect, type Database } from '../../db/connect.ts'
import { inTransaction } from '../../db/transaction.ts'
import type { Scope } from '../../http/scope.ts'
import { emit, type AuditEvent } from '../../ledger/emit.ts'
import { openLedger, type Ledger } from '../../ledger/ledger.ts'
import { signingKeyFrom } from '../../ledger/signing-key.ts'
import { recordSize } from '../../ledger/size.ts'
import { actorWith, within } from '../../testing/bare-scope.ts'
import { cloneDatabase } from '../../testing/test-database.ts'
import { auditHandlers as handlersWith } from './routes.ts'
import { auditViewHandlers } from './views.ts'

const auditHandlers = handlersWith({
  key: signingKeyFrom(Buffer.alloc(32, 7)),
  size: () => recordSize(db),
})

const origin = 'audit.example.com/test'
const key = signingKeyFrom(Buffer.alloc(32, 9))
const ada = { id: '0198c0de-0000-7000-8000-0000000000ad', name: 'Ada Okafor' }
const noor = { id: '0198c0de-0000-7000-8000-0000000000a0', name: 'Noor Haddad' }
const context = '0198c0de-0000-7000-8000-00000000c0c0'
const start = new Date('2026-11-01T00:30:00Z')
const hour = 3_600_000

let db: Database
let sealer: Database
let ledger: Ledger
const dataDir = mkdtempSync(join(tmpdir(), 'sallyport-audit-'))
const as = <T>(work: (scope: Scope) => Promise<T>, actor = actorWith(noor)) =>
  within(db, actor, (scope) => work({ ...scope, config: { ...scope.config, dataDir } }))

const list = (
  q: string,
  more: { cursor?: string; from?: string; until?: string; limit?: number } = {},
) => as((scope) => auditHandlers.list(scope, { q, limit: 50, ...more }))

beforeAll(async () => {
  const url = await cloneDatabase()
  db = connect(url, { role: 'sallyport_app', max: 4 })
  sealer = connect(url, { role: 'sallyport_sealer', max: 2 })
  ledger = await openLedger({ db: sealer, key, origin, dataDir, onError: () => {} })
  for (let at = 0; at < 120; at++) {
    const event: AuditEvent = {
      actor:
        at % 3 === 0
          ? { kind: 'person', ...ada }
          : { kind: 'person', id: `p${at % 5}`, name: `Person ${at % 5}` },
      action: at % 2 === 0 ? 'contexts.update' : 'grants.create',
      outcome: at % 10 === 0 ? 'denied' : 'permitted',
      resource: {
        kind: at % 2 === 0 ? 'context' : 'grant',
        id: `r${at % 4}`,
        name: `Thing ${at % 4}`,
      },
      ...(at % 2 === 0 && { context }),
      before: { at },
      after: { at: at + 1 },
      ip: '192.0.2.7',
    }
    await inTransaction(db, { readOnly: false }, async (_, transaction) =>
      emit(transaction, event, new Date(start.getTime() + at * hour)),
    )
  }
  await ledger.settle()
})
afterAll(async () => {
  await ledger.stop()
  await Promise.all([db.destroy(), sealer.destroy()])
  rmSync(dataDir, { recursive: true, force: true })
})

describe('the query language', () => {
  test('reads fields, quotes, patterns and words, and tells where it does not', () => {
    expect(parseAuditQuery('actor:ada action:context.* "deploy prod" outcome:"denied"')).toEqual({
      terms: [
        { field: 'actor', value: 'ada', prefix: false },
        { field: 'action', value: 'context.', prefix: true },
        { field: 'name', value: 'deploy prod', prefix: false },
        { field: 'outcome', value: 'denied', prefix: false },
      ],
    })
    expect(parseAuditQuery('actor:ada colour:red')).toMatchObject({ at: 9 })
    expect(parseAuditQuery('actor:"ada')).toMatchObject({ at: 6 })
  })
  test('a term is added, and taken away again', () => {
    const added = toggleAuditTerm('outcome:denied', 'actor', 'Ada Okafor')
    expect(added).toBe('outcome:denied actor:"Ada Okafor"')
    expect(toggleAuditTerm(added, 'actor', 'Ada Okafor')).toBe('outcome:denied')
  })
})

describe('searching', () => {
  test.each([
    ['actor:ada', 40],
    ['actor:ada outcome:denied', 4],
    ['action:contexts.*', 60],
    ['action:contexts.update action:grants.create actor:ada', 40],
    [`context:${context}`, 60],
    ['resource:"Thing 2"', 30],
    ['thing', 120],
    ['kind:grant ip:192.0.2.7', 60],
    ['actor:nobody', 0],
    ['outcome:denied\u0000', 0],
  ])('%s finds %i', async (q, count) => {
    const { items } = await list(q, { limit: 200, until: '2026-11-20T00:00:00Z' })
    expect(items).toHaveLength(count)
    const indexes = items.map(({ index }) => index ?? -1)
    expect(indexes).toEqual(indexes.toSorted((one, other) => other - one))
  })

  test('pages by cursor without gap or overlap', async () => {
    const seen: (number | undefined)[] = []
    let cursor: string | undefined
    do {
      const answer = await list('actor:ada action:*', {
        limit: 7,
        until: '2026-11-20T00:00:00Z',
        ...(cursor && { cursor }),
      })
      seen.push(...answer.items.map(({ index }) => index))
      cursor = answer.next
    } while (cursor)
    expect(seen).toEqual(Array.from({ length: 40 }, (_, at) => (39 - at) * 3))
  })

  test('narrows by time', async () => {
    const { items } = await list('', {
      from: '2026-11-02T00:00:00Z',
      until: '2026-11-03T00:00:00Z',
    })
    expect(items).toHaveLength(24)
  })

  test('a query that cannot be read is 400 and says why', async () => {
    await expect(list('colour:red')).rejects.toMatchObject({ code: 'invalid_input' })
  })

  test('a grant on one context shows that context only', async () => {
    const actor = actorWith(noor, ['audit:view'], { kind: 'context', id: context, name: 'deploy' })
    const { items, pending } = await as((scope) => auditHandlers.list(scope, { limit: 200 }), actor)
    expect(items).toHaveLength(60)
    expect(pending).toBeUndefined()
    const other = await list('kind:grant', { limit: 1 })
    const hidden = as(
      (scope) => auditHandlers.view(scope, { eventId: other.items[0]?.id ?? '' }),
      actor,
    )
    await expect(hidden).rejects.toMatchObject({ code: 'not_found' })
  })
})

test('facets and timeline count the same events, kept or counted', async () => {
  const range = { from: '2026-11-01T00:00:00Z', until: '2026-11-06T00:00:00Z' }
  for (const [q, total] of [
    ['', 120],
    ['actor:ada', 40],
    ['actor:ada kind:context', 20],
    ['outcome:denied', 12],
    // Most actors, all actions, and most actors' refusals: counted by what they leave out.
    ['actor:person', 80],
    ['action:*', 120],
    ['actor:person outcome:denied', 8],
  ] as const) {
    const facets = AuditFacets.parse(
      await as((scope) => auditHandlers.facets(scope, { q, ...range })),
    )
    const outcomes = facets.facets.find(({ field }) => field === 'outcome')?.values ?? []
    expect(outcomes.reduce((sum, { count }) => sum + count, 0)).toBe(total)
    const { points, bucketSeconds } = AuditTimeline.parse(
      await as((scope) => auditHandlers.timeline(scope, { q, ...range })),
    )
    const sum = points.reduce((all, { permitted, denied }) => all + permitted + denied, 0)
    expect(sum).toBe(total)
    expect(bucketSeconds % 3600).toBe(0)
  }
  const named = await as((scope) => auditHandlers.facets(scope, {}))
  expect(named.facets.find(({ field }) => field === 'actor')?.values[0]).toMatchObject({
    label: 'Ada Okafor',
    count: 40,
  })
})

describe('proofs', () => {
  test('an outsider checks an event against the signed checkpoint', async () => {
    const { items } = await list('actor:ada', { limit: 1 })
    const id = items[0]?.id ?? ''
    const event = AuditEventDetail.parse(
      await as((scope) => auditHandlers.view(scope, { eventId: id })),
    )
    expect(event).toMatchObject({ before: { at: 117 }, after: { at: 118 } })
    const proof = await as((scope) => auditHandlers.proof(scope, { eventId: id }))
    const pinned = await parseVerifierKey(await formatVerifierKey(origin, key.publicKey))
    const { size, root } = await openCheckpoint(proof.checkpoint, pinned)
    const path = proof.path.map(fromBase64)
    const leaf = await leafHash(fromBase64(proof.leaf))
    expect(await verifyInclusion(leaf, proof.index, size, path, root)).toBe(true)
    expect(
      await verifyInclusion(await leafHash(Buffer.from('forged')), proof.index, size, path, root),
    ).toBe(false)
  })

  test('two checkpoints are proved consistent', async () => {
    const { items } = await as((scope) => auditHandlers.checkpoints(scope, { limit: 50 }))
    await ledger.settle()
    const newer = await as((scope) => auditHandlers.checkpoints(scope, { limit: 1 }))
    const [one, other] = [items[0], newer.items[0]]
    const [first, second] = [one?.treeSize ?? 0, other?.treeSize ?? 0]
    expect(second).toBeGreaterThan(first)
    const { proof } = await as((scope) => auditHandlers.consistency(scope, { first, second }))
    const roots = [one, other].map((each) => fromBase64(each?.root ?? ''))
    expect(
      await verifyConsistency(
        first,
        second,
        roots[0] ?? new Uint8Array(),
        roots[1] ?? new Uint8Array(),
        proof.map(fromBase64),
      ),
    ).toBe(true)
  })
})

test('the tail continues behind the last event seen', async () => {
  const stop = new AbortController()
  const seen = await as(async (scope) => {
    const stream = auditHandlers.tail(
      { ...scope, signal: stop.signal, lastEventId: '110' },
      { q: 'action:contexts.update' },
    )
    const ids: (string | undefined)[] = []
    for await (const { id } of stream) {
      ids.push(id)
      if (ids.length === 5) stop.abort()
    }
    return ids
  })
  expect(seen).toEqual(['110', '112', '114', '116', '118'])
})

test('saved searches are one’s own, named once, changed at the version one saw', async () => {
  const made = await as((scope) =>
    auditViewHandlers.create(scope, { name: 'Refusals', search: { q: 'outcome:denied' } }),
  )
  const again = as((scope) => auditViewHandlers.create(scope, { name: 'refusals', search: {} }))
  await expect(again).rejects.toMatchObject({ constraint: 'audit_view_name_key' })
  const mine = await as((scope) => auditViewHandlers.list(scope, { limit: 50 }))
  expect(mine.items).toMatchObject([{ name: 'Refusals', search: { q: 'outcome:denied' } }])
  const theirs = await as((scope) => auditViewHandlers.list(scope, { limit: 50 }), actorWith(ada))
  expect(theirs.items).toEqual([])
  const change = (version: number) =>
    as((scope) =>
      auditViewHandlers.update(
        { ...scope, expectedVersion: version },
        { viewId: made.id, name: 'Denied' },
      ),
    )
  expect(await change(1)).toMatchObject({ name: 'Denied', version: 2 })
  await expect(change(1)).rejects.toMatchObject({ code: 'stale' })
  const foreign = as(
    (scope) => auditViewHandlers.remove(scope, { viewId: made.id }),
    actorWith(ada),
  )
  await expect(foreign).rejects.toMatchObject({ code: 'not_found' })
})
