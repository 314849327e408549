// npm run verify: checks the stored record against its checkpoints. DATABASE_URL names the database, else the data of
// evaluation mode (SALLYPORT_DATA, .data) is read, whether its server runs or not. The verifier key is pinned by
// SALLYPORT_LEDGER_KEY; without it, by the file that the first start wrote.
import { existsSync, readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { printable } from '../src/contract/printable.ts'
import { connect } from '../src/server/db/connect.ts'
import { runningDatabase, startEmbedded } from '../src/server/db/embedded.ts'
import { checkpointFile } from '../src/server/ledger/publisher.ts'
import { verifierKeyFile } from '../src/server/ledger/signing-key.ts'
import { verifyRecord } from '../src/server/ledger/verify.ts'

const dataDir = resolve(process.env['SALLYPORT_DATA'] || '.data')

/** What the database says may be an attacker's: it must not command the terminal (P36). */
const say = (line: string, to: (line: string) => void) => to(printable(line))

async function verify(): Promise<number> {
  const given = process.env['DATABASE_URL']
  if (!given && !existsSync(resolve(dataDir, 'pg'))) {
    console.error(`There is no record: neither DATABASE_URL nor a database in ${dataDir}.`)
    return 1
  }
  const keyFile = verifierKeyFile(dataDir)
  const pinned =
    process.env['SALLYPORT_LEDGER_KEY'] ??
    (existsSync(keyFile) ? readFileSync(keyFile, 'utf8') : undefined)
  if (!pinned) {
    console.error(
      `There is no key to verify with: set SALLYPORT_LEDGER_KEY (${keyFile} is missing).`,
    )
    return 1
  }
  const running = given ?? runningDatabase(dataDir)
  const embedded = running ? undefined : await startEmbedded({ dataDir })
  const db = connect(running ?? embedded?.url ?? '', { max: 1, statementTimeoutMs: 0 })
  const file = checkpointFile(dataDir)
  try {
    const verdict = await verifyRecord(db, {
      pinnedKey: pinned.trim(),
      outside: existsSync(file) ? readFileSync(file, 'utf8') : undefined,
    })
    const { origin, events, checkpoints, signed, pending, fault } = verdict
    if (fault !== undefined) {
      say(`FAILED  ${origin}: ${fault}. (${events} events before it are whole.)`, console.error)
      return 1
    }
    say(
      `Whole   ${origin}: ${events} events, ${checkpoints} checkpoints, signed up to ${signed}; ${pending} wait to be put in order.`,
      console.log,
    )
    return 0
  } finally {
    await db.destroy()
    await embedded?.stop()
  }
}

process.exitCode = await verify()
