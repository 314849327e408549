import { sql } from 'kysely'
import { expect, test } from 'vitest'
import { inTransaction } from '../../db/transaction.ts'
import { emit } from '../../ledger/emit.ts'
import { openPipeline } from '../../testing/pipeline.ts'
import { openWorld, type World } from '../../testing/world.ts'

/* What a change opens is asked before anything is locked: and again where somebody changed what the answer hung on. */

/** Somebody waits for a row that is locked. */
async function someoneWaits({ app: { db } }: World): Promise<void> {
  for (;;) {
    const { rows } = await sql`select pid from pg_locks where not granted`.execute(db)
    if (rows.length > 0) return
  }
}

test('a restriction that narrows, and opens since another was removed meanwhile, is not added without a reason', async () => {
  await using world = await openWorld()
  const ada = await world.as('ada')
  await using pipeline = await openPipeline(world, ada)
  const hotfix = { 'oidc.circleci.com/vcs-ref': 'refs/heads/hotfix' }
  const refused = await pipeline.exchange({ subject_token: await pipeline.token(hotfix) })
  expect(refused.status).toBe(403)
  const contextId = pipeline.context.id
  const add = (expression: string) =>
    ada.call('contexts.restrict', { contextId, restriction: { kind: 'expression', expression } })
  // Beside what admits main alone it only narrows: the control.
  await add('not job.ssh.enabled')

  const { promise: removed, resolve: remove } = Promise.withResolvers<void>()
  const { promise: waiting, resolve: wait } = Promise.withResolvers<void>()
  const other = inTransaction(world.app.db, { readOnly: false }, async (db, transaction) => {
    await sql`update context set version = version + 1 where id = ${contextId}`.execute(db)
    await sql`delete from restriction where context_id = ${contextId}`.execute(db)
    emit(transaction, {
      actor: { kind: 'system', id: 'test', name: 'somebody else' },
      action: 'test.remove',
      outcome: 'permitted',
    })
    remove()
    await waiting
  })
  await removed
  const late = add('pipeline.git.branch == "hotfix"')
  const goOn = async () => {
    await someoneWaits(world)
    wait()
    await other
  }
  await Promise.all([goOn(), expect(late).rejects.toMatchObject({ code: 'reason_required' })])
  expect((await ada.call('contexts.restrictions', { contextId })).items).toEqual([])
})
