// npm run prune -- pack.zip: says which events may leave the record because this evidence pack keeps them, and what stays.
// npm run prune -- pack.zip --remove: removes them. The pack is verified first, with the pinned key; it must hold every
// event whole from the first that is left, and what is younger than a year stays. Asked of the database itself, as its
// owner: the server has no right to. DATABASE_URL and SALLYPORT_LEDGER_KEY as for `npm run verify`.
import { createHash } from 'node:crypto'
import { createReadStream, openAsBlob } from 'node:fs'
import { pipeline } from 'node:stream/promises'
import { openArchive } from '../src/proof/archive.ts'
import { verifyPack } from '../src/proof/verify-pack.ts'
import { planPruning, pruneRecord, type KeptBy } from '../src/server/ledger/prune.ts'
import { demandKey, openRecord, say } from './record.ts'

/** The pack, once it is known to be whole. Throws what is wrong with it. */
async function keptBy(path: string): Promise<KeptBy> {
  const files = await openArchive(await openAsBlob(path))
  const { faults, manifest } = await verifyPack(files, { pinnedKey: demandKey() })
  const [fault] = faults
  if (fault !== undefined || !manifest) throw new Error(`${path}: ${fault ?? 'no manifest'}`)
  const { range, counts, treeSize, root } = manifest
  if (counts.hashOnly > 0) {
    throw new Error(
      `${path} holds ${counts.hashOnly} events by their hash alone: take one of everything, without a search`,
    )
  }
  const hash = createHash('sha256')
  await pipeline(createReadStream(path), hash)
  return { sha256: hash.digest('hex'), start: range.start, end: range.end, treeSize, root }
}

const [path, flag, ...more] = process.argv.slice(2)
try {
  if (path === undefined || more.length > 0 || (flag !== undefined && flag !== '--remove')) {
    throw new Error('Name an evidence pack: npm run prune -- pack.zip [--remove]')
  }
  const pack = await keptBy(path)
  await using record = await openRecord()
  const { first, until, newestAt } =
    flag === undefined
      ? await planPruning(record.db, pack, new Date())
      : await pruneRecord(record.db, pack)
  const what = `events ${first} to ${until - 1}, the newest of ${newestAt.toISOString()}`
  say(
    flag === undefined
      ? `Could go ${what}: ${path} keeps them. Add --remove, once the pack is where it will be kept.`
      : `Removed  ${what}. Keep ${path} (SHA-256 ${pack.sha256}): nothing else has them.`,
    console.log,
  )
} catch (error) {
  say(`FAILED  ${error instanceof Error ? error.message : String(error)}`, console.error)
  process.exitCode = 1
}
