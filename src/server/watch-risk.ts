import type { Config } from './config.ts'
import type { Database } from './db/connect.ts'
import { keepControls } from './features/compliance/service.ts'
import { createFindingRunner, type FindingRunner } from './features/findings/service.ts'
import { keepReach } from './features/risk/reach.ts'
import { keepClean } from './jobs/clean-up.ts'

interface Watch {
  readonly db: Database
  readonly config: Config
  readonly onError: (error: unknown) => void
}

/** Looks for findings, and from when it does so keeps what they and controls come to: a server that does not look records nothing. */
export function watchRisk({ db, config, onError }: Watch): FindingRunner {
  const runner = createFindingRunner({ db, onError })
  let stopKeeping = () => {}
  return {
    ...runner,
    start() {
      runner.start()
      const run = () => keepReach(db).then(() => keepControls({ db, config, onError }))
      stopKeeping = keepClean([{ everyMs: 20_000, run }], onError)
    },
    async close() {
      stopKeeping()
      await runner.close()
    },
  }
}
