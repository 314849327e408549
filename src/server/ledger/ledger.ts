import type { Database } from '../db/connect.ts'
import { publish, refuseRollback } from './publisher.ts'
import { isQuiet, largestBatch, makeRoom, seal } from './sealer.ts'
import { publishVerifierKey, type SigningKey } from './signing-key.ts'

export interface Ledger {
  /** Orders and signs everything that is waiting now; for tests, exports and shutdown. */
  settle(): Promise<number>
  /** Stops after a last round. */
  stop(): Promise<void>
}

export interface LedgerParts {
  /** A pool of its own, as `sallyport_sealer`. */
  readonly db: Database
  readonly key: SigningKey
  readonly origin: string
  readonly dataDir: string
  readonly onError: (error: unknown) => void
}

/** How long a round rests, unless more waits than it could take: small batches cost the database more for each event. */
const restMs = 200
/** The same after a round of so many: what goes on coming is put in order in fewer, and still signed within a second. */
const busy = { from: 256, restMs: 450 }
/** So many events must have room in the record before they come: a million take the sealer minutes at the least. */
const ahead = 2 ** 20

/** At rest nothing is signed, but the newest checkpoint is kept outside anew so often, in case that it is gone. */
const keptAnewMs = 10_000

/** How often the same failure is told of while it lasts. */
const toldEveryMs = 10_000

/** Opens the log (making it at the first start), refuses a rolled back one, and keeps sealing until stopped. */
export async function openLedger(parts: LedgerParts): Promise<Ledger> {
  const { db, key, origin, dataDir } = parts
  await db
    .insertInto('logState')
    .values({ origin })
    .onConflict((conflict) => conflict.doNothing())
    .execute()
  await refuseRollback(db, key, dataDir)
  await publishVerifierKey(dataDir, origin, key)
  const life = { stopped: false, wake: () => {} }
  let lastSigned = -Infinity
  /** How many events this server has seen signed, and kept outside; undefined while the last round had something to do. */
  let quietAt: number | undefined
  let room = await makeRoom(db, ahead)

  // One after the other: a round and somebody who settles would only wait for each other's lock, and may do so too long.
  let last: Promise<unknown> = Promise.resolve()
  const inTurn = <T>(work: () => Promise<T>): Promise<T> => {
    const done = last.then(work)
    last = done.catch(() => {})
    return done
  }
  const sealNext = () =>
    inTurn(async () => {
      const { sealed, size } = await seal(db)
      // After what is waiting, so that a failure to make room stops nothing while there is some left.
      if (size + ahead > room) room = await makeRoom(db, ahead)
      return sealed
    })
  const publishNow = () => inTurn(() => publish(db, key, dataDir))
  const round = async (): Promise<number> => {
    const kept = performance.now() - lastSigned < keptAnewMs
    if (kept && quietAt !== undefined && (await isQuiet(db, quietAt))) return 0
    quietAt = undefined
    const sealed = await sealNext()
    // At most five checkpoints in two seconds while events keep coming, and one as soon as they pause.
    if (sealed === 0 || performance.now() - lastSigned > 400) {
      const signed = await publishNow()
      if (sealed === 0) quietAt = signed
      lastSigned = performance.now()
    }
    return sealed
  }
  // What goes on failing, as on a full disk, is not said ten times a second to a log that may be on the same disk.
  const told = { what: '', at: 0 }
  const tell = (error: unknown) => {
    const what = String((error as { code?: unknown }).code ?? error)
    if (what === told.what && performance.now() - told.at < toldEveryMs) return
    Object.assign(told, { what, at: performance.now() })
    parts.onError(error)
  }
  const running = (async () => {
    while (!life.stopped) {
      const sealed = await round().catch((error: unknown) => {
        tell(error)
        return 0
      })
      if (sealed === largestBatch || life.stopped) continue
      await new Promise<void>((resolve) => {
        life.wake = () => resolve()
        setTimeout(resolve, sealed < busy.from ? restMs : busy.restMs)
      })
    }
  })()
  const settle = async () => {
    while ((await sealNext()) > 0);
    return publishNow()
  }
  return {
    settle,
    async stop() {
      life.stopped = true
      life.wake()
      await running
      await settle().catch(parts.onError)
    },
  }
}
