import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import * as fc from 'fast-check'
import { CompiledQuery, sql } from 'kysely'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { formatVerifierKey } from '../../proof/checkpoint.ts'
import { connect, type Database, type Db } from '../db/connect.ts'
import { prepared, type Statement } from '../db/statement.ts'
import { inTransaction, type Transaction } from '../db/transaction.ts'
import { cloneDatabase } from '../testing/test-database.ts'
import { emit, type AuditEvent } from './emit.ts'
import { eventOf } from './entry.ts'
import { checkpointFile, publish, refuseRollback } from './publisher.ts'
import { seal } from './sealer.ts'
import { signingKeyFrom } from './signing-key.ts'
import { verifyRecord } from './verify.ts'

const key = signingKeyFrom(Buffer.alloc(32, 7))
const origin = 'audit.example.com/test'
const event: AuditEvent = {
  actor: { kind: 'person', id: 'p1', name: 'Ada' },
  action: 'contexts.create',
  outcome: 'permitted',
}
const write = (db: Database, one: AuditEvent = event) =>
  inTransaction(db, { readOnly: false }, async (_, transaction) => emit(transaction, one))

async function openLog() {
  const url = await cloneDatabase()
  const owner = connect(url, { max: 4 })
  const app = connect(url, { role: 'sallyport_app', max: 26 })
  const sealer = connect(url, { role: 'sallyport_sealer', max: 4 })
  const dataDir = mkdtempSync(join(tmpdir(), 'sallyport-ledger-'))
  await sealer.insertInto('logState').values({ origin }).execute()
  return {
    owner,
    app,
    sealer,
    dataDir,
    async sealAll() {
      while ((await seal(sealer)).sealed > 0);
      return publish(sealer, key, dataDir)
    },
    verify: async () =>
      verifyRecord(owner, {
        pinnedKey: await formatVerifierKey(origin, key.publicKey),
        outside: readFileSync(checkpointFile(dataDir), 'utf8'),
      }),
    async close() {
      await Promise.all([owner.destroy(), app.destroy(), sealer.destroy()])
      rmSync(dataDir, { recursive: true, force: true })
    },
  }
}
type Log = Awaited<ReturnType<typeof openLog>>

/** Written at once, not with the commit: where a test must stand between the two. */
async function emitNow(transaction: Transaction): Promise<void> {
  const left: Parameters<Transaction['last']>[0][] = []
  emit({ ...transaction, last: (statement) => left.push(statement) }, event)
  for (const each of left) {
    const made = typeof each === 'function' ? each : 'hoped' in each ? each.otherwise : undefined
    const { text, values } = prepared(made ? await made() : (each as Statement))
    await transaction.db.executeQuery(CompiledQuery.raw(text, values))
  }
}

describe('P1: no state changes without an event in the same transaction', () => {
  let log: Log
  beforeAll(async () => {
    log = await openLog()
    await sql`create table thing (id int primary key, name text)`.execute(log.owner)
    await sql`select audited('thing')`.execute(log.owner)
  })
  afterAll(() => log.close())

  const change = (work: (tx: Db, transaction: Transaction) => Promise<unknown>) =>
    inTransaction(log.app, { readOnly: false }, work)
  const refused = { code: 'ZT001' }

  test('insert, update and delete are refused without one and done with one', async () => {
    const insert = sql`insert into thing values (1, 'one')`
    await expect(change((tx) => insert.execute(tx))).rejects.toMatchObject(refused)
    await change(async (tx, transaction) => {
      await insert.execute(tx)
      emit(transaction, event)
    })
    for (const statement of [sql`update thing set name = 'two'`, sql`delete from thing`]) {
      await expect(change((tx) => statement.execute(tx))).rejects.toMatchObject(refused)
    }
    const { rows } = await sql<{ name: string }>`select name from thing`.execute(log.app)
    expect(rows).toEqual([{ name: 'one' }])
  })

  test('an event of a rolled back savepoint does not count', async () => {
    const work = change(async (tx, transaction) => {
      await sql`savepoint before`.execute(tx)
      await emitNow(transaction)
      await sql`rollback to savepoint before`.execute(tx)
      await sql`insert into thing values (2, 'two')`.execute(tx)
    })
    await expect(work).rejects.toMatchObject(refused)
  })

  test('SET CONSTRAINTS IMMEDIATE cannot get around it', async () => {
    const work = change(async (tx) => {
      await sql`set constraints all immediate`.execute(tx)
      await sql`insert into thing values (3, 'three')`.execute(tx)
    })
    await expect(work).rejects.toMatchObject(refused)
  })

  test('nobody truncates, not even the owner; nobody rewrites the record', async () => {
    await expect(sql`truncate thing`.execute(log.owner)).rejects.toMatchObject({ code: 'ZT002' })
    await write(log.app)
    await log.sealAll()
    for (const db of [log.app, log.sealer]) {
      for (const statement of [
        sql`update audit_entry set leaf = ''`,
        sql`delete from audit_entry`,
        sql`truncate audit_entry`,
        sql`update audit_queue set leaf = ''`,
        sql`update audit_checkpoint set note = ''`,
      ]) {
        await expect(statement.execute(db)).rejects.toMatchObject({ code: '42501' })
      }
    }
  })

  test('every table is audited, with both triggers, or on the list with a reason', async () => {
    const unaudited = sql<{ name: string }>`
      select c.relname as name from pg_class c join pg_namespace n on n.oid = c.relnamespace
      where n.nspname = 'public' and c.relkind in ('r', 'p') and c.relname not in (select table_name from audit_exemption)
        and 2 <> (select count(*) from pg_trigger t where t.tgrelid = c.oid and t.tgname in ('must_audit', 'no_truncate'))`
    expect((await unaudited.execute(log.owner)).rows).toEqual([])
    await sql`create table forgotten (id int)`.execute(log.owner)
    expect((await unaudited.execute(log.owner)).rows).toEqual([{ name: 'forgotten' }])
  })
})

describe('P3: no input keeps its own event out', () => {
  test('NUL, lone surrogates, overrides, a mebibyte, infinities and depth are all stored', async () => {
    const log = await openLog()
    let deep: unknown = 'x'
    for (let at = 0; at < 100_000; at++) deep = [deep]
    const nasty = [
      '\u0000',
      '\ud800',
      '\udfff\ud800',
      '\u202e',
      'é'.repeat(1_048_576),
      '\u0000'.repeat(70_000),
    ]
    for (const text of nasty) {
      await write(log.app, {
        ...event,
        actor: { kind: 'person', id: text, name: text, subject: text },
        resource: { kind: 'context', id: text, name: text },
        sentence: text,
        userAgent: text,
        ip: text,
        after: { [text]: text },
      })
    }
    await write(log.app, { ...event, detail: { big: Infinity, not: NaN, large: 10n, deep } })
    await fc.assert(
      fc.asyncProperty(fc.string({ unit: 'binary' }), fc.anything(), async (text, value) => {
        await write(log.app, { ...event, userAgent: text, after: value })
      }),
      { numRuns: 60 },
    )
    expect(await log.sealAll()).toBe(67)
    expect((await log.verify()).fault).toBeUndefined()
    const first = await log.owner
      .selectFrom('auditEntry')
      .selectAll()
      .where('leafIndex', '=', 1)
      .executeTakeFirstOrThrow()
    expect(eventOf(first.leaf, []).userAgent).toBe('\ud800')
    // The control: what jsonb does with the very same event.
    const asJsonb = sql`select ${JSON.stringify({ text: '\u0000' })}::jsonb`.execute(log.owner)
    await expect(asJsonb).rejects.toMatchObject({ code: '22P05' })
    await log.close()
  })
})

describe('P9: every event gets one dense index', () => {
  test('with late commits, rollbacks and three sealers; a cursor over the queue loses some', async () => {
    const log = await openLog()
    const gate = { open: true }
    let acknowledged = 0
    const seen = new Set<string>()
    let cursor = '00000000-0000-0000-0000-000000000000'
    const writer = async (seed: number) => {
      for (let at = 0; at < 12; at++) {
        const late = ((seed * 31 + at * 17) % 120) / 1000
        const rollsBack = (seed + at) % 12 === 0
        await inTransaction(log.app, { readOnly: false }, async (tx, transaction) => {
          await emitNow(transaction)
          await sql`select pg_sleep(${late})`.execute(tx)
          if (rollsBack) throw new Error('rolled back')
        }).then(
          () => acknowledged++,
          () => {},
        )
      }
    }
    const sealing = async () => {
      while (gate.open) await seal(log.sealer)
    }
    const polling = async () => {
      while (gate.open) {
        const rows = await log.owner
          .selectFrom('auditQueue')
          .select('eventId')
          .where('eventId', '>', cursor)
          .orderBy('eventId')
          .execute()
        for (const { eventId } of rows) {
          seen.add(eventId)
          cursor = eventId
        }
      }
    }
    const others = [sealing(), sealing(), sealing(), polling()]
    await Promise.all(Array.from({ length: 24 }, (_, seed) => writer(seed)))
    gate.open = false
    await Promise.all(others)
    expect(await log.sealAll()).toBe(acknowledged)
    expect(acknowledged).toBeGreaterThan(200)
    expect(await log.verify()).toMatchObject({
      events: acknowledged,
      signed: acknowledged,
      pending: 0,
    })
    const { rows } = await sql<{
      ids: number
    }>`select count(distinct event_id) as ids from audit_entry`.execute(log.owner)
    expect(rows[0]?.ids).toBe(acknowledged)
    expect(seen.size).toBeLessThan(acknowledged)
    await log.close()
  })
})

describe('P10, P11: what was signed stays true', () => {
  test('a rewritten tree is not signed, and a rolled back database does not start', async () => {
    const log = await openLog()
    for (let at = 0; at < 5; at++) await write(log.app)
    await log.sealAll()
    await write(log.app)
    await seal(log.sealer)
    await sql`update audit_tile set hashes = overlay(hashes placing '\\x00'::bytea from 40)`.execute(
      log.owner,
    )
    await expect(publish(log.sealer, key, log.dataDir)).rejects.toThrow(
      'does not continue the signed one',
    )
    await expect(refuseRollback(log.sealer, key, log.dataDir)).rejects.toThrow('rolled back')
    await sql`update log_state set tree_size = 3`.execute(log.owner)
    await expect(refuseRollback(log.sealer, key, log.dataDir)).rejects.toThrow('holds 3 events')
    await log.close()
  })
})

describe('verification', () => {
  const faults: [string, string, string][] = [
    [
      'an altered leaf',
      `update audit_entry set leaf = convert_to(replace(convert_from(leaf, 'UTF8'), 'permitted', 'denied'), 'UTF8') where leaf_index = 4`,
      'event 4',
    ],
    [
      'an altered column',
      `update audit_entry set actor_name = 'Eve' where leaf_index = 6`,
      'column actorName of event 6',
    ],
    ['a removed event', 'delete from audit_entry where leaf_index = 3', 'event 3 was removed'],
    ['a removed end', 'delete from audit_entry where leaf_index >= 8', 'event 8 was removed'],
    [
      'a shortened record',
      `delete from audit_entry where leaf_index >= 8; update log_state set tree_size = 8`,
      'event 8 was removed',
    ],
    [
      'swapped events',
      `update audit_entry set leaf_index = 100 where leaf_index = 1; update audit_entry set leaf_index = 1 where leaf_index = 2; update audit_entry set leaf_index = 2 where leaf_index = 100`,
      'event 1',
    ],
    [
      'an added event',
      `insert into audit_entry select (jsonb_populate_record(e, '{"leaf_index": 10}')).* from audit_entry e where leaf_index = 9`,
      'event 10',
    ],
    [
      'a forged signature',
      `update audit_checkpoint set note = replace(note, '— ', '— x')`,
      'no signature',
    ],
    [
      'a removed checkpoint',
      'delete from audit_checkpoint; update log_state set last_signed_size = 11',
      'checkpoint over 11',
    ],
  ]
  test.each(faults)('names %s', async (_, statements, said) => {
    const log = await openLog()
    for (let at = 0; at < 10; at++) await write(log.app)
    await log.sealAll()
    expect((await log.verify()).fault).toBeUndefined()
    for (const statement of statements.split('; ')) await sql.raw(statement).execute(log.owner)
    expect((await log.verify()).fault).toContain(said)
    await log.close()
  })
})
