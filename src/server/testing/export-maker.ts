import { readConfig } from '../config.ts'
import { connect } from '../db/connect.ts'
import { createCedar } from '../decision/cedar.ts'
import { createPolicyStore } from '../decision/policy-store.ts'
import { createExportRunner } from '../features/exports/service.ts'
import { signingKeyFrom } from '../ledger/signing-key.ts'

/*
 * A server as far as exports are concerned, in a process of its own: what a test must be able to kill. It makes what waits in
 * the database that DATABASE_URL names, and is killed before it comes to signing.
 */
const db = connect(process.env['DATABASE_URL'] ?? '', { role: 'sallyport_app', max: 2 })
const keys = { key: signingKeyFrom(Buffer.alloc(32, 1)), verifierKey: '' }
const runner = createExportRunner({
  db,
  policies: createPolicyStore(createCedar(() => {})),
  config: readConfig({}),
  keys: () => Promise.resolve(keys),
  onError: (error) => console.error(error),
})
await runner.settled()
