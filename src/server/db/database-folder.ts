import { spawnSync } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import {
  chmodSync,
  chownSync,
  existsSync,
  mkdirSync,
  readdirSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { makeOnce } from '../kept-file.ts'
import type { RunAs } from './database-user.ts'

const halfMade = 'pg-making-'

/** Makes the data folder itself, or throws the sentence that says why it cannot be used. */
export function openDataFolder(dataDir: string): void {
  try {
    mkdirSync(dataDir, { recursive: true })
    readdirSync(dataDir)
    // Whether it can be written to is not asked of its mode: some file systems are read-only.
    const probe = join(dataDir, `probe-${randomBytes(6).toString('hex')}`)
    writeFileSync(probe, '')
    rmSync(probe)
  } catch (error) {
    throw new Error(
      `The data folder ${dataDir} cannot be used: ${(error as Error).message}. Give it to the user that Sallyport runs as, or set SALLYPORT_DATA to another folder.`,
      { cause: error },
    )
  }
}

/**
 * PostgreSQL's folder, made at the first start. It is made under another name and moved when it is whole: a first start
 * that was killed leaves nothing that looks like a database, although its `initdb` may still be at work there.
 */
export function openDatabaseFolder(
  dataDir: string,
  options: { initdb: string; password: string; runAs: RunAs; log: (line: string) => void },
): string {
  const folder = join(dataDir, 'pg')
  const mark = join(dataDir, 'pg-complete')
  for (const name of readdirSync(dataDir)) {
    if (name.startsWith(halfMade)) removeIfQuiet(join(dataDir, name))
  }
  // Whatever has run once is kept, whoever put it there: `postmaster.opts` is the first thing that PostgreSQL writes.
  if (existsSync(mark) || existsSync(join(folder, 'postmaster.opts'))) {
    demandOwner(folder, options.runAs)
    return folder
  }
  options.log('making the database folder')
  const making = join(dataDir, `${halfMade}${randomBytes(6).toString('hex')}`)
  initialize(making, options)
  rmSync(folder, { recursive: true, force: true })
  renameSync(making, folder)
  makeOnce(mark, '')
  return folder
}

/** An `initdb` that lost its parent may still write there; it ends by itself, and a later start takes the rest away. */
function removeIfQuiet(folder: string): void {
  try {
    rmSync(folder, { recursive: true, force: true })
  } catch {
    // Nothing depends on it.
  }
}

/** PostgreSQL opens its own user's folder only, and says so in words that help nobody. */
function demandOwner(folder: string, { uid }: RunAs): void {
  const expected = uid ?? process.getuid?.()
  if (expected === undefined || !existsSync(folder)) return
  const owner = statSync(folder).uid
  if (owner === expected) return
  throw new Error(
    `The database folder ${folder} belongs to user ${owner}, but PostgreSQL runs as user ${expected}. Give it back (chown -R ${expected} ${folder}), or set SALLYPORT_DATA to another folder.`,
  )
}

function initialize(
  folder: string,
  { initdb, password, runAs }: { initdb: string; password: string; runAs: RunAs },
): void {
  const ownedByDatabase = (path: string) => {
    if (runAs.uid !== undefined) chownSync(path, runAs.uid, runAs.gid ?? runAs.uid)
  }
  mkdirSync(folder)
  ownedByDatabase(folder)
  chmodSync(folder, 0o700)
  const passwordFile = `${folder}-password`
  writeFileSync(passwordFile, `${password}\n`, { mode: 0o600 })
  ownedByDatabase(passwordFile)
  const [command, ...args] = [
    ...runAs.prefix,
    initdb,
    `--pgdata=${folder}`,
    '--username=sallyport',
    '--auth=scram-sha-256',
    `--pwfile=${passwordFile}`,
    '--encoding=UTF8',
    '--locale=C',
    '--data-checksums',
  ]
  const made = spawnSync(command, args, {
    stdio: ['ignore', 'ignore', 'pipe'],
    encoding: 'utf8',
    ...(runAs.uid !== undefined && { uid: runAs.uid, gid: runAs.gid }),
  })
  rmSync(passwordFile, { force: true })
  if (made.status !== 0) {
    rmSync(folder, { recursive: true, force: true })
    throw new Error(`PostgreSQL's folder could not be made: ${made.stderr || made.error?.message}`)
  }
}
