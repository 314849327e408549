// npm run verify: checks the stored record against its checkpoints. DATABASE_URL names the database, else the data of
// evaluation mode (SALLYPORT_DATA, .data) is read, whether its server runs or not. The verifier key is pinned by
// SALLYPORT_LEDGER_KEY; without it, by the file that the first start wrote.
// npm run verify -- pack.zip [kept-checkpoint]: checks an evidence pack instead, without database or network.
import { existsSync, openAsBlob, readFileSync } from 'node:fs'
import { openArchive } from '../src/proof/archive.ts'
import { verifyPack } from '../src/proof/verify-pack.ts'
import { checkpointFile } from '../src/server/ledger/publisher.ts'
import { verifyRecord } from '../src/server/ledger/verify.ts'
import { reviewSaid } from '../src/proof/verify-review.ts'
import { dataDir, demandKey, openRecord, pinnedKey, say } from './record.ts'

async function verifyEvidence(pack: string, kept: string | undefined): Promise<number> {
  if (!existsSync(pack)) throw new Error(`${pack}: there is no such file.`)
  const since = kept === undefined ? undefined : readFileSync(kept, 'utf8')
  const files = await openArchive(await openAsBlob(pack))
  const { faults, manifest, key, verifierKey, events, ...verdict } = await verifyPack(files, {
    pinnedKey: pinnedKey(),
    since,
  })
  if (faults.length > 0) {
    for (const fault of faults.slice(0, 20)) say(`FAILED  ${pack}: ${fault}.`, console.error)
    return 1
  }
  const { range, counts, treeSize, origin, query, exportedAt, exportedBy } = manifest!
  const asked = [
    query.q ?? 'everything',
    ...(query.from ? [`from ${query.from}`] : []),
    ...(query.until ? [`until ${query.until}`] : []),
  ].join(', ')
  const held = range.end > range.start ? `events ${range.start} to ${range.end - 1}` : 'none'
  say(`Whole   ${pack}: ${events} events of ${origin}`, console.log)
  say(`        ${held} of ${treeSize}; asked for: ${asked}`, console.log)
  const { review } = verdict
  if (review) say(`        ${reviewSaid(review)} (${review.id})`, console.log)
  say(`        ${counts.whole} whole, ${counts.hashOnly} by their hash alone`, console.log)
  say(`        taken at ${exportedAt} by ${exportedBy.name}`, console.log)
  say(
    verdict.since === undefined
      ? '        authentic; whether the log was taken back since an earlier checkpoint is not known (name one)'
      : `        continues the checkpoint over ${verdict.since} events`,
    console.log,
  )
  if (key === 'pinned') return 0
  say(
    `        BUT the key merely came along: compare it with one that you were given otherwise`,
    console.error,
  )
  say(`        ${verifierKey}`, console.error)
  return 2
}

async function verify(): Promise<number> {
  const pinned = demandKey()
  await using record = await openRecord()
  const file = checkpointFile(dataDir)
  const verdict = await verifyRecord(record.db, {
    pinnedKey: pinned,
    outside: existsSync(file) ? readFileSync(file, 'utf8') : undefined,
  })
  const { origin, events, checkpoints, signed, pending, pruned, fault } = verdict
  if (fault !== undefined) {
    say(`FAILED  ${origin}: ${fault}. (${events} events before it are whole.)`, console.error)
    return 1
  }
  say(
    `Whole   ${origin}: ${events} events, ${checkpoints} checkpoints, signed up to ${signed}; ${pending} wait to be put in order.`,
    console.log,
  )
  if (pruned > 0) {
    const left = `        the first ${pruned} have left it for evidence packs; their hashes are verified`
    say(left, console.log)
  }
  return 0
}

const [pack, kept] = process.argv.slice(2)
try {
  process.exitCode = await (pack === undefined ? verify() : verifyEvidence(pack, kept))
} catch (error) {
  say(`FAILED  ${error instanceof Error ? error.message : String(error)}`, console.error)
  process.exitCode = 1
}
