import { spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { sql } from 'kysely'
import pino from 'pino'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { connect } from '../db/connect.ts'
import { openLog } from '../log.ts'
import { openWorld, type World, type WorldPerson } from '../testing/world.ts'

/*
 * What somebody sends is only ever read (P36): wherever it comes out again, it is no markup, no second line of a log, no
 * command of a terminal, and reads as what it is.
 */

/** What each would do where it is not inert. */
const corpus = [
  '<script>alert(1)</script>',
  '"><img src=x onerror=alert(1)>',
  '</title><svg/onload=alert(1)>',
  "javascript:alert('1')",
  '{{constructor.constructor("alert(1)")()}}',
  '\u009b31mred\u009b0m',
  '\u0085next',
  'a\u202egpj.exe',
  '\u2066hidden\u2069',
  'zero\u200bwidth\ufeff',
  '\u{e0041}tag',
  '\u2028line',
]
/** What HTTP itself refuses in a header, and JSON does not. */
const controls = ['\u001b[2J\u001b[31mowned', '\r\nSet-Cookie: a=b', '\u0007\u0008\u000c', '\ud800']

/** A control, an override or something invisible, as it stands in the bytes that leave. */
const armed = /[\p{Cc}\p{Cs}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}]/u
const without = (text: string, but: RegExp) => text.replaceAll(but, '')

let world: World
let ada: WorldPerson
const lines: string[] = []
beforeAll(async () => {
  world = await openWorld({ log: openLog('debug', { write: (line) => void lines.push(line) }) })
  ada = await world.as('ada')
})
afterAll(() => world.close())

const raw = async (path: string, options: { method?: string; headers?: object; body?: string }) =>
  world.app.fastify.inject({
    method: (options.method ?? 'GET') as 'GET',
    url: path,
    headers: { ...(await ada.headers(options.method ?? 'GET', path)), ...options.headers },
    ...(options.body !== undefined && { payload: options.body }),
  })

describe('what a client sends comes back inert', () => {
  test('in problems: names of fields, of parameters and of paths', async () => {
    for (const text of [...corpus, ...controls]) {
      const body = JSON.stringify({ name: text, description: '', [text]: text })
      const headers = { 'content-type': 'application/json' }
      const asked = [
        await raw('/api/v1/contexts', { method: 'POST', headers, body }),
        await raw(`/api/v1/contexts?${encodeURIComponent(text.toWellFormed())}=1`, {}),
        await raw(`/api/v1/contexts/${encodeURIComponent(text.toWellFormed())}`, {}),
        await raw(`/${encodeURIComponent(text.toWellFormed())}`, {}),
      ]
      for (const answer of asked) {
        expect([400, 404]).toContain(answer.statusCode)
        expect(answer.headers['content-type']).toMatch(/^application\/problem\+json/)
        expect(answer.headers['x-content-type-options']).toBe('nosniff')
        expect(answer.headers['content-security-policy']).toContain('sandbox')
        expect(answer.payload).not.toMatch(armed)
        expect(JSON.stringify(answer.headers)).not.toMatch(/alert|owned|set-cookie/i)
      }
      // The control: the text itself is armed or markup, and is told: it was not simply dropped.
      expect(armed.test(text) || /[<{'"]/.test(text)).toBe(true)
      const told = JSON.parse(asked[0]?.payload ?? '{}') as { fields: { path: string }[] }
      expect(told.fields.map(({ path }) => path)).toContain(text)
    }
  })

  test('in events, by list, view, table and stream of lines: what User-Agent and names said', async () => {
    for (const agent of corpus.filter((text) => !text.includes('\u2028'))) {
      const headers = { 'user-agent': agent, 'content-type': 'application/json' }
      const body = JSON.stringify({ name: 'x', description: '', [agent]: 1 })
      await raw('/api/v1/contexts', { method: 'POST', headers, body })
    }
    const events = await world.events()
    expect(
      events.filter(({ userAgent }) => corpus.includes(userAgent ?? '')).length,
    ).toBeGreaterThan(8)
    const list = await raw('/api/v1/audit?limit=200', {})
    const view = await raw(`/api/v1/audit/${events.at(-1)?.eventId}`, {})
    for (const { payload, statusCode, headers } of [list, view]) {
      expect(statusCode).toBe(200)
      expect(headers['content-type']).toMatch(/^application\/json/)
      expect(payload).not.toMatch(armed)
    }
    const csv = await raw('/api/v1/audit/export.csv', {})
    expect(csv.headers['content-disposition']).toBe('attachment; filename="audit.csv"')
    expect(without(csv.payload, /[\r\n]/g)).not.toMatch(armed)
    expect(csv.payload).toContain('\\u202e')
  })

  test('in the log: one line of JSON each, also when a database error quotes what was sent', async () => {
    lines.length = 0
    const nasty = 'two\r\n{"level":60,"msg":"forged"}\u001b[31m\u009b31m\u202e'
    const error = Object.assign(new Error(nasty), { detail: nasty, stack: nasty })
    const log = openLog('info', { write: (line) => void lines.push(line) })
    log.error({ err: error, agent: nasty }, nasty)
    expect(lines).toHaveLength(1)
    const [line = ''] = lines
    expect(without(line, /\n$/g)).not.toMatch(armed)
    expect(JSON.parse(line)).toMatchObject({ msg: nasty, level: 50 })
    // The control: the library alone leaves C1 controls and overrides as they are.
    const bare: string[] = []
    pino({}, { write: (text: string) => void bare.push(text) }).error(nasty)
    expect(without(bare[0] ?? '', /\n$/g)).toMatch(armed)
  })
})

test('what a database says cannot command the terminal that verifies it', async () => {
  const owner = connect(world.databaseUrl, { max: 1 })
  await world.events()
  const evil = '\u001b]0;owned\u0007\u001b[2J\u009b31m\u202e'
  await sql`update log_state set origin = ${evil}`.execute(owner)
  await owner.destroy()
  const run = spawnSync(process.execPath, ['scripts/verify.ts'], {
    cwd: fileURLToPath(new URL('../../../', import.meta.url)),
    env: { ...process.env, DATABASE_URL: world.databaseUrl, SALLYPORT_DATA: world.dataDir },
    encoding: 'utf8',
  })
  const printed = run.stdout + run.stderr
  expect(printed).toContain('\\u001b]0;owned\\u0007')
  expect(without(printed, /\n/g)).not.toMatch(armed)
})

test('a header that would end its line is refused before anything is done', async () => {
  for (const text of controls.slice(0, 3)) {
    await expect(raw('/api/v1/me', { headers: { 'x-request-id': text } })).resolves.toMatchObject({
      headers: { 'x-request-id': expect.stringMatching(/^[0-9a-f-]{36}$/) },
    })
  }
})
