import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { sql } from 'kysely'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { ReviewDetail } from '../../../contract/reviews.ts'
import { archived } from '../../../proof/archive.ts'
import { reviewStart, type PackManifest, type ReviewStart } from '../../../proof/pack.ts'
import { toBase64, utf8 } from '../../../proof/bytes.ts'
import { inclusionProof, leafHash } from '../../../proof/merkle.ts'
import { nodesFromTiles } from '../../../proof/tiles.ts'
import { verifyPack } from '../../../proof/verify-pack.ts'
import { connect } from '../../db/connect.ts'
import { storedTiles } from '../../ledger/sealer.ts'
import { verifierKey } from '../audit/service.ts'
import { asFiles, joined, openPack, resum, textOf, type OpenPack } from '../../testing/packs.ts'
import { openReviews, type Reviews } from '../../testing/reviews.ts'
import type { WorldPerson } from '../../testing/world.ts'

let on: Reviews
let noor: WorldPerson
let review: ReviewDetail
let other: ReviewDetail
let pinnedKey: string
let url: string

beforeAll(async () => {
  on = await openReviews()
  noor = await on.world.as('noor')
  await on.world.grant(noor, 'auditor')
  const closed = async (first: 'keep' | 'revoke') => {
    const started = await on.start(on.ada)
    await on.answerAll(started, [on.lin, on.max], ({ number }) => (number === 1 ? first : 'keep'))
    return on.signOff(on.ada, started)
  }
  other = await closed('keep')
  review = await closed('revoke')
  await on.world.app.ledger.settle()
  pinnedKey = await verifierKey(on.world.dataDir)
  const { fastify } = on.world.app
  await fastify.listen({ host: '127.0.0.1', port: 0 })
  url = `http://127.0.0.1:${(fastify.server.address() as AddressInfo).port}`
})
afterAll(() => on.world.close())

const pathOf = ({ id }: { id: string }) => `/api/v1/reviews/${id}/evidence.zip`

/** Its bytes, as a browser saves them. */
async function take(of: { id: string }, who = noor): Promise<Blob> {
  const answer = await fetch(`${url}${pathOf(of)}`, {
    headers: await who.headers('GET', pathOf(of)),
  })
  expect(answer.status).toBe(200)
  return answer.blob()
}
const verify = (files: OpenPack) => verifyPack(asFiles(files), { pinnedKey })

/** A pack and its lines, to be altered. */
async function opened() {
  const files = await openPack(await take(review))
  const path = [...files.keys()].find((name) => /^review.*ndjson$/.test(name)) ?? ''
  const lines = textOf(files.get(path)).split('\n').slice(0, -1)
  return { files, path, lines, hashes: path.replace('.ndjson', '.hashes') }
}

test('a closed review is taken away with the proof that its lines are those that were signed off', async () => {
  const { files, lines } = await opened()
  const verdict = await verify(files)
  expect(verdict).toMatchObject({
    faults: [],
    key: 'pinned',
    events: 1,
    review: { id: review.id, name: review.name, lines: review.lines },
  })
  // Who held what is proved by the event of its start, which is before whatever lies between.
  const start = startIn(files)
  expect(verdict.review?.start).toBe(start.index)
  expect(JSON.parse(start.line.split('\t')[0] ?? '')).toMatchObject({
    action: 'reviews.create',
    resource: { id: review.id },
    detail: { root: review.root },
  })
  expect(lines).toHaveLength(review.lines)
  const decided = lines.map((line) => (JSON.parse(line) as { decision: string }).decision)
  expect(decided.filter((one) => one === 'revoke')).toHaveLength(1)
  // The one event is that of its end, which names the root that the page of its evidence shows.
  const entries = [...files].find(([name]) => /^entries.*ndjson$/.test(name))
  expect(JSON.parse(textOf(entries?.[1]).split('\t')[0] ?? '')).toMatchObject({
    action: 'reviews.close',
    resource: { id: review.id },
    after: { root: review.finalRoot },
  })
  expect(await on.world.lastEvent()).toMatchObject({
    action: 'reviews.evidence',
    actor: { id: noor.id },
    detail: { format: 'evidence', lines: review.lines },
  })
})

const startIn = (files: OpenPack) => JSON.parse(textOf(files.get(reviewStart))) as ReviewStart
const putStart = (files: OpenPack, start: ReviewStart) =>
  files.set(reviewStart, utf8(JSON.stringify(start)))

type Tampering = (pack: Awaited<ReturnType<typeof opened>>) => void | Promise<void>
const cases: readonly (readonly [string, RegExp, Tampering])[] = [
  [
    'a line is altered',
    /^line 2 was altered, or another put in its place in the review/,
    ({ files, path, lines }) => {
      files.set(path, joined(lines.with(1, (lines[1] ?? '').replace('"keep"', '"revoke"'))))
    },
  ],
  [
    'a line is removed',
    /^line 2 was removed in the review/,
    ({ files, path, lines }) => {
      files.set(path, joined(lines.toSpliced(1, 1)))
    },
  ],
  [
    'a line is added',
    /^a line was added before line 2 in the review/,
    ({ files, path, lines }) => {
      files.set(path, joined(lines.toSpliced(1, 0, (lines[0] ?? '').replace('"revoke"', '"keep"'))))
    },
  ],
  [
    'two lines change places',
    /^line 1 and the one behind it were put in each other's place in the review/,
    ({ files, path, lines }) => {
      files.set(path, joined([lines[1] ?? '', lines[0] ?? '', ...lines.slice(2)]))
    },
  ],
  [
    'a line and its listed hash are altered',
    /^the lines of the review do not lead to the root that was recorded at its end/,
    async ({ files, path, lines, hashes }) => {
      const line = (lines[1] ?? '').replace('"keep"', '"revoke"')
      files.set(path, joined(lines.with(1, line)))
      const all = Uint8Array.from(files.get(hashes) ?? [])
      all.set(await leafHash(utf8(line)), 32)
      files.set(hashes, all)
    },
  ],
  [
    'the root that was recorded is swapped',
    /^event \d+ was altered/,
    ({ files }) => {
      const [name, bytes] = [...files].find(([path]) => /^entries.*ndjson$/.test(path)) ?? [
        '',
        undefined,
      ]
      files.set(name, utf8(textOf(bytes).replace(review.finalRoot ?? '', 'a'.repeat(64))))
    },
  ],
  [
    'the lines are those of another review, whose end is proved as well',
    /^the lines of the review do not lead to the root that was recorded at its end/,
    async ({ files }) => {
      const foreign = await openPack(await take(other))
      for (const [path, bytes] of foreign) if (path.startsWith('review/')) files.set(path, bytes)
    },
  ],
  [
    'the event is that of the end of another review',
    /^the pack holds no event of the end of its review/,
    async ({ files }) => {
      const foreign = await openPack(await take(other))
      for (const path of files.keys()) if (!path.startsWith('review/')) files.delete(path)
      for (const [path, bytes] of foreign) if (!path.startsWith('review/')) files.set(path, bytes)
      const manifest = textOf(files.get('manifest.json')).replaceAll(other.id, review.id)
      files.set('manifest.json', utf8(manifest))
    },
  ],
  [
    'the root at the start is swapped',
    /^the event of the start of the review was altered, or is not in the signed record/,
    ({ files }) => {
      const start = startIn(files)
      putStart(files, { ...start, line: start.line.replace(review.root, 'a'.repeat(64)) })
    },
  ],
  [
    'the event of the start is said to stand elsewhere',
    /^the event of the start of the review was altered, or is not in the signed record/,
    ({ files }) => {
      const start = startIn(files)
      putStart(files, { ...start, index: start.index + 1 })
    },
  ],
  [
    'the event of the start is that of another review, in the record as well',
    /^the event of the start of the review is that of another/,
    async ({ files }) => {
      // Another checkpoint has been signed by then: the path is that to this pack's.
      await on.world.app.ledger.settle()
      const foreign = startIn(await openPack(await take(other)))
      const { treeSize } = JSON.parse(textOf(files.get('manifest.json'))) as PackManifest
      const nodes = nodesFromTiles(storedTiles(on.world.app.db))
      const path = await inclusionProof(foreign.index, treeSize, nodes)
      putStart(files, { ...foreign, path: path.map(toBase64) })
    },
  ],
  [
    'somebody else is put beside the event of the start',
    /^what stands beside the event of the start of the review of people was altered/,
    ({ files }) => {
      const start = startIn(files)
      putStart(files, { ...start, line: start.line.replace('Ada', 'Eve') })
    },
  ],
  [
    'the event of the start is left out',
    /^review\/start\.json is missing/,
    ({ files }) => {
      files.delete(reviewStart)
    },
  ],
  [
    'every line is left out',
    /^review\/1-3\.ndjson is missing/,
    ({ files, path, hashes }) => {
      files.delete(path)
      files.delete(hashes)
    },
  ],
]
test.each(cases)('%s: it is named', async (_what, says, tamper) => {
  const pack = await opened()
  // The control: before, it is whole.
  expect((await verify(pack.files)).faults).toEqual([])
  await tamper(pack)
  expect((await verify(pack.files)).faults[0]).toMatch(says)
  // Also where every sum in the manifest was made anew: nobody but the log signs it.
  await resum(pack.files)
  const { faults } = await verify(pack.files)
  expect(faults.length).toBeGreaterThan(0)
})

test('a line that was rewritten in the database while the review ran is not what was frozen: its own pack says so', async () => {
  const started = await on.start(on.ada)
  const owner = connect(on.world.databaseUrl, { max: 1 })
  // Below everything: the end is signed over the altered line, and only the start knows better.
  await owner.connection().execute(async (db) => {
    await sql`set session_replication_role = replica`.execute(db)
    await sql`
      update review_line set snapshot = jsonb_set(snapshot::jsonb, '{role,name}', '"Nothing much"')
      where review_id = ${started.id} and number = 1`.execute(db)
  })
  await owner.destroy()
  await on.answerAll(started, [on.lin, on.max], () => 'keep')
  const closed = await on.signOff(on.ada, started)
  await on.world.app.ledger.settle()
  const { faults } = await verify(await openPack(await take(closed)))
  expect(faults).toEqual([
    expect.stringMatching(/^the lines of the review are not those that were frozen at its start: /),
  ])
})

async function bytesOf(pieces: AsyncIterable<Uint8Array>): Promise<Buffer> {
  const all: Uint8Array[] = []
  for await (const piece of pieces) all.push(piece)
  return Buffer.concat(all)
}

test('a terminal says the same of the file, by an exit code too', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'sallyport-review-'))
  const file = join(folder, 'review.zip')
  const run = async (files: OpenPack) => {
    const some = (async function* all() {
      for (const [path, content] of files) yield await Promise.resolve({ path, content })
    })()
    writeFileSync(file, await bytesOf(archived(some)))
    const { status, stdout, stderr } = spawnSync(process.execPath, ['scripts/verify.ts', file], {
      encoding: 'utf8',
      env: { ...process.env, SALLYPORT_DATA: folder, SALLYPORT_LEDGER_KEY: pinnedKey },
    })
    return { status, told: stdout + stderr }
  }
  const { files, path, lines } = await opened()
  const whole = await run(files)
  expect(whole).toMatchObject({ status: 0 })
  expect(whole.told).toContain(
    `The ${review.lines} lines of the review ${review.name} are as they were at its end, and who held what is as it was frozen`,
  )
  files.set(path, joined(lines.toSpliced(1, 1)))
  expect(await run(files)).toMatchObject({
    status: 1,
    told: expect.stringContaining('line 2 was removed in the review'),
  })
  rmSync(folder, { recursive: true })
})

test('it is for those who may take events away, by a recent sign-in, and of what is closed alone', async () => {
  const running = await on.start(on.ada)
  expect(await noor.send(pathOf(running))).toMatchObject({
    status: 409,
    body: { code: 'conflict' },
  })
  // Who sees reviews, and no events: from where it was signed off is not theirs to know.
  const sees = await on.ada.call('roles.create', { name: 'Sees', permissions: ['review:view'] })
  const sue = await on.world.as('sue')
  await on.world.grant(sue, sees)
  expect(await sue.send(pathOf(review))).toMatchObject({
    status: 403,
    body: { code: 'forbidden', title: expect.stringContaining('audit:export') },
  })
  expect((await on.lin.send(pathOf(review))).status).toBe(404)
  const tired = await on.world.as('noor', { authTime: Math.floor(Date.now() / 1000) - 3_600 })
  expect(await tired.send(pathOf(review))).toMatchObject({ status: 401 })
  expect((await noor.send(pathOf({ id: crypto.randomUUID() }))).status).toBe(404)
})
