import { once } from 'node:events'
import { get, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { sql } from 'kysely'
import { Client } from 'pg'
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest'
import { connect, type Database } from '../../db/connect.ts'
import { emitAll, type AuditEvent } from '../../ledger/emit.ts'
import { actorWith, within } from '../../testing/bare-scope.ts'
import { openLine } from '../../testing/unix-line.ts'
import { openWorld, type World, type WorldPerson } from '../../testing/world.ts'
import { incomplete } from './export.ts'
import { signingKeyFrom } from '../../ledger/signing-key.ts'
import { recordSize } from '../../ledger/size.ts'
import { auditHandlers as handlersWith } from './routes.ts'

const auditHandlers = handlersWith({
  key: signingKeyFrom(Buffer.alloc(32, 7)),
  size: () => recordSize(world.app.db),
})

const leads = ['=', '+', '-', '@', '\t', '\r', '\n', '\u0000']
const nasty = [
  ...leads.map((lead) => `${lead}cmd|' /C calc'!A0`),
  '"',
  'a"b',
  'one,two',
  'one;two',
  'one\r\ntwo',
  "it's",
  '\\.',
  ' blank ',
]
const bulky = 6_000

let world: World
let owner: Database
let noor: WorldPerson
let url: string

beforeAll(async () => {
  world = await openWorld()
  owner = connect(world.databaseUrl, { max: 2 })
  noor = await world.as('noor')
  await world.grant(noor, 'auditor')
  const about = (action: string, name: string, more: Partial<AuditEvent> = {}) => ({
    at: new Date(),
    event: {
      actor: { kind: 'person', id: name, name },
      action,
      outcome: 'permitted' as const,
      resource: { kind: 'context', id: 'c', name },
      ...more,
    },
  })
  for (let at = 0; at < bulky; at += 500) {
    const some = Array.from({ length: 500 }, (_, offset) =>
      about('bulk.create', `bulk ${at + offset}`, { detail: 'x'.repeat(5_000) }),
    )
    await emitAll(world.app.db, some)
  }
  await emitAll(
    world.app.db,
    nasty.map((text) => about('nasty.create', text, { sentence: text })),
  )
  await world.app.ledger.settle()
  await world.app.fastify.listen({ host: '127.0.0.1', port: 0 })
  url = `http://127.0.0.1:${(world.app.fastify.server.address() as AddressInfo).port}`
})
/** By how many milliseconds the clock of lapses leaps ahead; it goes on from there. */
function leaping(): (by: number) => void {
  const now = performance.now.bind(performance)
  let ahead = 0
  vi.spyOn(performance, 'now').mockImplementation(() => now() + ahead)
  return (by) => {
    ahead += by
  }
}
afterEach(() => {
  vi.restoreAllMocks()
})
afterAll(async () => {
  await owner.destroy()
  await world.close()
})

const csvPath = (q: string) => `/api/v1/audit/export.csv?q=${encodeURIComponent(q)}`
const linesPath = (q: string) => `/api/v1/audit/export.ndjson?q=${encodeURIComponent(q)}`

/** What a reader has in hand, and whether the server said that this was all. */
async function readSlowly(who: WorldPerson, path: string, meanwhile: () => Promise<unknown>) {
  await using line = await openLine(world.app.fastify.server)
  const answer = await line.ask(path, await who.headers('GET', path))
  expect(answer.statusCode).toBe(200)
  answer.setEncoding('utf8')
  let text = ''
  try {
    for await (const chunk of answer as AsyncIterable<string>) {
      if (text === '') await meanwhile()
      text += chunk
    }
    return { text, whole: true }
  } catch {
    return { text, whole: false }
  }
}
const marker = `${JSON.stringify({ incomplete })}\n`
const nothing = () => Promise.resolve()

test('an export of several pages holds every event once, newest first, as whole events', async () => {
  const stored = await owner
    .selectFrom('auditEntry')
    .select('leaf')
    .where('action', '=', 'bulk.create')
    .orderBy('leafIndex', 'desc')
    .execute()
  expect(stored).toHaveLength(bulky)
  const { text, whole } = await readSlowly(noor, linesPath('action:bulk.create'), nothing)
  expect(whole).toBe(true)
  expect(text).toBe(stored.map(({ leaf }) => `${leaf.toString()}\n`).join(''))
  const { body } = await noor.send(csvPath('action:bulk.create'))
  expect(String(body).split('\r\n')).toHaveLength(1 + bulky + 1)
  expect(await world.lastEvent()).toMatchObject({
    action: 'audit.export',
    outcome: 'permitted',
    actor: { id: noor.id },
    detail: { format: 'csv', search: { q: 'action:bulk.create' } },
  })
})

/** A reader of RFC 4180, by the letter of its grammar. */
function readCsv(text: string): string[][] {
  const rows: string[][] = []
  let row: string[] = []
  const field = /(?:"((?:[^"]|"")*)"|([^",\r\n]*))(,|\r\n)/y
  while (field.lastIndex < text.length) {
    const found = field.exec(text)
    if (!found) throw new Error('not RFC 4180')
    row.push(found[1]?.replaceAll('""', '"') ?? found[2] ?? '')
    if (found[3] === ',') continue
    rows.push(row)
    row = []
  }
  return rows
}

/** What PostgreSQL's own reader makes of it. */
async function copied(text: string, columns: readonly string[]): Promise<string[][]> {
  const client = new Client({ connectionString: world.databaseUrl })
  await client.connect()
  try {
    const names = columns.map((name) => `"${name}" text`).join(', ')
    await client.query(
      `create temporary table taken (place int generated always as identity, ${names})`,
    )
    await new Promise<void>((resolve, reject) => {
      const listed = columns.map((name) => `"${name}"`).join(', ')
      client.query({
        submit: (connection: CopyConnection) =>
          connection.query(`copy taken (${listed}) from stdin with (format csv, header, null '~')`),
        handleCopyInResponse(connection: CopyConnection) {
          connection.sendCopyFromChunk(Buffer.from(text))
          connection.endCopyFrom()
        },
        handleCommandComplete() {},
        handleReadyForQuery: () => resolve(),
        handleError: reject,
      } as never)
    })
    const { rows } = await client.query<Record<string, string>>(
      'select * from taken order by place',
    )
    return rows.map((row) => columns.map((name) => row[name] ?? ''))
  } finally {
    await client.end()
  }
}
interface CopyConnection {
  query(text: string): void
  sendCopyFromChunk(chunk: Buffer): void
  endCopyFrom(): void
}

describe('P35: an export is inert', () => {
  test('every nasty text is read back as it was, by two readers, and none is a formula', async () => {
    const { body } = await noor.send(csvPath('action:nasty.create'))
    const [columns = [], ...rows] = readCsv(String(body))
    expect(rows).toHaveLength(nasty.length)
    expect(await copied(String(body), columns)).toEqual(rows)
    for (const column of ['actor', 'actor id', 'object', 'sentence']) {
      const cells = rows.map((row) => row[columns.indexOf(column)] ?? '')
      expect(cells.filter((cell) => /^[=+\-@\t\r\n\0]/.test(cell))).toEqual([])
      const told = nasty.toReversed().map((text) => text.replaceAll('\u0000', '␀'))
      expect(cells).toEqual(told.map((text) => (/^[=+\-@\t\r\n␀]/.test(text) ? `'${text}` : text)))
    }
  })

  test('the control: the same rows joined by commas are read otherwise by both, or not at all', async () => {
    const naive = `name,next\r\n${nasty.map((text) => `${text},x\r\n`).join('')}`
    expect(() => readCsv(naive)).toThrow('not RFC 4180')
    await expect(copied(naive, ['name', 'next'])).rejects.toMatchObject({ code: '22P04' })
  })
})

test('what nothing is found for is a file without events', async () => {
  expect(await noor.send(linesPath('action:no.such'))).toMatchObject({ status: 200, body: '' })
  const { body } = await noor.send(csvPath('action:no.such'))
  expect(body).toMatch(/^index,time,[^\r\n]*\r\n$/)
})

/** What the handler answers, as a door has it that does not wait for the event. */
async function early() {
  let answer: Awaited<ReturnType<typeof auditHandlers.exportLines>> | undefined
  await within(world.app.db, actorWith(noor), async (scope) => {
    answer = await auditHandlers.exportLines(scope, { q: 'action:bulk.create' })
    throw new Error('no event is written')
  }).catch(() => {})
  if (!answer) throw new Error('the handler answered nothing')
  return answer
}

describe('P2: nothing leaves before its event is durable', () => {
  const statements: [string, string, string][] = [
    ['the queue is locked', 'begin; lock table audit_queue in share mode', 'rollback'],
    [
      'the disk is full',
      `create function no_room() returns trigger language plpgsql as $$ begin
         raise 'could not extend file: No space left on device' using errcode = '53100'; end $$;
       create trigger no_room before insert on audit_queue for each statement execute function no_room()`,
      'drop trigger no_room on audit_queue; drop function no_room()',
    ],
  ]
  test.each(statements)('503 and not one event when %s', async (_, block, release) => {
    const client = new Client({ connectionString: world.databaseUrl })
    await client.connect()
    try {
      await client.query(block)
      for (const path of [csvPath('action:bulk.create'), linesPath('action:bulk.create')]) {
        const answer = await fetch(`${url}${path}`, { headers: await noor.headers('GET', path) })
        const text = await answer.text()
        expect(answer.status).toBe(503)
        expect(text).not.toContain('bulk')
      }
      // The control: the events could be read all the time, and only the order of things kept them in.
      const { body } = await early()
      expect((await body(world.app.db).next()).value).toContain('bulk')
    } finally {
      await client.query(release)
      await client.end()
    }
  })
})

describe('a file that is not whole says so', () => {
  test('when the database fails in the middle: the transfer is cut, behind a line that says it', async () => {
    const { text, whole } = await readSlowly(noor, linesPath('action:bulk.create'), () =>
      sql`revoke select on audit_entry from sallyport_app`.execute(owner),
    )
    await sql`grant select on audit_entry to sallyport_app`.execute(owner)
    expect(whole).toBe(false)
    expect(text.split('\n').length).toBeLessThan(bulky)
    expect(text.endsWith(marker)).toBe(true)
  })

  test('when the session is ended: within half a minute', async () => {
    const ada = await world.as('ada')
    const gone = await world.as('gina')
    await world.grant(gone, 'auditor')
    const leap = leaping()
    const { text, whole } = await readSlowly(gone, linesPath('action:bulk.create'), async () => {
      await ada.call('sessions.revoke', { sessionId: gone.sessionId })
      leap(31_000)
    })
    expect(whole).toBe(false)
    expect(text.endsWith(marker)).toBe(true)
  })

  test('the control: who is still permitted gets all of it, however long it takes', async () => {
    const leap = leaping()
    const { text, whole } = await readSlowly(noor, linesPath('action:bulk.create'), async () => {
      leap(3_600_000)
    })
    expect(whole).toBe(true)
    expect(text).not.toContain('INCOMPLETE')
    expect(text.split('\n')).toHaveLength(bulky + 1)
  })
})

describe('a file of any size takes the memory of a page', () => {
  /** How many bytes the server has given to its next answer, and when it has given that up. */
  function watched() {
    let given = () => 0
    const closed = new Promise<void>((resolve) => {
      world.app.fastify.server.once('request', (request, response) => {
        const { socket } = request
        const before = socket.bytesWritten
        given = () => socket.bytesWritten - before
        response.once('close', resolve)
      })
    })
    return { closed, given: () => given() }
  }
  const path = linesPath('action:bulk.create')
  /** Until the server gives no more: it has stopped, or is at the end, which the number tells. */
  const atRest = async (given: () => number) => {
    for (let before = -1; before !== given();) {
      before = given()
      for (let at = 0; at < 60; at++) {
        await owner.selectFrom('auditEntry').select('leafIndex').limit(100).execute()
      }
    }
  }

  test('nobody takes more than five files away at once', async () => {
    const ask = async () => {
      const headers = await noor.headers('GET', path)
      return new Promise<IncomingMessage>((resolve, reject) => {
        get(`${url}${path}`, { headers, agent: false }, resolve).once('error', reject)
      })
    }
    const open: IncomingMessage[] = []
    const ended: Promise<unknown>[] = []
    const note = (_: unknown, response: ServerResponse) => ended.push(once(response, 'close'))
    world.app.fastify.server.on('request', note)
    for (let at = 0; at < 6; at++) open.push(await ask())
    expect(open.map(({ statusCode }) => statusCode)).toEqual([200, 200, 200, 200, 200, 429])
    for await (const _ of open[0] ?? []);
    open.push(await ask())
    expect(open.at(-1)?.statusCode).toBe(200)
    for (const answer of open) answer.destroy()
    // Whoever asks next finds no file open any more.
    world.app.fastify.server.off('request', note)
    await Promise.all(ended)
  })

  test('a reader who stops reading stops the server, and one who leaves ends it', async () => {
    await using line = await openLine(world.app.fastify.server)
    const { given, closed } = watched()
    const answer = await line.ask(path, await noor.headers('GET', path))
    expect(answer.statusCode).toBe(200)
    await atRest(given)
    answer.destroy()
    await closed
    // The control: who reads makes the server give all of it.
    const other = watched()
    const { text } = await readSlowly(noor, path, nothing)
    expect(other.given()).toBeGreaterThan(text.length)
    expect(given()).toBeLessThan(text.length / 2)
  })
})
