import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { CallOf } from '../../../contract/index.ts'
import { below } from '../../testing/below.ts'
import { openReviews, type Reviews } from '../../testing/reviews.ts'
import type { WorldPerson } from '../../testing/world.ts'
import { parseCsv } from '../people/csv.ts'
import { rootOver } from '../reviews/root.ts'

/*
 * Reviews, controls and access requests as files of the background: the same rows as their pages show, to the same people.
 */

type Asked = CallOf<'exports.create'>['asked']
type Row = Readonly<Record<string, unknown>>

const hostile = '=HYPERLINK("x")\r\n\u202eright to left\u202c, "quoted"'

let on: Reviews
let review: Awaited<ReturnType<Reviews['start']>>
let request: Awaited<ReturnType<Reviews['ask']>>
let noor: WorldPerson

beforeAll(async () => {
  on = await openReviews()
  const { world, ada, lin, max, sam } = on
  noor = await world.as('noor')
  await world.grant(noor, 'auditor')
  await world.app.findings.look({ all: true })
  review = await on.start(ada)
  request = await on.ask(sam)
  await on.approve(lin, request)
  await on.answerAll(review, [lin, max], ({ person }) => (person.id === sam.id ? 'revoke' : 'keep'))
  review = await on.signOff(ada, review)
  // Below the door, which takes less.
  await below(world, async (db) => {
    await db
      .updateTable('accessRequest')
      .set({ reason: hostile })
      .where('id', '=', request.id)
      .execute()
    await db
      .insertInto('control')
      .values({ id: 'pci-dss-8.2.6', ownerId: ada.id, note: hostile, version: 2 })
      .execute()
  })
})
afterAll(() => on.world.close())

async function make(who: WorldPerson, asked: Asked) {
  const { id: exportId } = await who.call('exports.create', { asked })
  await on.world.app.exports.settled()
  return who.call('exports.view', { exportId })
}
const textOf = async (who: WorldPerson, asked: Asked): Promise<string> => {
  const { id, state, fault } = await make(who, asked)
  expect({ state, fault }).toEqual({ state: 'done', fault: null })
  const { body, status } = await who.send(`/api/v1/exports/${id}/file`)
  expect(status).toBe(200)
  return String(body)
}
const linesOf = async (who: WorldPerson, asked: Asked): Promise<Row[]> =>
  (await textOf(who, asked))
    .split('\n')
    .filter(Boolean)
    .map((line) => JSON.parse(line) as Row)
const rowsOf = (text: string) => {
  const [head, ...rows] = parseCsv(text).map(({ fields }) => fields)
  return rows.map((fields) =>
    Object.fromEntries(fields.map((cell, at) => [head?.[at] ?? '', cell])),
  )
}

const ofReview = (format: 'csv' | 'ndjson', more: object = {}): Asked => ({
  what: 'reviews',
  format,
  query: { reviewId: review.id, ...more },
})

describe('a review', () => {
  test('its lines as the direct export has them; as lines that make its last root', async () => {
    const made = await make(noor, ofReview('csv'))
    expect(made).toMatchObject({
      state: 'done',
      done: 3,
      total: 3,
      about: { id: review.id, name: review.name },
    })
    const direct = await noor.send(`/api/v1/reviews/${review.id}/export`)
    expect(await textOf(noor, ofReview('csv'))).toBe(direct.body)
    const lines = await linesOf(noor, ofReview('ndjson'))
    expect(lines).toHaveLength(3)
    expect(await rootOver(lines)).toBe(review.finalRoot)
    expect(await linesOf(noor, ofReview('ndjson', { answer: 'revoke' }))).toMatchObject([
      { decision: 'revoke', result: 'applied', line: { person: { id: on.sam.id } } },
    ])
    const event = (await on.world.events()).findLast(({ action }) => action === 'exports.create')
    expect(event?.resource?.name).toBe(`reviews of ${review.name} as ndjson for Noor`)
  })

  test('nothing of it is a head; without permission to see it whole it is not there', async () => {
    const none = await textOf(noor, ofReview('csv', { answer: 'open' }))
    expect(none).toMatch(/^AccessReviewId,[^\n]*\r\n$/)
    // Lin reviews lines of it, and takes none of it away; Sam has nothing to do with it.
    for (const who of [on.lin, on.sam]) {
      await expect(who.call('exports.create', { asked: ofReview('csv') })).rejects.toMatchObject({
        code: 'not_found',
      })
    }
    const gone = { ...ofReview('csv'), query: { reviewId: on.ada.id } } as Asked
    await expect(noor.call('exports.create', { asked: gone })).rejects.toMatchObject({
      code: 'not_found',
    })
  })
})

describe('controls', () => {
  test('each check with its state, its proof, owner and note, as the page finds them', async () => {
    const query = { framework: 'pci-dss' } as const
    const text = await textOf(noor, { what: 'compliance', format: 'csv', query })
    const direct = await noor.send('/api/v1/compliance/export.csv?framework=pci-dss')
    const rows = rowsOf(text)
    // The answers tell of the record, which an export lengthens: which checks there are stays.
    const asked = (some: typeof rows) => some.map(({ control, check }) => [control, check])
    expect(asked(rows)).toEqual(asked(rowsOf(String(direct.body))))
    const of = rows.find(({ control }) => control === 'PCI DSS 8.2.6')
    expect(of).toMatchObject({ framework: 'PCI DSS v4.0.1', owner: 'Ada', state: 'met' })
    expect(of?.['what proves it']).toMatch(/^for it: Ada, /)
    expect(of?.['note']).toMatch(/^'=HYPERLINK\("x"\)\r?\n/)
    const lines = await linesOf(noor, { what: 'compliance', format: 'ndjson', query })
    expect(lines).toHaveLength(rows.length)
    expect(lines.find(({ id }) => id === 'pci-dss-8.2.6')).toMatchObject({
      state: 'met',
      owner: { name: 'Ada' },
      check: {
        state: 'met',
        rows: expect.arrayContaining([expect.objectContaining({ good: true })]),
      },
    })
  })

  test('nobody’s are a head; without the permission there is no file', async () => {
    const query = { ownerId: noor.id }
    expect(await textOf(noor, { what: 'compliance', format: 'csv', query })).toMatch(
      /^framework,control,[^\n]*\r\n$/,
    )
    expect(await textOf(noor, { what: 'compliance', format: 'ndjson', query })).toBe('')
    await expect(
      on.lin.call('exports.create', { asked: { what: 'compliance', format: 'csv', query: {} } }),
    ).rejects.toMatchObject({ code: 'forbidden', problem: { permission: 'compliance:view' } })
  })
})

describe('findings', () => {
  test('with why one was muted, what proves it, what it touches and what mends it', async () => {
    const { ada } = on
    const { items } = await ada.call('findings.list', { limit: 200 })
    const [one] = items
    const findingId = one?.id ?? ''
    const until = new Date(Date.now() + 86_400_000).toISOString()
    await ada.call('findings.mute', { findingId, reason: '=known', until }, { version: 1 })
    const whole = await ada.call('findings.view', { findingId })
    expect(whole.evidence.length).toBeGreaterThan(0)

    const query = { state: 'any' } as const
    const made = await make(ada, { what: 'findings', format: 'csv', query })
    expect(made).toMatchObject({ state: 'done', done: items.length, total: items.length })
    const text = await textOf(ada, { what: 'findings', format: 'csv', query })
    const row = rowsOf(text).find(({ finding }) => finding === findingId)
    expect(row).toMatchObject({
      state: 'muted',
      reason: "'=known",
      owasp: whole.cicdRisk,
      controls: whole.controls.join('; '),
      fix: whole.fix.label,
    })
    for (const { name } of whole.evidence) expect(row?.['evidence']).toContain(name)
    const lines = await linesOf(ada, { what: 'findings', format: 'ndjson', query })
    expect(lines.find(({ id }) => id === findingId)).toMatchObject({
      reason: '=known',
      cicdRisk: whole.cicdRisk,
      controls: whole.controls,
      fix: whole.fix.label,
      evidence: whole.evidence,
      more: whole.more,
    })
    const open = await make(ada, { what: 'findings', format: 'csv', query: { state: 'open' } })
    expect(open).toMatchObject({ done: items.length - 1, total: items.length - 1 })
  })
})

describe('access requests', () => {
  test('with all that was done with them; no cell is a formula, none breaks its row', async () => {
    const text = await textOf(noor, { what: 'requests', format: 'csv', query: {} })
    const rows = rowsOf(text)
    expect(rows).toHaveLength(1)
    expect(rows[0]).toMatchObject({
      state: 'active',
      role: 'Team lead',
      for: 'Sam',
      ticket: 'PAY-42',
    })
    expect(rows[0]?.['reason']).toMatch(/^'=HYPERLINK/)
    expect(rows[0]?.['reason']).not.toMatch(/[\u202a-\u202e\u2066-\u2069]/)
    const history = String(rows[0]?.['history']).split('\n')
    expect(history.some((line) => / asked by Sam: =HYPERLINK/.test(line))).toBe(true)
    expect(history.some((line) => / approved by Lin \(lead\)/.test(line))).toBe(true)
    expect(text).not.toMatch(/(^|,)"?[=+\-@]/m)
    const [line] = await linesOf(noor, { what: 'requests', format: 'ndjson', query: {} })
    expect(line).toMatchObject({
      id: request.id,
      state: 'active',
      history: [{ kind: 'asked' }, { kind: 'approved', step: 'lead' }, { kind: 'began' }],
    })
  })

  test('everybody’s are of those whom the page shows them; one’s own are one’s own', async () => {
    const all = (query: object) => ({ what: 'requests', format: 'ndjson', query }) as Asked
    const idsOf = async (who: WorldPerson, query: object = {}) =>
      (await linesOf(who, all(query))).map(({ id }) => id)
    expect(await idsOf(on.sam)).toEqual([request.id])
    expect(await idsOf(on.lin)).toEqual([request.id])
    const kim = await on.world.as('kim')
    expect(await idsOf(kim)).toEqual([])
    expect(await textOf(kim, { what: 'requests', format: 'csv', query: {} })).toMatch(
      /^request,state,[^\n]*\r\n$/,
    )
    expect(await make(on.lin, all({}))).toMatchObject({ done: 1, total: 1 })
    expect(await make(kim, all({}))).toMatchObject({ done: 0, total: 0 })
    expect(await idsOf(noor, { state: 'denied' })).toEqual([])
    expect(await idsOf(noor, { which: 'mine' })).toEqual([])
  })

  test('who leads the team no more does not take the file away (P41)', async () => {
    const { ada, max, lin, payments } = on
    const made = await make(max, { what: 'requests', format: 'ndjson', query: {} })
    expect((await max.send(`/api/v1/exports/${made.id}/file`)).status).toBe(200)
    const { version } = await ada.call('teams.view', { teamId: payments.id })
    await ada.call('teams.update', { teamId: payments.id, leads: [lin.id] }, { version })
    expect((await max.send(`/api/v1/exports/${made.id}/file`)).status).toBe(403)
    const again = await make(max, { what: 'requests', format: 'ndjson', query: {} })
    expect(again).toMatchObject({ state: 'done', done: 0 })
  })
})
