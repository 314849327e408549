// Where the commands of the record (`verify`, `prune`) find it: DATABASE_URL names the database, else the data of
// evaluation mode (SALLYPORT_DATA, .data) is taken, whether its server runs or not. The verifier key is pinned by
// SALLYPORT_LEDGER_KEY; without it, by the file that the first start wrote.
import { existsSync, readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { printable } from '../src/contract/printable.ts'
import { connect } from '../src/server/db/connect.ts'
import { runningDatabase, startEmbedded } from '../src/server/db/embedded.ts'
import { verifierKeyFile } from '../src/server/ledger/signing-key.ts'

export const dataDir = resolve(process.env['SALLYPORT_DATA'] || '.data')

/** What the database says may be an attacker's: it must not command the terminal (P36). */
export const say = (line: string, to: (line: string) => void) => to(printable(line))

export function pinnedKey(): string | undefined {
  const keyFile = verifierKeyFile(dataDir)
  const given = process.env['SALLYPORT_LEDGER_KEY']
  return (given ?? (existsSync(keyFile) ? readFileSync(keyFile, 'utf8') : undefined))?.trim()
}

/** Throws where no key is pinned. */
export function demandKey(): string {
  const pinned = pinnedKey()
  if (pinned) return pinned
  throw new Error(
    `There is no key to verify with: set SALLYPORT_LEDGER_KEY (${verifierKeyFile(dataDir)} is missing).`,
  )
}

/** The database of the record, as its owner; started for as long as it is used where it does not run. */
export async function openRecord() {
  const given = process.env['DATABASE_URL']
  if (!given && !existsSync(resolve(dataDir, 'pg'))) {
    throw new Error(`There is no record: neither DATABASE_URL nor a database in ${dataDir}.`)
  }
  const running = given ?? runningDatabase(dataDir)
  const embedded = running ? undefined : await startEmbedded({ dataDir })
  const db = connect(running ?? embedded?.url ?? '', { max: 1, statementTimeoutMs: 0 })
  return {
    db,
    async [Symbol.asyncDispose]() {
      await db.destroy()
      await embedded?.stop()
    },
  }
}
