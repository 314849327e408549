import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { connect } from '../src/server/db/connect.ts'
import { startEmbedded } from '../src/server/db/embedded.ts'
import { migrate } from '../src/server/db/migrate.ts'
import { openLedger } from '../src/server/ledger/ledger.ts'
import { signingKeyFrom } from '../src/server/ledger/signing-key.ts'

/** A database with its ledger, durable as in life (fsync on), gone at the end. */
export async function openBench() {
  const dataDir = mkdtempSync(join(tmpdir(), 'sallyport-bench-'))
  const embedded = await startEmbedded({ dataDir })
  await migrate(embedded.url)
  const app = connect(embedded.url, { role: 'sallyport_app', max: 17, statementTimeoutMs: 0 })
  const sealer = connect(embedded.url, { role: 'sallyport_sealer', max: 2, statementTimeoutMs: 0 })
  const owner = connect(embedded.url, { max: 17, statementTimeoutMs: 0 })
  const ledger = await openLedger({
    db: sealer,
    key: signingKeyFrom(Buffer.alloc(32, 1)),
    origin: 'bench.example/log',
    dataDir,
    onError: (error) => console.error(error),
  })
  return {
    app,
    sealer,
    owner,
    url: embedded.url,
    dataDir,
    ledger,
    async [Symbol.asyncDispose]() {
      await ledger.stop()
      await Promise.all([app.destroy(), sealer.destroy(), owner.destroy()])
      await embedded.stop()
      rmSync(dataDir, { recursive: true, force: true })
    },
  }
}

/** The middle of `runs` timings, in milliseconds, after one that does not count. */
export async function median(runs: number, work: () => Promise<unknown>): Promise<number> {
  const times: number[] = []
  for (let run = -1; run < runs; run++) {
    const began = performance.now()
    await work()
    if (run >= 0) times.push(performance.now() - began)
  }
  return quantile(times, 0.5)
}

export const quantile = (times: readonly number[], at: number): number =>
  times.toSorted((one, other) => one - other)[Math.floor((times.length - 1) * at)] ?? Number.NaN
