import { afterAll, beforeAll, expect, test } from 'vitest'
import { operations } from '../../contract/index.ts'
import { openWorld, type World } from '../testing/world.ts'

let world: World
beforeAll(async () => {
  world = await openWorld()
  const ada = await world.as('ada')
  await ada.call('contexts.list', {})
})
afterAll(() => world.close())

const metrics = async (headers: Record<string, string> = {}, remoteAddress = '127.0.0.1') =>
  world.app.fastify.inject({ url: '/metrics', headers, remoteAddress })

const typeLine = /^# (HELP|TYPE) ([a-zA-Z_:][a-zA-Z0-9_:]*) (.+)$/
const sampleLine =
  /^([a-zA-Z_:][a-zA-Z0-9_:]*)(?:\{((?:[a-zA-Z_][a-zA-Z0-9_]*="(?:[^"\\\n]|\\["\\n])*",?)*)\})? (-?[0-9.e+-]+|NaN|[+-]Inf)$/

/** The text exposition format: HELP and TYPE before the samples of a family, each family in one piece, no sample twice. */
function readExposition(text: string) {
  const types = new Map<string, string>()
  const samples = new Set<string>()
  const faults: string[] = text.endsWith('\n') ? [] : ['no line feed at the end']
  let helped = ''
  let family = ''
  for (const line of text.split('\n').filter((one) => one !== '')) {
    const [, kind, name = '', rest = ''] = typeLine.exec(line) ?? []
    if (kind === 'HELP') helped = name
    else if (kind === 'TYPE') {
      const known = /^(counter|gauge|histogram|summary)$/.test(rest)
      if (helped !== name || types.has(name) || !known) faults.push(line)
      family = name
      types.set(name, rest)
    } else {
      const [, of = '', labels = ''] = sampleLine.exec(line) ?? []
      const key = `${of}{${labels}}`
      const own = of.replace(/_(bucket|sum|count)$/, '') === family || of === family
      if (!of || !own || samples.has(key)) faults.push(line)
      samples.add(key)
    }
  }
  return { types, samples, faults }
}

test('it says that it lives and that it can work', async () => {
  expect(await world.ask('/healthz')).toMatchObject({ status: 200, body: { status: 'ok' } })
  expect(await world.ask('/readyz')).toMatchObject({ status: 200, body: { status: 'ready' } })
})

test('metrics are the Prometheus text format, by operation and status class, and name nobody', async () => {
  const answer = await metrics()
  expect(answer.statusCode).toBe(200)
  expect(answer.headers['content-type']).toMatch(/^text\/plain; version=0\.0\.4; charset=utf-8$/)
  const { types, samples, faults } = readExposition(answer.payload)
  expect(faults).toEqual([])
  expect([...samples]).toContain(
    'sallyport_request_duration_seconds_count{operation="contexts.list",status="2xx"}',
  )
  expect(types.get('sallyport_audit_pending_events')).toBe('gauge')
  expect(answer.payload).not.toContain('meridian')
  // Negative control: what a scraper would refuse is found.
  const broken = '# HELP a x\n# TYPE a gauge\na 1\na 2\nb 3\nc{d="e} 4\n'
  expect(readExposition(broken).faults).toEqual(['a 2', 'b 3', 'c{d="e} 4'])
})

test('metrics are for this machine alone, and not for whom a proxy on it brings', async () => {
  expect((await metrics({}, '203.0.113.9')).statusCode).toBe(404)
  for (const header of ['x-forwarded-for', 'forwarded', 'x-real-ip', 'via']) {
    expect((await metrics({ [header]: '203.0.113.9' })).statusCode).toBe(404)
  }
})

test('the documentation holds every operation, loads no script, and is the same as the document', async () => {
  const document = (await world.ask('/api/v1/openapi.json')).body as {
    openapi: string
    paths: Record<string, Record<string, { operationId: string }>>
  }
  const ids = Object.values(document.paths).flatMap((methods) =>
    Object.values(methods).map(({ operationId }) => operationId),
  )
  expect(document.openapi).toMatch(/^3\.1\./)
  expect(ids.toSorted()).toEqual(
    operations()
      .map(({ id }) => id as string)
      .toSorted(),
  )
  const page = await world.ask('/api/docs')
  expect(page.headers['content-security-policy']).toContain("default-src 'none'")
  for (const id of ids) expect(page.body).toContain(`id="${id}"`)
  expect(page.body).not.toContain('<script')
})

test('an object says its version in the ETag, in a repeated answer as well', async () => {
  const ada = await world.as('ada')
  const post = () =>
    ada.send('/api/v1/contexts', {
      method: 'POST',
      body: { name: 'repeated', description: '' },
      headers: { 'idempotency-key': 'one' },
    })
  const first = await post()
  const again = await post()
  expect(again.headers['idempotent-replayed']).toBe('true')
  expect(again.body).toEqual(first.body)
  for (const { headers, status } of [first, again]) {
    expect({ status, etag: headers['etag'] }).toEqual({ status: 201, etag: '"1"' })
  }
})
