import { sql } from 'kysely'
import { expect, test } from 'vitest'
import { connect } from '../db/connect.ts'
import { overfull } from '../ledger/backlog.ts'
import { openWorld } from '../testing/world.ts'

/** The metric's value, as a scraper reads it. */
const metric = (text: unknown, name: string) =>
  Number(new RegExp(`^${name} (\\S+)$`, 'm').exec(String(text))?.[1])

test('a sealer that is behind is told from 5 s on; from 60 s on nothing is changed, and reads go on', async () => {
  await using world = await openWorld()
  const owner = connect(world.databaseUrl, { max: 2 })
  const ada = await world.as('ada')
  await ada.call('audit.list', {})
  const make = (name: string) =>
    ada.send('/api/v1/contexts', { method: 'POST', body: { name, description: '' } })
  const waiting = async (seconds: number) => {
    await sql`update audit_queue set queued_at = clock_timestamp() - make_interval(secs => ${seconds})`.execute(
      owner,
    )
    return world.ask('/readyz')
  }
  await world.app.ledger.settle()
  expect(await world.ask('/readyz')).toMatchObject({ body: { status: 'ready', sealer: 'in step' } })
  // No sealer gets a turn while somebody else holds the log.
  await owner.transaction().execute(async (tx) => {
    await tx.selectFrom('logState').selectAll().forUpdate().execute()
    expect((await make('first')).status).toBe(201)
    expect(await waiting(4)).toMatchObject({ status: 200, body: { sealer: 'in step' } })
    expect(await waiting(8)).toMatchObject({ status: 200, body: { sealer: 'behind' } })
    const metrics = (await world.ask('/metrics')).body
    expect(metric(metrics, 'sallyport_audit_oldest_pending_seconds')).toBeGreaterThan(7.9)
    expect(metric(metrics, 'sallyport_audit_pending_events')).toBeGreaterThan(0)
    expect((await make('second')).status).toBe(201)

    expect(await waiting(61)).toMatchObject({ status: 200, body: { sealer: 'behind' } })
    const refused = await make('third')
    expect(refused).toMatchObject({ status: 503, body: { code: 'unavailable' } })
    expect(refused.headers['retry-after']).toBe('10')
    const { items } = await ada.call('contexts.list', {})
    expect(items.map(({ name }) => name).toSorted()).toEqual(['first', 'second'])
    // A POST that changes nothing is a read.
    const check = { method: 'POST', body: { expression: 'true' } }
    expect((await ada.send('/api/v1/contexts/check-expression', check)).status).toBe(200)
  })
  await world.app.ledger.settle()
  expect(await world.ask('/readyz')).toMatchObject({ body: { sealer: 'in step' } })
  expect((await make('fourth')).status).toBe(201)
  await owner.destroy()
})

test('a million events that wait are too many, however young', () => {
  expect(overfull({ pending: 1_000_000, oldestSeconds: 1 })).toBe(false)
  expect(overfull({ pending: 1_000_001, oldestSeconds: 1 })).toBe(true)
})
