import { sql } from 'kysely'
import { expect, test } from 'vitest'
import { cleanUp } from '../../jobs/clean-up.ts'
import { openPipeline } from '../../testing/pipeline.ts'
import { openWorld } from '../../testing/world.ts'

/*
 * P5 over time: that a token was traded is forgotten only once the token is refused by its own end. A row stands for as
 * long as some leeway that an issuer may have could still admit its token.
 */
test('that a token was traded is kept beyond every leeway, and forgotten after that', async () => {
  await using world = await openWorld()
  const ada = await world.as('ada')
  await using pipeline = await openPipeline(world, ada)
  const { db } = world.app
  const issuerId = pipeline.issuer.id
  const { version } = await ada.call('issuers.view', { issuerId })
  await ada.call('issuers.update', { issuerId, leewaySeconds: 120 }, { version })

  // Over for 100 seconds, and admitted by the leeway alone.
  const now = Math.floor(Date.now() / 1000)
  const token = await pipeline.token({ iat: now - 200, exp: now - 100 })
  const trade = async () => {
    const { status, body } = await pipeline.exchange({ subject_token: token })
    return status === 200 ? 'traded' : (body as { code?: string }).code
  }
  expect(await trade()).toBe('traded')
  expect(await trade()).toBe('replayed_token')

  // As it stands where the issuer had no leeway when the token was traded, and was given the most since.
  const kept = async () => {
    const { rows } = await sql<{
      many: number
    }>`select count(*)::int as many from subject_token`.execute(db)
    return rows[0]?.many
  }
  await sql`update subject_token set expires_at = to_timestamp(${now - 100})`.execute(db)
  await cleanUp(db)
  expect(await kept()).toBe(1)
  expect(await trade()).toBe('replayed_token')

  // The control: whoever forgets as soon as the end that was noted has passed lets the replay through.
  await sql`delete from subject_token where expires_at < clock_timestamp()`.execute(db)
  expect(await trade()).toBe('traded')

  // What no leeway admits any more is deleted, and refused all the same.
  const old = await pipeline.token({ iat: now - 7_500, exp: now - 7_200 })
  await sql`update subject_token set expires_at = to_timestamp(${now - 7_200})`.execute(db)
  await cleanUp(db)
  expect(await kept()).toBe(0)
  const { status } = await pipeline.exchange({ subject_token: old })
  expect(status).toBeGreaterThanOrEqual(400)
  expect(await kept()).toBe(0)
})
