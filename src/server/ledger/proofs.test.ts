// P8, P8b: what we prove, judged by ourselves and by a second verifier written from RFC 6962's definitions alone: every
// leaf and every pair of small trees, boundary sizes, random logs. Then spoiled in every way we know: nothing may pass.
// CAMPAIGN=20 npx vitest run src/server/ledger/proofs.test.ts tries twenty times as many random logs.
import { generateKeyPairSync, sign, type KeyObject } from 'node:crypto'
import { beforeAll, expect, test } from 'vitest'
import {
  formatVerifierKey,
  openCheckpoint,
  parseVerifierKey,
  signCheckpoint,
} from '../../proof/checkpoint.ts'
import type { Checkpoint, VerifierKey } from '../../proof/checkpoint.ts'
import {
  consistencyProof,
  inclusionProof,
  leafHash,
  verifyConsistency,
  verifyInclusion,
} from '../../proof/merkle.ts'
import {
  hashOfLeaf,
  joined,
  judgeOf,
  rootOfAll,
  type Bytes,
  type Evidence,
} from '../testing/second-verifier.ts'
import { appendToTiles, nodesFromTiles } from '../../proof/tiles.ts'

const origin = 'audit.example.com/campaign'
const pair = generateKeyPairSync('ed25519')
const stranger = generateKeyPairSync('ed25519')
const rawKey = (key: KeyObject): Bytes =>
  Uint8Array.from(key.export({ type: 'spki', format: 'der' }).subarray(-32))
const noteOf = (size: number, root: Bytes, by = pair, name = origin) =>
  signCheckpoint({ origin: name, size, root }, rawKey(by.publicKey), async (text) =>
    sign(null, text, by.privateKey),
  )
const rounds = Number(process.env['CAMPAIGN'] ?? 1)

/** The same numbers at every run, so that a miss can be found again. */
function createDice(seed: number) {
  let state = seed
  return (sides: number): number => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return Math.floor((state / 2 ** 32) * sides)
  }
}

interface Log {
  readonly leaves: readonly Bytes[]
  readonly hashes: readonly Bytes[]
  readonly prove: (
    index: number,
    first: number,
    size: number,
  ) => Promise<Pick<Evidence, 'path' | 'proof'>>
}

/** A log whose proofs come from the product's tiles. */
async function logOf(leaves: readonly Bytes[]): Promise<Log> {
  const hashes = leaves.map(hashOfLeaf)
  const ourHashes = await Promise.all(leaves.map(async (leaf) => leafHash(leaf)))
  // One by one, and by bytes: the library compares each byte by itself, which took most of the time.
  expect(ourHashes.length).toBe(hashes.length)
  expect(ourHashes.every((hash, at) => hashes[at] && Buffer.compare(hash, hashes[at]) === 0)).toBe(
    true,
  )
  const tiles = new Map<string, Uint8Array>()
  for (const tile of await appendToTiles(0, ourHashes, async () => undefined)) {
    tiles.set(`${tile.level}/${tile.index}`, tile.hashes)
  }
  const read = nodesFromTiles(async (level, index) => tiles.get(`${level}/${index}`))
  return {
    leaves,
    hashes,
    prove: async (index, first, size) => ({
      path: await inclusionProof(index, size, read),
      proof: await consistencyProof(first, size, read),
    }),
  }
}

/** That leaf `index` is in the tree of `size`, which continues that of `first`. */
async function evidenceOf(log: Log, index: number, first: number, size: number): Promise<Evidence> {
  return {
    leaf: log.leaves[index] ?? new Uint8Array(),
    index,
    ...(await log.prove(index, first, size)),
    note: await noteOf(size, rootOfAll(log.hashes.slice(0, size))),
    older: await noteOf(first, rootOfAll(log.hashes.slice(0, first))),
  }
}

let pinned: VerifierKey
beforeAll(async () => {
  pinned = await parseVerifierKey(await formatVerifierKey(origin, rawKey(pair.publicKey)))
})
const openedBefore = new Map<string, Promise<Checkpoint | undefined>>()
const open = (note: string) => {
  const found = openedBefore.get(note) ?? openCheckpoint(note, pinned).catch(() => undefined)
  openedBefore.set(note, found)
  return found
}
async function ours({ leaf, index, path, note, older, proof }: Evidence): Promise<boolean> {
  const [now, before] = [await open(note), await open(older)]
  if (!now || !before) return false
  return (
    (await verifyInclusion(await leafHash(leaf), index, now.size, path, now.root)) &&
    (await verifyConsistency(before.size, now.size, before.root, now.root, proof))
  )
}

const flipped = (bytes: Bytes, bit: number) =>
  bytes.map((byte, at) =>
    at === Math.floor(bit / 8) % bytes.length ? byte ^ (1 << (bit % 8)) : byte,
  )
const blank = new Uint8Array(32)

/** Ways to spoil a list of hashes. */
function spoiledLists(
  list: readonly Bytes[],
  dice: (sides: number) => number,
): [string, Bytes[]][] {
  const at = dice(list.length)
  const [first, ...rest] = list
  const found: [string, Bytes[]][] = [
    ['one more at the end', [...list, blank]],
    ['one more in front', [blank, ...list]],
  ]
  if (!first) return found
  return [
    ...found,
    ['without the first', rest],
    ['without the last', list.slice(0, -1)],
    ['without one', list.toSpliced(at, 1)],
    ['one twice', list.toSpliced(at, 0, list[at] ?? blank)],
    ['one bit', list.with(at, flipped(list[at] ?? blank, dice(256)))],
    ['one cut short', list.with(at, (list[at] ?? blank).slice(0, 31))],
    ['backwards', list.toReversed()],
    ['first and last exchanged', list.with(0, list.at(-1) ?? blank).with(list.length - 1, first)],
    ['none', []],
  ]
}

/** Everything that we know to do to evidence, by name. */
async function spoiled(
  e: Evidence,
  log: Log,
  first: number,
  size: number,
  dice: (sides: number) => number,
) {
  const other = (e.index + 1 + dice(size)) % size
  const found: [string, Evidence][] = [
    ['leaf: one bit', { ...e, leaf: flipped(e.leaf, dice(64)) }],
    ['leaf: another', { ...e, leaf: log.leaves[other] ?? blank }],
    ['leaf: empty', { ...e, leaf: new Uint8Array() }],
    ['leaf: its own hash', { ...e, leaf: hashOfLeaf(e.leaf) }],
    ['index: the next', { ...e, index: e.index + 1 }],
    ['index: the one before', { ...e, index: e.index - 1 }],
    ['index: another', { ...e, index: other }],
    ['index: beyond the end', { ...e, index: e.index + size }],
  ]
  const beside = e.path[0]
  if (beside && e.index % 2 === 0) {
    const leaf = joined(hashOfLeaf(e.leaf), beside)
    found.push(['leaf: a node', { ...e, leaf, index: e.index / 2, path: e.path.slice(1) }])
  }
  for (const [how, path] of spoiledLists(e.path, dice)) found.push([`path: ${how}`, { ...e, path }])
  for (const [how, proof] of spoiledLists(e.proof, dice))
    found.push([`proof: ${how}`, { ...e, proof }])
  const root = rootOfAll(log.hashes.slice(0, size))
  const told = (more: number) => e.note.replace(`\n${size}\n`, `\n${size + more}\n`)
  const notes: [string, string][] = [
    ['one larger', told(1)],
    ['one smaller', told(-1)],
    ['of another log', await noteOf(size, root, pair, 'audit.example.com/other')],
    ['renamed', e.note.replaceAll(origin, 'audit.example.com/other')],
    ['by another key', await noteOf(size, root, stranger)],
    [
      'another root under the same signature',
      e.note.replace(
        Buffer.from(root).toString('base64'),
        Buffer.from(flipped(root, dice(256))).toString('base64'),
      ),
    ],
    ['the signature of the older', `${e.note.split('\n\n')[0]}\n\n${e.older.split('\n\n')[1]}`],
    ['unsigned', `${e.note.split('\n\n')[0]}\n\n`],
    ['a signed root of nothing', await noteOf(size, flipped(root, dice(256)))],
  ]
  for (const [how, note] of notes) found.push([`note: ${how}`, { ...e, note }])
  if (first < size) found.push(['notes: exchanged', { ...e, note: e.older, older: e.note }])
  if (first > 0) {
    const earlier = flipped(rootOfAll(log.hashes.slice(0, first)), dice(256))
    found.push(['older note: another root, signed', { ...e, older: await noteOf(first, earlier) }])
  }
  return found.filter(([, spoilt]) => !alike(spoilt, e))
}
const text = (e: Evidence) =>
  JSON.stringify([
    e.index,
    e.note,
    e.older,
    ...[e.leaf, ...e.path, blank, ...e.proof].map((bytes) => Buffer.from(bytes).toString('hex')),
  ])
const alike = (one: Evidence, other: Evidence) => text(one) === text(other)

/** The owner of the key rewrites what was signed and signs it again, with proofs as good as can be made. */
async function rewritten(log: Log, first: number, size: number, dice: (sides: number) => number) {
  const at = dice(first)
  const strange = Uint8Array.from(Buffer.from('never happened'))
  const { leaves } = log
  const next = (at + 1) % size
  const histories: [string, Bytes[]][] = [
    ['an edit', leaves.with(at, strange)],
    ['a deletion', leaves.toSpliced(at, 1)],
    ['an insertion', leaves.toSpliced(at, 0, strange)],
    ['a duplication', leaves.toSpliced(at, 0, leaves[at] ?? strange)],
    ['an exchange', leaves.with(at, leaves[next] ?? strange).with(next, leaves[at] ?? strange)],
    ['a head cut off', leaves.slice(1)],
    ['a reversal', leaves.slice(0, size).toReversed()],
  ]
  const found: [string, Evidence][] = []
  for (const [how, history] of histories) {
    if (history.length < size) history.push(strange)
    const forged = await logOf(history.slice(0, size))
    if (
      JSON.stringify(forged.hashes.slice(0, first)) === JSON.stringify(log.hashes.slice(0, first))
    )
      continue
    const { older } = await evidenceOf(log, 0, first, size)
    found.push([
      `rewritten: ${how}`,
      { ...(await evidenceOf(forged, dice(size), first, size)), older },
    ])
  }
  return found
}

const boundaries = Array.from({ length: 8 }, (_, k) => 2 ** (k + 1)).flatMap((power) => [
  power - 1,
  power,
  power + 1,
])

/** Which index, older size and size are tried: all of small logs, the edges and some more of larger ones. */
function tried(dice: (sides: number) => number): [number, number, number][] {
  const found: [number, number, number][] = []
  for (let size = 1; size <= (rounds > 1 ? 24 : 8); size++) {
    for (let first = 0; first <= size; first++) {
      for (let index = 0; index < size; index++) found.push([index, first, size])
    }
  }
  const random = Array.from({ length: 8 * rounds }, () => 1 + dice(300))
  for (const size of [...boundaries, ...random]) {
    for (const first of new Set([0, 1, 1 + dice(size), 2 ** Math.floor(Math.log2(size)), size])) {
      for (const index of new Set([0, dice(size), size - 1])) found.push([index, first, size])
    }
  }
  return found
}

type Verifier = (evidence: Evidence) => Promise<boolean>

/** Tries everything on some verifiers; answers what was tried, what passed that must not, and the reverse. */
async function campaign(
  verifiers: readonly Verifier[],
  cases: readonly [number, number, number][],
  seed: number,
) {
  const dice = createDice(seed)
  const count = { valid: 0, mutations: 0 }
  const missed = new Map<string, number>()
  const rejected: string[] = []
  const kinds = new Set<string>()
  const log = await logOf(
    Array.from({ length: 301 }, (_, at) => Uint8Array.from(Buffer.from(`leaf ${seed} ${at}`))),
  )
  for (const [index, first, size] of cases) {
    const evidence = await evidenceOf(log, index, first, size)
    count.valid += 1
    for (const verify of verifiers)
      if (!(await verify(evidence))) rejected.push(`${index} of ${first} in ${size}`)
    const all = await spoiled(evidence, log, first, size, dice)
    if (first > 0 && size > 1 && index === size - 1)
      all.push(...(await rewritten(log, first, size, dice)))
    for (const [how, spoilt] of all) {
      kinds.add(how)
      for (const verify of verifiers) {
        count.mutations += 1
        if (await verify(spoilt)) missed.set(`${how}: ${index} of ${first} in ${size}`, 1)
      }
    }
  }
  return { ...count, missed: [...missed.keys()], rejected, kinds }
}

test(
  'no spoiled proof passes either verifier, and every true one passes both',
  { timeout: 600_000 },
  async () => {
    const judge = judgeOf(origin, pair.publicKey)
    const { valid, mutations, missed, rejected, kinds } = await campaign(
      [ours, judge],
      tried(createDice(rounds)),
      20_261_125 + rounds,
    )
    if (rounds > 1)
      console.info(
        `${valid} valid, ${mutations} mutations of ${kinds.size} kinds, ${missed.length} missed, ${rejected.length} rejected`,
      )
    expect(missed).toEqual([])
    expect(rejected).toEqual([])
    expect(kinds.size).toBeGreaterThan(40)
    expect(mutations).toBeGreaterThan(30_000)
  },
)

test('the control: a verifier that leaves one question out is caught', async () => {
  const cases = tried(createDice(3)).filter(([, , size]) => size === 7)
  const judge = judgeOf(origin, pair.publicKey)
  const careless: [string, Verifier][] = [
    ['rewritten', async (e) => judge({ ...e, older: e.note, proof: [] })],
    [
      'by another key',
      async (e) =>
        judge(e).then(
          (whole) =>
            whole || judgeOf(origin, stranger.publicKey)({ ...e, older: e.note, proof: [] }),
        ),
    ],
    ['path: one more', async (e) => (await judge(e)) || judge({ ...e, path: e.path.slice(0, -1) })],
    ['proof: one more', async (e) => (await judge(e)) || judge({ ...e, proof: e.proof.slice(1) })],
    ['index', async (e) => (await judge(e)) || judge({ ...e, index: e.index - 1 })],
  ]
  for (const [question, verifier] of careless) {
    const { missed } = await campaign([verifier], cases, 5)
    expect(missed.filter((how) => how.includes(question)).length).toBeGreaterThan(0)
  }
})
