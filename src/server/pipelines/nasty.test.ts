import { afterAll, beforeAll, expect, test } from 'vitest'
import { openWorld, type World, type WorldPerson } from '../testing/world.ts'
import { createConfigReader } from './config-reader.ts'
import { ConfigRefused } from './refused.ts'

/*
 * No document can stop a node (P39): each nasty form again and again in one process, while others go on asking: thirty
 * times, and where it is large ten.
 */

const timesOf = (text: string) => (text.length > 100_000 ? 10 : 30)
const repeat = (text: string, count: number) => text.repeat(count)
const anchors = (count: number, line: (number: number) => string) =>
  Array.from({ length: count }, (_, number) => line(number)).join('')

/** Ten levels of ten aliases: 10¹⁰ nodes, were they expanded. */
const laughs = anchors(10, (level) =>
  level === 0
    ? 'a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n'
    : `a${level}: &a${level} [${Array(10)
        .fill(`*a${level - 1}`)
        .join(', ')}]\n`,
)
const nasty: Readonly<Record<string, string>> = {
  'brackets [': repeat('[', 10_000),
  'braces {': repeat('{', 10_000),
  'braces with keys': repeat('{a: ', 10_000),
  'dashes - - -': repeat('- ', 10_000),
  'questions ? ? ?': repeat('? ', 10_000),
  'questions and dashes': repeat('? - ', 5_000),
  'colons : : :': repeat(': ', 10_000),
  indentation: anchors(1_000, (level) => `${' '.repeat(level)}a:\n`),
  'aliases of aliases': laughs,
  'merges of merges': anchors(12, (level) =>
    level === 0
      ? 'm0: &m0 {a: {x: [1, 2, 3]}, b: 1}\n'
      : `m${level}: &m${level} {<<: *m${level - 1}, k${level}: [${Array(10)
          .fill(`*m${level - 1}`)
          .join(', ')}]}\n`,
  ),
  'an alias in its own anchor': 'a: &a [*a]\n',
  '50,000 keys': `jobs:\n${anchors(50_000, (number) => `  k${number}: v\n`)}`,
  '50,000 anchors': anchors(50_000, (number) => `- &a${number} x\n`),
  'one long line': repeat('a', 1_000_000),
  'quotes that never end': `"${repeat('\\"', 400_000)}`,
  tabs: repeat('\t', 100_000),
  'nothing but comments': repeat('# x\n', 200_000),
  'documents without end': repeat('---\n', 50_000),
  tags: repeat('!a ', 50_000),
  'a matrix of everything': `version: 2.1\njobs: {a: {docker: [{image: x}]}}\nworkflows:\n  w:\n    jobs:\n      - a:\n          matrix: {parameters: {a: [${'1, '.repeat(99)}1], b: [${'1, '.repeat(99)}1], c: [${'1, '.repeat(99)}1]}}\n`,
  'half characters': repeat('\u{d800}', 10_000),
  NULs: repeat('\0', 10_000),
}

let world: World
let ada: WorldPerson
beforeAll(async () => {
  world = await openWorld()
  ada = await world.as('ada')
  const segment = await ada.call('segments.create', { name: 'build', tier: 'build' })
  await ada.call('projects.create', {
    name: 'shop',
    slug: 'shop',
    provider: 'circleci',
    repository: 'shop',
    segmentId: segment.id,
  })
  await world.app.warm()
})
afterAll(() => world.close())

test.each(Object.entries(nasty))(
  '%s, again and again: answered, and the server lives',
  async (_, text) => {
    const statuses = new Set<number>()
    const path = '/api/v1/pipelines/preview?project=shop'
    for (let time = 0; time < timesOf(text); time += 2) {
      const both = await Promise.all(
        [0, 1].map(() => ada.send(path, { method: 'POST', body: { text } })),
      )
      for (const { status } of both) statuses.add(status)
    }
    for (const status of statuses) expect([200, 400, 422]).toContain(status)
    expect(await ada.call('me.view', {})).toMatchObject({ id: ada.id })
    // And whoever comes after is read: a reader that is dead answers, too.
    const plain =
      'version: 2.1\njobs: {build: {docker: [{image: "cimg/base:2026.10.1"}], steps: [checkout]}}'
    expect((await ada.send(path, { method: 'POST', body: { text: plain } })).status).toBe(200)
  },
  240_000,
)

test('while such texts are read, others are answered as ever', async () => {
  const waits: number[] = []
  const reading = { on: true }
  const flood = Promise.all(
    ['50,000 keys', 'aliases of aliases', 'brackets [', 'merges of merges'].map(async (name) => {
      for (let time = 0; time < 6; time++) {
        await ada.send('/api/v1/pipelines/preview?project=shop', {
          method: 'POST',
          body: { text: nasty[name] },
        })
      }
    }),
  ).finally(() => {
    reading.on = false
  })
  while (reading.on) {
    const from = performance.now()
    await ada.call('me.view', {})
    waits.push(performance.now() - from)
  }
  await flood
  const middle = waits.sort((one, other) => one - other)[Math.floor(waits.length / 2)] ?? Infinity
  expect(waits.length).toBeGreaterThan(20)
  // A machine that tests share with others: what would be seen is seconds, were these read in this process.
  expect(middle).toBeLessThan(1_500)
})

/** Ten levels, each of which names the one below it eight times: 8¹⁰ walks, were each walked. */
const eightfold = (prefix: string, line: (name: string, below: string) => string) =>
  anchors(10, (level) =>
    line(
      `${prefix}${level}`,
      Array(8)
        .fill(`${prefix}${level + 1}`)
        .join(),
    ),
  )

test.each([
  [
    'gitlab',
    `${eightfold('.x', (name, below) => `${name}: {extends: [${below}]}\n`)}.x10: {script: [make]}\nbuild: {extends: [.x0]}\n`,
  ],
  [
    'circleci',
    `version: 2.1\ncommands:\n${eightfold('x', (name, below) => `  ${name}: {steps: [${below}]}\n`)}  x10: {steps: [run: make]}\njobs: {build: {docker: [{image: x}], steps: [x0]}}\n`,
  ],
] as const)('%s: what names the same again and again is read once', async (provider, text) => {
  const reader = createConfigReader({ children: 1, timeoutMs: 20_000 })
  try {
    const { jobs } = await reader.read({ provider, text })
    expect(jobs).toMatchObject([{ name: 'build' }])
  } finally {
    await reader.close()
  }
})

test('negative control: a reader that dies or never answers is replaced, and only its own text is refused', async () => {
  const program = new URL('./testing/deadly-child.ts', import.meta.url)
  const reader = createConfigReader({ program, children: 1, timeoutMs: 1_500, memoryMb: 64 })
  const read = (text: string) => reader.read({ provider: 'circleci', text })
  try {
    await expect(read('hang')).rejects.toThrow('takes too long')
    await expect(read('die')).rejects.toThrow(ConfigRefused)
    await expect(read('eat memory')).rejects.toThrow(ConfigRefused)
    // And the next is served by a new one.
    expect(await read('fine')).toMatchObject({ provider: 'circleci', jobs: [] })
  } finally {
    await reader.close()
  }
})

test('a reader that cannot even begin is no fault of a config, and is not told as one', async () => {
  const program = new URL('./testing/is-not-there.ts', import.meta.url)
  const reader = createConfigReader({ program, children: 1 })
  const reading = reader.read({ provider: 'circleci', text: 'version: 2.1' })
  await expect(reading).rejects.toThrow('configs cannot be read: it ended with 1')
  await expect(reading).rejects.not.toBeInstanceOf(ConfigRefused)
  await reader.close()
})

test('a queue has an end: whoever comes after is told so', async () => {
  const program = new URL('./testing/deadly-child.ts', import.meta.url)
  const reader = createConfigReader({ program, children: 1, timeoutMs: 1_000, waiting: 1 })
  const read = (text: string) => reader.read({ provider: 'circleci', text })
  const first = read('hang').catch((error: Error) => error.message)
  const second = read('fine')
  await expect(read('fine')).rejects.toThrow('too many')
  expect(await first).toContain('too long')
  expect(await second).toMatchObject({ jobs: [] })
  await reader.close()
})
