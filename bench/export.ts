// node bench/export.ts [events]: an evidence pack of everything beside PostgreSQL's bare COPY of the same rows, made while it is taken and made in the background; and its check in the terminal.
import { spawnSync } from 'node:child_process'
import { createWriteStream, mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { fileURLToPath } from 'node:url'
import { sql } from 'kysely'
import { builtInRoles } from '../src/contract/built-in-roles.ts'
import { readConfig } from '../src/server/config.ts'
import { newId } from '../src/server/db/new-id.ts'
import { connect } from '../src/server/db/connect.ts'
import { createCedar } from '../src/server/decision/cedar.ts'
import { createPolicyStore } from '../src/server/decision/policy-store.ts'
import { asPack, planPack } from '../src/server/features/audit/evidence.ts'
import { createExportRunner } from '../src/server/features/exports/runner.ts'
import { sources } from '../src/server/features/exports/sources.ts'
import { standingNow } from '../src/server/features/exports/standing.ts'
import { insertExport } from '../src/server/features/exports/store.ts'
import { signingKeyFrom, verifierKeyFile } from '../src/server/ledger/signing-key.ts'
import { fillRecord } from './events.ts'
import { openBench } from './world.ts'

const total = Number(process.argv[2] ?? 1_000_000)
const everywhere = { everywhere: true, segments: [], projects: [], contexts: [] }

await using bench = await openBench()
await fillRecord(bench, total, Date.now())
await sql`vacuum analyze audit_entry`.execute(bench.owner)
const verifierKey = readFileSync(verifierKeyFile(bench.dataDir), 'utf8').trim()
const keys = { key: signingKeyFrom(Buffer.alloc(32, 1)), verifierKey }
const folder = mkdtempSync(join(tmpdir(), 'sallyport-bench-export-'))
const pack = join(folder, 'evidence.zip')

const seconds = async (work: () => Promise<unknown>) => {
  const began = performance.now()
  await work()
  return (performance.now() - began) / 1_000
}
let rss = 0
setInterval(() => {
  rss = Math.max(rss, process.memoryUsage().rss)
}, 20).unref()
const memory = () => {
  const most = Math.round(rss / 1024 / 1024)
  rss = 0
  return `memory at most ${most} MiB`
}

/** Of what a pack holds: the leaves, and what stands beside them of people. */
const copy = async () => {
  await sql`copy (select leaf_index, leaf_hash, leaf, beside from audit_entry order by leaf_index) to '/dev/null'`.execute(
    bench.owner,
  )
}
/** The best of three: what else the machine does slows either. */
const best = async (work: () => Promise<unknown>) =>
  Math.min(await seconds(work), await seconds(work), await seconds(work))
const floor = await best(copy)
console.log(
  `COPY of ${total} events: ${floor.toFixed(1)} s = ${Math.round(total / floor)}/s = 100 %`,
)
const told = (what: string, time: number) =>
  console.log(
    `${what}: ${time.toFixed(1)} s = ${Math.round(total / time)}/s = ${((floor / time) * 100).toFixed(0)} % of COPY (goal ≥ 30 %); ${memory()}`,
  )

const plan = await planPack(bench.app, { conditions: [], reach: everywhere }, undefined, {
  query: {},
  exportedAt: new Date().toISOString(),
  exportedBy: { kind: 'person', id: 'bench', name: 'bench' },
  requestId: newId(),
})
rss = 0
told(
  'a pack, made while it is taken',
  await best(() => pipeline(Readable.from(asPack(plan, keys)(bench.app)), createWriteStream(pack))),
)
console.log(`${(statSync(pack).size / 1e6).toFixed(0)} MB`)

const personId = newId()
await bench.owner.connection().execute(async (db) => {
  // Below the door: what is measured is the making of the file.
  await sql`set session_replication_role = replica`.execute(db)
  await sql`insert into person (id, email, name, source) values (${personId}, 'noor@bench.example', 'Noor', 'import')`.execute(
    db,
  )
  await sql`insert into access_grant (id, role_id, subject_kind, person_id, scope_kind, reason)
    values (${newId()}, ${builtInRoles.auditor.id}, 'person', ${personId}, 'organization', 'bench')`.execute(
    db,
  )
  await sql`set session_replication_role = default`.execute(db)
})
const policies = createPolicyStore(createCedar((message) => console.error(message)))
const asker = { personId, ip: '127.0.0.1', at: new Date() }
const config = readConfig({})
const standing = await standingNow({ db: bench.app, policies, config }, sources.evidence, {}, asker)
if (!standing) throw new Error('nobody may export')
const request = { id: newId(), ip: asker.ip, userAgent: '', method: 'POST', path: '/' }
const { bound, total: rows = null } = await sources.evidence.bound(standing.reader, {}, request)
await insertExport(bench.app, {
  id: newId(),
  what: 'evidence',
  format: 'zip',
  query: {},
  bound,
  aboutId: null,
  aboutName: null,
  total: rows,
  createdBy: personId,
  createdAt: asker.at,
  ip: asker.ip,
})
const pool = connect(bench.url, { role: 'sallyport_app', max: 2, statementTimeoutMs: 30_000 })
rss = 0
const time = await seconds(async () => {
  const runner = createExportRunner({
    db: pool,
    policies,
    config,
    keys: () => Promise.resolve(keys),
    onError: (error) => console.error(error),
  })
  await runner.settled()
  await runner.close()
})
told('a pack, made in the background and kept in the database', time)
const { state, done } = await bench.app
  .selectFrom('export')
  .select(['state', 'done'])
  .executeTakeFirstOrThrow()
console.log(`${state}: ${done} events`)
await pool.destroy()

const verifying = await seconds(async () => {
  const ran = spawnSync(
    process.execPath,
    [fileURLToPath(new URL('../scripts/verify.ts', import.meta.url)), pack],
    { env: { ...process.env, SALLYPORT_LEDGER_KEY: verifierKey }, encoding: 'utf8' },
  )
  console.log(ran.stdout.trim() || ran.stderr.trim())
})
console.log(`checked in the terminal: ${verifying.toFixed(1)} s (goal ≤ 60 s)`)
rmSync(folder, { recursive: true, force: true })
