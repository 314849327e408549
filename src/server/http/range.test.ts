import { afterAll, beforeAll, expect, test } from 'vitest'
import { operations } from '../../contract/index.ts'
import { openWorld } from '../testing/world.ts'

let world: Awaited<ReturnType<typeof openWorld>>
let ada: Awaited<ReturnType<typeof world.as>>
beforeAll(async () => {
  world = await openWorld()
  ada = await world.as('ada')
  await world.grant(ada, 'auditor')
})
afterAll(() => world[Symbol.asyncDispose]())

const [early, late] = ['2026-01-01T00:00:00Z', '2026-02-01T00:00:00Z']
const reversed = { from: late, until: early }
const refused = (path: string) => ({
  status: 400,
  body: {
    code: 'invalid_input',
    title: `\`${path}\` must lie before \`until\`.`,
    fields: [{ path, message: 'must lie before `until`' }],
  },
})

const ranged = operations()
  .filter(({ spec }) => spec.query?.safeParse({ until: late }).success && spec.query.shape['until'])
  .map(({ id, spec }) => [id, spec.path] as const)

test.each(ranged)('%s over a range that ends before it begins is a 400', async (_, path) => {
  const sent = await ada.send(`/api/v1${path}?${new URLSearchParams(reversed)}`)
  expect(sent).toMatchObject(refused('from'))
})

test('nor is a file of it begun, or such a search kept', async () => {
  const asked = { what: 'audit', format: 'csv', query: reversed }
  expect(await ada.send('/api/v1/exports', { method: 'POST', body: { asked } })).toMatchObject(
    refused('asked.query.from'),
  )
  const view = { name: 'Never', search: reversed }
  expect(await ada.send('/api/v1/audit-views', { method: 'POST', body: view })).toMatchObject(
    refused('search.from'),
  )
  expect((await ada.call('exports.list', {})).items).toEqual([])
  // The control: the same in order.
  const order = { from: early, until: late }
  await ada.call('exports.create', { asked: { what: 'audit', format: 'csv', query: order } })
  await world.app.exports.settled()
})
