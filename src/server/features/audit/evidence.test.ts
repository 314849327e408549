import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { openArchive } from '../../../proof/archive.ts'
import { toBase64, utf8 } from '../../../proof/bytes.ts'
import { formatVerifierKey, signCheckpoint, signNote } from '../../../proof/checkpoint.ts'
import { digest } from '../../../proof/digest.ts'
import { manifestText, packFormat, type PackManifest } from '../../../proof/pack.ts'
import { verifyPack } from '../../../proof/verify-pack.ts'
import { emitAll } from '../../ledger/emit.ts'
import { signingKeyFrom, signingKeyOf } from '../../ledger/signing-key.ts'
import { asFiles, joined, openPack, resum, textOf } from '../../testing/packs.ts'
import { openWorld, type World, type WorldPerson } from '../../testing/world.ts'
import { masterKeyOf } from '../../vault/master-key.ts'
import { verifierKey } from './proofs.ts'

let world: World
let noor: WorldPerson
let url: string
let pinnedKey: string
let first: { treeSize: number; note: string }

const happens = async (action: string, count: number) => {
  const events = Array.from({ length: count }, (_, at) => ({
    at: new Date(),
    event: {
      actor: { kind: 'person', id: 'lin', name: 'Lin' },
      action,
      outcome: 'permitted' as const,
      resource: { kind: 'context', id: `${action}-${at}`, name: `${action} ${at}` },
      sentence: `a line feed\nand ${action}`,
    },
  }))
  await emitAll(world.app.db, events)
  await world.app.ledger.settle()
}
const newest = async () => (await noor.call('audit.checkpoints', { limit: 1 })).items[0] ?? first

beforeAll(async () => {
  world = await openWorld()
  noor = await world.as('noor')
  await world.grant(noor, 'auditor')
  await happens('early.create', 300)
  first = await newest()
  await happens('late.create', 40)
  await world.app.fastify.listen({ host: '127.0.0.1', port: 0 })
  url = `http://127.0.0.1:${(world.app.fastify.server.address() as AddressInfo).port}`
  pinnedKey = await verifierKey(world.dataDir)
})
afterAll(() => world.close())

async function take(query = ''): Promise<Blob> {
  const path = `/api/v1/audit/evidence.zip${query}`
  const answer = await fetch(`${url}${path}`, { headers: await noor.headers('GET', path) })
  expect(answer.status).toBe(200)
  expect(answer.headers.get('content-type')).toBe('application/zip')
  return answer.blob()
}

/** The files of a pack in hand, to be altered. */
async function opened(query = ''): Promise<Map<string, Uint8Array<ArrayBuffer>>> {
  return openPack(await take(query))
}

test('a pack of everything is whole by the pinned key, and is an event', async () => {
  const blob = await take()
  const verdict = await verifyPack(await openArchive(blob), { pinnedKey })
  expect(verdict).toMatchObject({ faults: [], key: 'pinned' })
  const { range, counts, exportedBy, treeSize } = verdict.manifest as PackManifest
  expect(range).toEqual({ start: 0, end: treeSize })
  expect(counts).toEqual({ whole: treeSize, hashOnly: 0 })
  expect(verdict.events).toBe(treeSize)
  expect(exportedBy).toMatchObject({ kind: 'person', id: noor.id })
  expect(await world.lastEvent()).toMatchObject({
    action: 'audit.evidence',
    outcome: 'permitted',
    actor: { id: noor.id },
    detail: { format: 'evidence', below: treeSize },
  })
  // Nobody who has no key can tell who signed it: it is said.
  expect(await verifyPack(await openArchive(blob))).toMatchObject({ faults: [], key: 'came along' })
})

test('what does not match the query stands as its hash alone: nothing of it is told, nothing left out', async () => {
  const files = await opened('?q=action:late.create')
  const { faults, manifest } = await verifyPack(asFiles(files), { pinnedKey })
  expect(faults).toEqual([])
  expect(manifest?.query).toEqual({ q: 'action:late.create' })
  expect(manifest?.counts.whole).toBe(40)
  expect(manifest?.counts.hashOnly).toBeGreaterThan(300)
  const all = [...files.values()].map(textOf).join('')
  expect(all).toContain('late.create 39')
  expect(all).not.toContain('early.create')
  const nothing = await verifyPack(asFiles(await opened('?q=action:never.done')), { pinnedKey })
  expect(nothing).toMatchObject({ faults: [], manifest: { counts: { whole: 0 } } })
})

test('of a range of time only its leaves are in it, with what proves their place', async () => {
  const from = new Date(Date.now() - 3_600_000).toISOString()
  const until = new Date(Date.now() + 3_600_000).toISOString()
  const verdict = await verifyPack(asFiles(await opened(`?from=${from}&until=${until}`)), {
    pinnedKey,
  })
  expect(verdict.faults).toEqual([])
  const before = '2001-01-01T00:00:00Z'
  const none = await verifyPack(
    asFiles(await opened(`?from=2000-01-01T00:00:00Z&until=${before}`)),
    {
      pinnedKey,
    },
  )
  expect(none).toMatchObject({
    faults: [],
    events: 0,
    manifest: { counts: { whole: 0, hashOnly: 0 } },
  })
})

test('a pack proves that it continues a checkpoint that was kept, or says that it does not', async () => {
  const files = await opened(`?since=${first.treeSize}`)
  const verdict = await verifyPack(asFiles(files), { pinnedKey, since: first.note })
  expect(verdict).toMatchObject({ faults: [], since: first.treeSize })
  const without = await verifyPack(asFiles(await opened()), { pinnedKey, since: first.note })
  expect(without.faults).toEqual([expect.stringContaining('does not prove that it continues')])
  await expect(noor.send('/api/v1/audit/evidence.zip?since=3')).resolves.toMatchObject({
    status: 400,
    body: { code: 'invalid_input' },
  })
})

test('it is for those who may export, by a recent sign-in', async () => {
  const sam = await world.as('sam')
  expect((await sam.send('/api/v1/audit/evidence.zip')).status).toBe(403)
  const tired = await world.as('noor', { authTime: Math.floor(Date.now() / 1000) - 3_600 })
  expect(await tired.send('/api/v1/audit/evidence.zip')).toMatchObject({ status: 401 })
})

describe('a pack that was tampered with names what was done (P8)', () => {
  const entries = async () => {
    const files = await opened()
    const path = [...files.keys()].find((name) => name.endsWith('.ndjson')) ?? ''
    const lines = textOf(files.get(path)).split('\n').slice(0, -1)
    return { files, path, lines, hashes: path.replace('.ndjson', '.hashes') }
  }
  type Tampering = (pack: Awaited<ReturnType<typeof entries>>) => void | Promise<void>
  const at = 123
  const cases: readonly (readonly [string, RegExp, Tampering])[] = [
    [
      'an event is altered',
      /^event 123 was altered.*\([0-9a-f-]{36}\)/,
      ({ files, path, lines }) => {
        files.set(path, joined(lines.with(at, lines[at]?.replace('"permitted"', '"denied"') ?? '')))
      },
    ],
    [
      'an event is removed',
      /^event 123 was removed/,
      ({ files, path, lines }) => {
        files.set(path, joined(lines.toSpliced(at, 1)))
      },
    ],
    [
      'an event is added',
      /^an event was added before event 123/,
      ({ files, path, lines }) => {
        files.set(
          path,
          joined(lines.toSpliced(at, 0, (lines[5] ?? '').replace('"permitted"', '"denied"'))),
        )
      },
    ],
    [
      'an event is there twice',
      /^an event was added before event 124/,
      ({ files, path, lines }) => {
        files.set(path, joined(lines.toSpliced(at, 0, lines[at] ?? '')))
      },
    ],
    [
      'two events change places',
      /^event 123 and the one behind it were put in each other's place/,
      ({ files, path, lines }) => {
        files.set(path, joined(lines.with(at, lines[at + 1] ?? '').with(at + 1, lines[at] ?? '')))
      },
    ],
    [
      'the last event is cut off',
      /^event \d+ was removed/,
      ({ files, path, lines }) => {
        files.set(path, joined(lines.slice(0, -1)))
      },
    ],
    [
      'the last line is cut in two',
      /was cut off/,
      ({ files, path }) => {
        files.set(path, (files.get(path) ?? new Uint8Array()).slice(0, -20))
      },
    ],
    [
      'an event is hidden behind another hash',
      /^event 123 was altered/,
      ({ files, path, lines }) => {
        files.set(path, joined(lines.with(at, `#${toBase64(new Uint8Array(32))}`)))
      },
    ],
    [
      'an event and its listed hash are altered',
      /do not lead to the signed root/,
      async ({ files, path, lines, hashes }) => {
        const line = lines[at]?.replace('"permitted"', '"denied"') ?? ''
        files.set(path, joined(lines.with(at, line)))
        const hash = await digest(Uint8Array.from([0, ...utf8(line.split('\t')[0] ?? '')]))
        const all = Uint8Array.from(files.get(hashes) ?? [])
        all.set(hash, at * 32)
        files.set(hashes, all)
      },
    ],
    [
      'the file of events is left out',
      /was removed|is missing/,
      ({ files, path }) => {
        files.delete(path)
      },
    ],
    [
      'the proof is altered',
      /README.txt was altered/,
      ({ files }) => {
        files.set('README.txt', utf8('All is well.'))
      },
    ],
    [
      'what was asked is altered',
      /the manifest was altered/,
      ({ files }) => {
        const manifest = textOf(files.get('manifest.json')).replace(
          '"query": {}',
          '"query": {"q":"actor:lin"}',
        )
        files.set('manifest.json', utf8(manifest))
      },
    ],
    [
      'a file is added',
      /none of ours holds: \.\.\/\.\.\/etc\/passwd/,
      ({ files }) => {
        files.set('../../etc/passwd', utf8('x'))
      },
    ],
    [
      'a known file is added',
      /verifier.html was added/,
      ({ files }) => {
        files.set('verifier.html', utf8('<script>alert("whole")</script>'))
      },
    ],
    [
      'white space is put behind the signature',
      /^manifest.sig was altered: more stands in it than the signature$/,
      ({ files }) => {
        files.set('manifest.sig', utf8(`${textOf(files.get('manifest.sig'))} \n`))
      },
    ],
    [
      'another signature is put beside it',
      /^manifest.sig was altered/,
      ({ files }) => {
        files.set(
          'manifest.sig',
          utf8(`${textOf(files.get('manifest.sig'))}— other.example AAAA\n`),
        )
      },
    ],
    [
      'the checkpoint is another',
      /another checkpoint|signature|lead to/,
      ({ files }) => {
        files.set('checkpoint', utf8(first.note))
      },
    ],
  ]
  test.each(cases)('%s', async (what, says, tamper) => {
    const pack = await entries()
    // The control: before, it is whole.
    expect((await verifyPack(asFiles(pack.files), { pinnedKey })).faults).toEqual([])
    await tamper(pack)
    const plain = await verifyPack(asFiles(pack.files), { pinnedKey })
    expect(plain.faults[0]).toMatch(says)
    if (pack.files.has('../../etc/passwd')) return
    const again = new Map(pack.files)
    if (what !== 'what was asked is altered') await resum(again)
    const summed = await verifyPack(asFiles(again), { pinnedKey })
    expect(summed.faults).not.toEqual([])
  })

  test('a file is there twice', async () => {
    const files = asFiles(await opened())
    const twice = [...files, ...files.filter(({ path }) => path === 'checkpoint')]
    expect((await verifyPack(twice, { pinnedKey })).faults[0]).toBe('checkpoint is there twice')
  })

  test('everything is made anew and signed by another key', async () => {
    const files = await opened()
    const { origin, root, treeSize } = JSON.parse(
      textOf(files.get('manifest.json')),
    ) as PackManifest
    const forged = signingKeyFrom(Buffer.alloc(32, 3))
    const sign = (text: Uint8Array) => forged.sign(text)
    const checkpoint = {
      origin,
      size: treeSize,
      root: Uint8Array.from(Buffer.from(root, 'base64')),
    }
    files.set('checkpoint', utf8(await signCheckpoint(checkpoint, forged.publicKey, sign)))
    files.set('keys.txt', utf8(await formatVerifierKey(origin, forged.publicKey)))
    await resum(files)
    const text = await manifestText(packFormat, files.get('manifest.json') ?? new Uint8Array())
    files.set('manifest.sig', utf8(await signNote(text, origin, forged.publicKey, sign)))
    // By itself it is whole: that is why a key that came along is said to prove nothing.
    expect(await verifyPack(asFiles(files))).toMatchObject({ faults: [], key: 'came along' })
    const { faults } = await verifyPack(asFiles(files), { pinnedKey })
    expect(faults[0]).toContain('no signature by this key')
    expect(faults.length).toBeGreaterThan(1)
  })

  test('random bits are turned, each in a pack of its own: none is missed (`CAMPAIGN=20` for more)', async () => {
    const files = await opened()
    const paths = [...files.keys()].filter((path) => path !== 'manifest.sig')
    let missed = 0
    const rounds = Number(process.env['CAMPAIGN'] ?? 1) * 300
    for (let round = 0; round < rounds; round++) {
      const path = paths[round % paths.length] ?? ''
      const bytes = Uint8Array.from(files.get(path) ?? [])
      const place = Math.floor(Math.random() * bytes.length)
      bytes[place] = (bytes[place] ?? 0) ^ (1 << (round % 8))
      const { faults } = await verifyPack(asFiles(new Map(files).set(path, bytes)), { pinnedKey })
      if (faults.length === 0) missed += 1
    }
    expect(missed).toBe(0)
  })
})

test('npm run verify says the same in a terminal, by an exit code too', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'sallyport-pack-'))
  const blob = await take(`?since=${first.treeSize}`)
  const bytes = Buffer.from(await blob.arrayBuffer())
  const file = join(folder, 'pack.zip')
  const kept = join(folder, 'checkpoint')
  writeFileSync(kept, first.note)
  const verify = (content: Buffer, key = pinnedKey) => {
    writeFileSync(file, content)
    const { status, stdout, stderr } = spawnSync(
      process.execPath,
      ['scripts/verify.ts', file, kept],
      {
        encoding: 'utf8',
        env: { ...process.env, SALLYPORT_DATA: folder, SALLYPORT_LEDGER_KEY: key },
      },
    )
    return { status, told: stdout + stderr }
  }
  const { stderr } = spawnSync(process.execPath, ['scripts/verify.ts', `${file}-`])
  expect(String(stderr)).toContain(`${file}-: there is no such file`)
  const whole = verify(bytes)
  expect(whole).toMatchObject({ status: 0, told: expect.stringContaining('Whole') })
  expect(whole.told).toContain(`continues the checkpoint over ${first.treeSize} events`)
  const place = bytes.indexOf('"permitted"', 20_000) + 1
  const altered = verify(Buffer.from(bytes.fill('K', place, place + 1)))
  expect(altered).toMatchObject({ status: 1, told: expect.stringMatching(/event \d+ was altered/) })
  const other = await formatVerifierKey(
    'another.example/log',
    signingKeyFrom(Buffer.alloc(32, 3)).publicKey,
  )
  expect(verify(Buffer.from(await blob.arrayBuffer()), other)).toMatchObject({
    status: 1,
    told: expect.stringContaining('of another log'),
  })
  expect(verify(Buffer.from('no archive'))).toMatchObject({ status: 1 })
  const none = await take(`?since=${first.treeSize}&until=2020-01-01T00:00:00Z`)
  const empty = verify(Buffer.from(await none.arrayBuffer())).told
  expect(empty).toMatch(/ {8}none of \d+; asked for: everything, until 2020-01-01T00:00:00Z\n/)
  rmSync(folder, { recursive: true })
})

test('the log signs manifests by its own key, and no manifest is a checkpoint', async () => {
  const files = await opened()
  const key = signingKeyOf(masterKeyOf(world.config))
  expect(pinnedKey).toBe(await formatVerifierKey(pinnedKey.split('+')[0] ?? '', key.publicKey))
  expect(textOf(files.get('manifest.sig')).split('\n')[0]).toBe('sallyport-evidence/2')
  await expect(
    verifyPack(asFiles(files), { pinnedKey, since: textOf(files.get('manifest.sig')) }),
  ).resolves.toMatchObject({ faults: [expect.stringMatching(/not a checkpoint|another log/)] })
})
