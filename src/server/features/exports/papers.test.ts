import { sql } from 'kysely'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { AddressInfo } from 'node:net'
import type { CallOf } from '../../../contract/index.ts'
import { connect, type Database } from '../../db/connect.ts'
import { below } from '../../testing/below.ts'
import { pdfPages, pdfStructure, type Structure } from '../../testing/pdf-text.ts'
import { diligenceSaid } from '../../../contract/review-words.ts'
import { openReviews, type Reviews } from '../../testing/reviews.ts'
import type { WorldPerson } from '../../testing/world.ts'
import type { Block } from '../../http/paper.ts'
import type { ListFile, Reader } from '../../http/list-file.ts'
import { mostOnPaper, paperSource } from './paper-source.ts'
import { beginPaper } from './paper.ts'

/*
 * What people read on paper: parsed back by the fonts' own tables, as a reader finds it.
 */

type Asked = CallOf<'exports.create'>['asked']

const hostile = [
  '=1+1\r\nsecond line\u0000\u001b[31m',
  '\u202eright to left\u2066 שלום مرحبا 中文 😀',
  'x'.repeat(3_000),
  `${'long words '.repeat(900)}end`,
  '(unbalanced \\ )) <</Type /Catalog>> endobj endstream',
  '\ud800 alone',
  '',
]
const columns = [
  { title: 'One', part: 1 },
  { title: 'Two', part: 2 },
]

const paperOf = (rows: readonly (readonly string[])[]) =>
  pdfPages(fileOfBlocks(rows.map((cells) => ({ cells }))))

function fileOfBlocks(blocks: readonly Block[]): Buffer {
  const paper = beginPaper({
    title: 'A title with “Ωμέγα”, Žluť and Привет',
    by: 'Noor',
    at: new Date('2026-11-26T07:00:00Z'),
    facts: [
      ['Fact', 'told'],
      ['', 'more of it'],
    ],
    query: 'everything',
    columns,
  })
  const made: Buffer[] = []
  for (const block of blocks) {
    paper.add(block)
    made.push(paper.taken())
  }
  made.push(paper.end())
  return Buffer.concat(made)
}

/** The parts as they come one after the other, of these types. */
const partsIn = (all: readonly Structure[], ...types: string[]): Structure[] =>
  all.flatMap((one) => [
    ...(types.includes(one.type) ? [one] : []),
    ...partsIn(one.children, ...types),
  ])
const cellsOf = ({ children }: Structure) => children.map(({ text }) => text)

/** A list of so many rows on paper, each row as these blocks; answers of how many parts it was. */
async function partsOf(count: number, blocks: readonly Block[] = []): Promise<number> {
  const numbers: ListFile<object, number> = {
    may: 'signed-in',
    rows: (_reader, _query, { limit, after }) => {
      const from = Number(after?.[0] ?? 0)
      const rows = Array.from({ length: Math.min(limit, count - from) }, (_, at) => from + at + 1)
      return Promise.resolve(rows)
    },
    place: (row) => [String(row)],
    head: [],
    cells: () => [],
    line: () => ({}),
  }
  const source = paperSource(numbers, {
    head: () => Promise.resolve({ title: 'Numbers', facts: [] }),
    columns,
    blocks: () => [...blocks],
    none: 'None.',
  })
  const reader = { actor: { name: 'Noor' }, now: new Date() } as Reader
  const order = { id: 'one', format: 'pdf', query: {}, bound: {}, aboutId: null } as const
  const tools = { keys: { key: undefined, verifierKey: '' }, kept: () => Promise.resolve([]) }
  let parts = 0
  let place: object | null | undefined = null
  while (place !== undefined) {
    const part = await source.part(reader, order, place, tools as never)
    parts += 1
    place = part.next
  }
  return parts
}

test('what is more than anybody reads is not laid out: it says what helps', async () => {
  expect(await partsOf(mostOnPaper)).toBe(mostOnPaper / 200 + 1)
  await expect(partsOf(mostOnPaper + 1)).rejects.toMatchObject({
    code: 'limit_reached',
    message: expect.stringContaining('export CSV'),
  })
})

test('while one long row is laid out, others have many turns', async () => {
  const long = { text: 'Of many words, each of which is measured. '.repeat(400) }
  let turns = 0
  let next: NodeJS.Immediate | undefined
  const count = () => {
    turns++
    next = setImmediate(count)
  }
  count()
  await partsOf(
    1,
    Array.from({ length: 40 }, () => long),
  )
  clearImmediate(next)
  expect(turns).toBeGreaterThan(10)
})

describe('a document', () => {
  test('writes Latin, Greek and Cyrillic, and says what it cannot write', () => {
    const [page = ''] = paperOf([
      ['Ελληνικά', 'Кириллица, Łódź'],
      ['שלום', '中文'],
    ])
    expect(page).toContain('A title with “Ωμέγα”, Žluť and Привет')
    expect(page).toContain('Asked for by Noor, 2026-11-26 07:00 UTC')
    expect(page).toContain('Ελληνικά\nКириллица, Łódź')
    expect(page).toContain('□□□□\n□□')
    expect(page).toContain('□ stands for a character that the font of this file does not have.')
  })

  test('numbers its pages, and repeats the head of the table on each', () => {
    const rows = Array.from({ length: 150 }, (_, at) => [`row ${at}`, 'of many'])
    const pages = paperOf(rows)
    expect(pages.length).toBeGreaterThan(3)
    for (const [nth, page] of pages.entries()) {
      expect(page).toContain(`Page ${nth + 1}`)
      expect(page).toContain('One\nTwo')
    }
    const all = pages.join('\n')
    const found = [...all.matchAll(/^row (\d+)$/gm)].map(([, at]) => Number(at))
    expect(found).toEqual(rows.map((_, at) => at))
  })

  test('is broken by no text, and loses nothing of what is longer than a page', () => {
    const pages = paperOf(hostile.map((text, at) => [`row ${at}`, text]))
    const all = pages.join('\n')
    for (const [at] of hostile.entries()) expect(all).toContain(`row ${at}`)
    expect(all).toContain('second line\\u0000\\u001b[31m')
    expect(all).toContain('\\u202eright to left\\u2066')
    expect(all).toContain('(unbalanced \\ )) <</Type /Catalog>> endobj endstream')
    expect(all.match(/x/g)?.length).toBeGreaterThanOrEqual(3_000)
    expect(all.match(/long words/g)?.length).toBeGreaterThan(800)
    expect(all).toMatch(/\bend$/m)
  })
})

describe('for who cannot see it, a document', () => {
  test('has headings in their order, paragraphs, and tables with the heads of their columns; all that is read is in it', () => {
    const { structure, unread, marked, language, titled } = pdfStructure(
      fileOfBlocks([
        { heading: 'First chapter', level: 1, aside: 'Met' },
        { text: 'A paragraph.' },
        { cells: ['a', 'b'] },
        { cells: ['c', { text: 'd', tone: 'bad' }] },
        { heading: 'Deeper', level: 2 },
        { heading: 'Deepest', level: 3 },
        { cells: ['e', ''] },
      ]),
    )
    expect({ marked, language, titled, unread }).toEqual({
      marked: true,
      language: 'en',
      titled: true,
      unread: [],
    })
    const [root, ...others] = structure
    expect([root?.type, others]).toEqual(['Document', []])
    expect(root?.children.map(({ type, text }) => [type, text])).toEqual([
      ['H1', 'A title with “Ωμέγα”, Žluť and Привет'],
      ['Table', ''],
      ['H2', 'First chapter Met'],
      ['P', 'A paragraph.'],
      ['Table', ''],
      ['H3', 'Deeper'],
      ['H4', 'Deepest'],
      ['Table', ''],
    ])
    const tables = partsIn(structure, 'Table').map(({ children }) => children.map(cellsOf))
    expect(tables).toEqual([
      [
        ['Fact', 'told more of it'],
        ['Query', 'everything'],
      ],
      [
        ['One', 'Two'],
        ['a', 'b'],
        ['c', 'd'],
      ],
      [
        ['One', 'Two'],
        ['e', ''],
      ],
    ])
    const heads = partsIn(structure, 'TH').map(({ text, scope }) => `${text}: ${scope}`)
    expect(heads).toEqual([
      'Fact: Row',
      'Query: Row',
      'One: Column',
      'Two: Column',
      'One: Column',
      'Two: Column',
    ])
  })

  test('is one table from page to page: what every page repeats is said once, what is torn is one cell', () => {
    const rows = Array.from({ length: 150 }, (_, at) => [`row ${at}`, hostile[at % 7] ?? ''])
    const { structure, unread } = pdfStructure(fileOfBlocks(rows.map((cells) => ({ cells }))))
    expect(unread).toEqual([])
    const [, table] = partsIn(structure, 'Table')
    expect(partsIn(structure, 'Table')).toHaveLength(2)
    const read = table?.children.map(cellsOf) ?? []
    expect(read[0]).toEqual(['One', 'Two'])
    expect(read.slice(1).map(([name]) => name)).toEqual(rows.map(([name]) => name))
    expect(read[4]?.[1]).toMatch(/^(long words ){800,}.*end$/)
  })
})

describe('in the background', () => {
  let on: Reviews
  let owner: Database
  let noor: WorldPerson
  let review: Awaited<ReturnType<Reviews['start']>>
  let url: string

  beforeAll(async () => {
    on = await openReviews()
    const { world, ada, lin, max, sam } = on
    owner = connect(world.databaseUrl, { max: 2 })
    noor = await world.as('noor')
    await world.grant(noor, 'auditor')
    await world.app.findings.look({ all: true })
    review = await on.start(ada, { name: 'Πληρωμές, κάθε τρίμηνο' })
    await on.answerAll(review, [lin, max], ({ person }) =>
      person.id === sam.id ? 'revoke' : 'keep',
    )
    review = await on.signOff(ada, review)
    await below(world, (db) =>
      db
        .insertInto('control')
        .values({
          id: 'pci-dss-8.2.6',
          ownerId: ada.id,
          note: hostile.join(' ').replaceAll('\u0000', '').replace('\ud800', ''),
          version: 2,
        })
        .execute(),
    )
    await world.app.fastify.listen({ host: '127.0.0.1', port: 0 })
    url = `http://127.0.0.1:${(world.app.fastify.server.address() as AddressInfo).port}`
  })
  afterAll(async () => {
    await owner.destroy()
    await on.world.close()
  })

  async function make(who: WorldPerson, asked: Asked) {
    const { id: exportId } = await who.call('exports.create', { asked })
    await on.world.app.exports.settled()
    return who.call('exports.view', { exportId })
  }
  async function fileOf(who: WorldPerson, exportId: string) {
    const path = `/api/v1/exports/${exportId}/file`
    const answer = await fetch(`${url}${path}`, { headers: await who.headers('GET', path) })
    expect(answer.headers.get('content-type')).toBe('application/pdf')
    return Buffer.from(await answer.arrayBuffer())
  }

  test('a review with its answers, its results and its roots; who asked, and when', async () => {
    const asked: Asked = { what: 'reviews', format: 'pdf', query: { reviewId: review.id } }
    const made = await make(noor, asked)
    expect(made).toMatchObject({ state: 'done', done: 3, fault: null })
    const file = await fileOf(noor, made.id)
    expect(file.subarray(0, 5).toString()).toBe('%PDF-')
    expect(file.toString('latin1')).toContain('(Sallyport)')
    const { structure, unread, marked, language, titled } = pdfStructure(file)
    expect({ marked, language, titled, unread }).toEqual({
      marked: true,
      language: 'en',
      titled: true,
      unread: [],
    })
    expect(partsIn(structure, 'H1')[0]?.text).toBe('Access review: Πληρωμές, κάθε τρίμηνο')
    const [, lines] = partsIn(structure, 'Table')
    expect(lines?.children.map(({ children }) => children[0]?.type)).toEqual([
      'TH',
      'TD',
      'TD',
      'TD',
    ])
    const text = pdfPages(file).join('\n')
    expect(text).toContain('Access review: Πληρωμές, κάθε τρίμηνο')
    expect(text).toMatch(/Asked for by Noor, \d{4}-\d\d-\d\d \d\d:\d\d UTC/)
    expect(text).toContain(review.root)
    expect(text).toContain(String(review.finalRoot))
    for (const name of ['Lin', 'Max', 'Sam']) expect(text).toContain(`\n${name}\n`)
    expect(text.match(/^Revoked$/gm)).toHaveLength(1)
    expect(text.match(/^Keep$/gm)).toHaveLength(2)
    // How each reviewer did their part.
    const { reviewers } = await noor.call('reviews.diligence', { reviewId: review.id })
    expect(reviewers.length).toBeGreaterThan(1)
    for (const work of reviewers) {
      expect(text.replaceAll('\n', ' ')).toContain(`${work.reviewer.name} ${diligenceSaid(work)}`)
    }
    await expect(on.lin.call('exports.create', { asked })).rejects.toMatchObject({
      code: 'not_found',
    })
  })

  test('every control of a framework with its state and the rows that prove it', async () => {
    const query = { framework: 'pci-dss' } as const
    const made = await make(noor, { what: 'compliance', format: 'pdf', query })
    const text = pdfPages(await fileOf(noor, made.id)).join('\n')
    const { items } = await noor.call('compliance.list', { ...query, limit: 200 })
    for (const { ref, title } of items) expect(text).toContain(`${ref} ${title}`)
    expect(text).toContain('Compliance with PCI DSS v4.0.1')
    expect(text).toContain('framework=pci-dss')
    expect(text).toContain('Owner: Ada')
    expect(text).toMatch(/^For it\n/m)
    const none = await make(noor, {
      what: 'compliance',
      format: 'pdf',
      query: { ownerId: noor.id },
    })
    expect(pdfPages(await fileOf(noor, none.id)).join('\n')).toContain(
      'No control is as it was asked for.',
    )
  })

  test('findings, the worst first, and where there are none a sentence', async () => {
    const { items } = await on.ada.call('findings.list', { limit: 200 })
    const made = await make(on.ada, { what: 'findings', format: 'pdf', query: {} })
    expect(made.done).toBe(items.length)
    const text = pdfPages(await fileOf(on.ada, made.id)).join('\n')
    expect(items.length).toBeGreaterThan(0)
    for (const { subject } of items) expect(text).toContain(subject.name)
    const none = await make(on.ada, {
      what: 'findings',
      format: 'pdf',
      query: { state: 'muted' },
    })
    expect(pdfPages(await fileOf(on.ada, none.id)).join('\n')).toContain('Nothing stands open')
  })

  test('broken off, it begins again: each row is in it once', async () => {
    const asked: Asked = { what: 'reviews', format: 'pdf', query: { reviewId: review.id } }
    const whole = await make(noor, asked)
    // As after its server was killed with a part of it kept.
    await sql`update export set state = 'failed', place = '{"after":["1"]}' where id = ${whole.id}`.execute(
      owner,
    )
    await noor.call('exports.resume', { exportId: whole.id })
    await on.world.app.exports.settled()
    const again = await noor.call('exports.view', { exportId: whole.id })
    expect(again).toMatchObject({ state: 'done', done: 3 })
    const text = pdfPages(await fileOf(noor, whole.id)).join('\n')
    expect(text.match(/^Sam$/gm)).toHaveLength(1)
    const { rows } = await sql<{ bytes: number }>`
      select sum(octet_length(bytes))::int as bytes from export_piece where export_id = ${whole.id}`.execute(
      owner,
    )
    expect(rows[0]?.bytes).toBe(again.bytes)
  })
})
