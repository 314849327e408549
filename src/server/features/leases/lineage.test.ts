import { sql } from 'kysely'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { inTransaction } from '../../db/transaction.ts'
import { emit } from '../../ledger/emit.ts'
import { openPipeline, type Pipeline } from '../../testing/pipeline.ts'
import { openWorld, type World, type WorldPerson } from '../../testing/world.ts'

/* Which runs were given a value that has leaked. */

let world: World
let ada: WorldPerson
let pipeline: Pipeline

beforeAll(async () => {
  world = await openWorld()
  ada = await world.as('ada')
  pipeline = await openPipeline(world, ada)
})
afterAll(async () => {
  await pipeline.close()
  await world.close()
})

/** Moves everything that was stored and given so far ten minutes into the past. */
const letPass = () =>
  inTransaction(world.app.db, { readOnly: false }, async (db, transaction) => {
    const by = sql`interval '10 minutes'`
    await sql`update secret_version set created_at = created_at - ${by}`.execute(db)
    await sql`update lease set issued_at = issued_at - ${by}, expires_at = expires_at - ${by},
      redeemed_at = redeemed_at - ${by}`.execute(db)
    emit(transaction, {
      actor: { kind: 'system', id: 'test', name: 'test' },
      action: 'test.later',
      outcome: 'permitted',
    })
  })

/** A lease that was redeemed. */
async function given(resource?: string): Promise<string> {
  const { lease, access_token: token } = await pipeline.lease(resource ? { resource } : {})
  expect((await pipeline.redeem(token)).status).toBe(200)
  return lease
}

const store = (contextId: string, name: string, value: string) =>
  ada.call('contexts.store', { contextId, name, value })

async function lineage(secret: string, who = ada): Promise<string[]> {
  const { items } = await who.call('leases.list', { secret })
  return items.map(({ id }) => id).toReversed()
}

test('a value is followed to every run that was given it: by version, in other contexts, and after a rollback', async () => {
  const { id } = pipeline.context
  const first = await given()
  await pipeline.lease()
  await letPass()
  await store(id, 'API_KEY', 'the next')
  await letPass()
  const second = await given()
  expect(await lineage(`${id}.API_KEY.1`)).toEqual([first])
  expect(await lineage(`${id}.API_KEY.2`)).toEqual([second])
  // What was not replaced was given to both; what was asked for and not fetched, to nobody.
  expect(await lineage(`${id}.EMPTY.1`)).toEqual([first, second])

  // The same value in another context, under another name.
  const other = await ada.call('contexts.create', { name: 'copied', segmentId: null })
  await store(other.id, 'COPY', "it's $1 `x`")
  await ada.call('contexts.restrict', {
    contextId: other.id,
    restriction: { kind: 'project', targetId: pipeline.project.id },
  })
  await letPass()
  const copied = await given('copied')
  expect(await lineage(`${id}.API_KEY.1`)).toEqual([first, copied])
  expect(await lineage(`${other.id}.COPY.1`)).toEqual([first, copied])

  // Rolled back, it is given again.
  await letPass()
  await ada.call(
    'contexts.rollback',
    { contextId: id, name: 'API_KEY', version: 1 },
    { version: 2 },
  )
  await letPass()
  const third = await given()
  expect(await lineage(`${id}.API_KEY.1`)).toEqual([first, copied, third])
  expect(await lineage(`${id}.API_KEY.3`)).toEqual([first, copied, third])
  expect(await lineage(`${id}.API_KEY.2`)).toEqual([second])

  // A run that comes while a value is replaced counts for both.
  await store(id, 'API_KEY', 'the last')
  const between = await given()
  expect(await lineage(`${id}.API_KEY.3`)).toEqual([first, copied, third, between])
  expect(await lineage(`${id}.API_KEY.4`)).toEqual([between])

  // Whoever sees one of the contexts only learns of its runs, and of no other secret.
  const sam = await world.as('sam')
  await world.grant(sam, 'developer', { kind: 'context', id: other.id, name: 'copied' })
  expect(await lineage(`${other.id}.COPY.1`, sam)).toEqual([copied])
  for (const secret of [`${id}.API_KEY.1`, `${other.id}.COPY.2`, `${other.id}.NONE.1`]) {
    await expect(lineage(secret, sam)).rejects.toMatchObject({ code: 'not_found' })
  }
  await expect(lineage('copied.COPY.1')).rejects.toMatchObject({
    code: 'invalid_input',
    problem: { fields: [{ path: 'secret' }] },
  })
})
