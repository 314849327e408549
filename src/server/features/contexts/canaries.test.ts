import { randomBytes } from 'node:crypto'
import { sql } from 'kysely'
import { Client } from 'pg'
import pino from 'pino'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { connect, type Database } from '../../db/connect.ts'
import { openWorld, type World, type WorldPerson } from '../../testing/world.ts'

let world: World
let ada: WorldPerson
let owner: Database
let firstWal = ''
/** Holds the WAL from here on: a checkpoint on a busy server would recycle it before it was looked at. */
let holder: Client
let logged = ''

beforeAll(async () => {
  world = await openWorld({
    log: pino({ level: 'trace' }, { write: (line: string) => void (logged += line) }),
  })
  ada = await world.as('ada')
  owner = connect(world.databaseUrl, { max: 1, statementTimeoutMs: 0 })
  holder = new Client({ connectionString: world.databaseUrl })
  await holder.connect()
  await holder.query(
    `select pg_create_physical_replication_slot('canaries_' || pg_backend_pid(), true, true)`,
  )
  const { rows } = await sql<{
    wal: string
  }>`select pg_walfile_name(pg_current_wal_lsn()) as wal`.execute(owner)
  firstWal = rows[0]?.wal ?? ''
})
afterAll(async () => {
  await holder.end()
  await owner.destroy()
  await world.close()
})

const canary = () => `cnry/${randomBytes(9).toString('hex')}+é&?`

/** A value in every form in which it might lie somewhere; base64 at each of the three places in which it can begin. */
function formsOf(value: string): [string, Buffer][] {
  const raw = Buffer.from(value)
  const inner = [0, 1, 2].map((offset) => {
    const text = Buffer.concat([Buffer.alloc(offset), raw]).toString('base64')
    return text.slice(Math.ceil((offset * 4) / 3) + (offset ? 1 : 0), -4)
  })
  const texts = [
    ...inner.map((text) => ['base64', text]),
    ...inner.map((text) => ['base64url', text.replaceAll('+', '-').replaceAll('/', '_')]),
    ['hex', raw.toString('hex')],
    ['URL', encodeURIComponent(value)],
    ['JSON', JSON.stringify(value).slice(1, -1)],
  ] as const
  return [
    ['raw', raw],
    ...texts.map(([form = '', text = '']) => [form, Buffer.from(text)] as [string, Buffer]),
  ]
}

/** Every place in which something was kept: rows, heap and index files, write-ahead log, the server's log, and what was answered. */
async function placesOf(answers: readonly string[]): Promise<[string, Buffer][]> {
  const places: [string, Buffer][] = [
    ['log', Buffer.from(logged)],
    ...answers.map((answer): [string, Buffer] => ['answer', Buffer.from(answer)]),
  ]
  await world.app.ledger.settle()
  await sql`checkpoint`.execute(owner)
  const { rows: tables } = await sql<{ name: string }>`
    select c.oid::regclass::text as name from pg_class c join pg_namespace n on n.oid = c.relnamespace
    where c.relkind in ('r', 'm') and n.nspname not like 'pg\_%' and n.nspname <> 'information_schema'`.execute(
    owner,
  )
  for (const { name } of tables) {
    const { rows } = await sql<{
      line: string
    }>`select t::text as line from ${sql.raw(name)} t`.execute(owner)
    places.push([name, Buffer.from(rows.map(({ line }) => line).join('\n'))])
  }
  // PostgreSQL 15 reads a file that may be gone by its length only.
  const bytesOf = (path: string) =>
    sql.raw(`pg_read_binary_file(${path}, 0, (pg_stat_file(${path}, true)).size, true)`)
  const { rows: files } = await sql<{ name: string; bytes: Buffer | null }>`
    select c.relname as name, ${bytesOf('pg_relation_filepath(c.oid)')} as bytes
    from pg_class c where c.relkind in ('r', 'i', 't') and c.relfilenode <> 0 and c.oid >= 16384
    union all
    select 'WAL ' || name, ${bytesOf("'pg_wal/' || name")} from pg_ls_waldir()
    where name >= ${firstWal} and name <= pg_walfile_name(pg_current_wal_lsn())`.execute(owner)
  for (const { name, bytes } of files) places.push([`file of ${name}`, bytes ?? Buffer.alloc(0)])
  return places
}

const found = (places: readonly [string, Buffer][], value: string) =>
  places.flatMap(([place, bytes]) =>
    formsOf(value).flatMap(([form, needle]) =>
      bytes.includes(needle) ? [`${form} in ${place}`] : [],
    ),
  )

test('secret values are nowhere in database, files, logs, exports and errors; a description is found by the same scan (P31)', async () => {
  const [stored, replaced, imported, refused, described] = [
    canary(),
    canary(),
    canary(),
    canary(),
    canary(),
  ]
  const answers: string[] = []
  const send = async (
    method: string,
    path: string,
    body?: unknown,
    headers: Record<string, string> = {},
  ) => {
    const sent = await ada.send(`/api/v1${path}`, {
      method,
      headers,
      ...(body !== undefined && { body }),
    })
    answers.push(JSON.stringify(sent))
    return sent.status
  }
  const context = await ada.call('contexts.create', { name: 'canaries', description: described })
  const secrets = `/contexts/${context.id}/secrets`
  expect(await send('PUT', `${secrets}/KEY`, { value: stored })).toBe(200)
  expect(await send('PUT', `${secrets}/KEY`, { value: replaced })).toBe(200)
  const current = { 'if-match': '"2"' }
  expect(await send('POST', `${secrets}/KEY/rollback`, { version: 1 }, current)).toBe(200)
  const text = `ONE=${imported}\nTWO="${imported}"`
  expect(await send('POST', `/contexts/${context.id}/secrets/import`, { text })).toBe(200)
  // What is refused holds values as well: wrong bodies, wrong names, wrong lines.
  for (const [method, path, body] of [
    ['PUT', `${secrets}/KEY`, { value: refused, further: refused }],
    ['PUT', `${secrets}/KEY`, { value: [refused] }],
    ['PUT', `${secrets}/KEY`, `{"value":${refused}}`],
    ['PUT', `${secrets}/KEY`, `${refused}{"value"`],
    ['PUT', `${secrets}/KEY`, `{"value":"${refused}`],
    ['PUT', `${secrets}/KEY`, { value: `${refused}\0` }],
    ['PUT', `${secrets}/KEY`, { value: refused.repeat(2_000) }],
    [
      'POST',
      `/contexts/${context.id}/secrets/import`,
      { text: `${refused}\n1=${refused}\nA="${refused}` },
    ],
    [
      'POST',
      `/contexts/${context.id}/secrets/import/preview`,
      { text: `${refused}\n1=${refused}` },
    ],
  ] as const) {
    const status = await send(method, path, body)
    expect([200, 400, 404]).toContain(status)
  }
  expect(await send('PUT', `${secrets}/KEY`, '{"value":cnry7}')).toBe(400)
  expect(answers.at(-1)).not.toContain('cnry7')
  await world.app.ledger.settle()
  for (const path of [
    '/audit/export.csv',
    '/audit/export.ndjson',
    '/audit',
    secrets,
    `${secrets}/KEY/versions`,
  ]) {
    expect(await send('GET', path)).toBe(200)
  }
  const places = await placesOf(answers)
  for (const value of [stored, replaced, imported, refused])
    expect(found(places, value)).toEqual([])
  // The control: what is no secret is found in its row, its file, the write-ahead log and the export.
  const seen = found(places, described).join('; ')
  for (const place of [
    'raw in context',
    'raw in file of context',
    'raw in file of WAL',
    'raw in answer',
    'hex in audit_entry',
  ]) {
    expect(seen).toContain(place)
  }
})

describe('what was moved or altered in the database fails closed, and is an event (P32)', () => {
  type Version = { secretId: string; version: number; sealed: Buffer }
  let contextId = ''
  const rollback = async (name: string, version: number) => {
    const { items } = await ada.call('contexts.secrets', { contextId })
    const current = items.find((item) => item.name === name)?.currentVersion
    return ada.send(`/api/v1/contexts/${contextId}/secrets/${name}/rollback`, {
      method: 'POST',
      headers: { 'if-match': `"${current}"` },
      body: { version },
    })
  }
  const versions = async (): Promise<Record<string, Version>> => {
    const rows = await owner
      .selectFrom('secretVersion')
      .innerJoin('secret', 'secret.id', 'secretVersion.secretId')
      .innerJoin('context', 'context.id', 'secret.contextId')
      .select([
        'context.name as context',
        'secret.name',
        'secretId',
        'secretVersion.version',
        'sealed',
      ])
      .where('context.name', 'in', ['here', 'elsewhere'])
      .execute()
    return Object.fromEntries(rows.map((row) => [`${row.context} ${row.name} ${row.version}`, row]))
  }
  const put = async ({ secretId, version }: Version, sealed: Buffer) => {
    await sql`alter table secret_version disable trigger all`.execute(owner)
    await owner
      .updateTable('secretVersion')
      .set({ sealed })
      .where('secretId', '=', secretId)
      .where('version', '=', version)
      .execute()
    await sql`alter table secret_version enable trigger all`.execute(owner)
  }
  const demandRefused = async (what: string) => {
    const sent = await rollback('KEY', 1)
    expect([what, sent.status, (sent.body as { code: string }).code]).toEqual([
      what,
      500,
      'integrity_fault',
    ])
    expect(await world.lastEvent()).toMatchObject({
      action: 'contexts.rollback',
      outcome: 'failed',
      actor: { id: ada.id },
      resource: { id: contextId },
      detail: { code: 'integrity_fault' },
      sentence: expect.stringContaining('altered or moved'),
    })
  }

  beforeAll(async () => {
    for (const name of ['here', 'elsewhere']) {
      const made = await ada.call('contexts.create', { name, description: '' })
      if (name === 'here') contextId = made.id
      for (const secret of ['KEY', 'OTHER']) {
        for (const value of ['one', 'two', 'three']) {
          await ada.call('contexts.store', {
            contextId: made.id,
            name: secret,
            value: `${name} ${secret} ${value}`,
          })
        }
      }
    }
  })

  test('rows swapped across context, name and version', async () => {
    const all = await versions()
    const target = all['here KEY 1'] as Version
    for (const from of ['elsewhere KEY 1', 'here OTHER 1', 'here KEY 2']) {
      await put(target, (all[from] as Version).sealed)
      await demandRefused(from)
    }
    await put(target, target.sealed)
    // Negative control: back in its place it opens.
    expect((await rollback('KEY', 1)).status).toBe(200)
  })

  test('each byte of the header flipped, each wrapped part touched, the tag cut', async () => {
    const target = (await versions())['here KEY 1'] as Version
    // Format, key version and data key id; then one bit of wrapped key, commitment, IV, value and tag.
    const places = [
      ...Array.from({ length: 21 }, (_, at) => at),
      21,
      80,
      81,
      113,
      125,
      target.sealed.length - 1,
    ]
    for (const at of places) {
      const altered = Buffer.from(target.sealed)
      altered[at] = (altered[at] ?? 0) ^ (1 << (at % 8))
      await put(target, altered)
      await demandRefused(`byte ${at}`)
    }
    await put(target, target.sealed.subarray(0, -4))
    await demandRefused('a cut tag')
    await put(target, target.sealed)
    expect((await rollback('KEY', 1)).status).toBe(200)
  })
})
