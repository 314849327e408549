import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { openPipeline, type Pipeline } from '../../testing/pipeline.ts'
import { openWorld, type World, type WorldPerson } from '../../testing/world.ts'

/*
 * Runs that come together share transactions. None of them can tell: what each is given, refused and recorded is its own.
 */

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

/** A context with a secret that nobody else has. */
async function contextOfItsOwn(at: number) {
  const value = randomUUID()
  const { id, name } = await ada.call('contexts.create', {
    name: `crowd ${at} ${value.slice(0, 8)}`,
    segmentId: pipeline.segment.id,
  })
  await ada.call('contexts.store', { contextId: id, name: 'WHOSE', value })
  const expression = 'pipeline.git.branch == "main"'
  await ada.call('contexts.restrict', {
    contextId: id,
    restriction: { kind: 'expression', expression },
  })
  return { id, name, value }
}

test('each run is given its own secrets, and every refusal among them is its own', async () => {
  const contexts = await Promise.all(Array.from({ length: 6 }, (_, at) => contextOfItsOwn(at)))
  const runs = await Promise.all(
    Array.from({ length: 90 }, async (_, at) => {
      const context = contexts[at % contexts.length]!
      // Every third is refused; every fifth of the others is shown twice.
      const refused = at % 3 === 2
      const claims = refused ? { 'oidc.circleci.com/vcs-ref': 'refs/heads/feature' } : {}
      const token = await pipeline.token(claims)
      return { context, token, refused, twice: !refused && at % 5 === 0 }
    }),
  )
  const before = (await world.events()).length
  const asked = await Promise.all(
    runs.map(async ({ context, token, refused, twice }) => {
      const exchange = () =>
        pipeline.exchange({ subject_token: token, resource: `urn:sallyport:context:${context.id}` })
      const answers = await Promise.all(twice ? [exchange(), exchange()] : [exchange()])
      const given = answers.filter(({ status }) => status === 200)
      expect(given).toHaveLength(refused ? 0 : 1)
      const codes = answers.flatMap(({ body }) => (body as { code?: string }).code ?? [])
      expect(codes).toEqual(refused ? ['use_denied'] : twice ? ['replayed_token'] : [])
      const [lease] = given.map(({ body }) => body as { access_token: string; lease: string })
      if (!lease) return []
      const shown = await Promise.all(
        (twice ? [1, 2] : [1]).map(() => pipeline.redeem(lease.access_token)),
      )
      const opened = shown.filter(({ status }) => status === 200)
      expect(opened.map(({ body }) => body)).toEqual([
        { lease: lease.lease, secrets: { WHOSE: context.value } },
      ])
      const spent = shown.flatMap(({ body }) => (body as { code?: string }).code ?? [])
      expect(spent).toEqual(twice ? ['lease_spent'] : [])
      return [{ lease: lease.lease, context: context.id, twice }]
    }),
  )
  const leases = asked.flat()
  expect(leases).toHaveLength(60)

  // One event for whatever was asked, with what it was about, and each decision behind its own.
  const events = (await world.events()).slice(before)
  const of = (action: string, outcome: string) =>
    events.filter((event) => event.action === action && event.outcome === outcome)
  const twice = leases.filter((each) => each.twice).length
  expect(of('leases.exchange', 'permitted')).toHaveLength(60)
  expect(of('leases.exchange', 'denied')).toHaveLength(30 + twice)
  expect(of('leases.redeem', 'permitted')).toHaveLength(60)
  expect(of('leases.redeem', 'denied')).toHaveLength(twice)
  const told = of('leases.exchange', 'permitted').map(({ context, after }) => ({
    context,
    lease: (after as { lease: string }).lease,
  }))
  const order = (one: { lease: string }, other: { lease: string }) =>
    one.lease < other.lease ? -1 : 1
  expect(told.toSorted(order)).toEqual(
    leases.map(({ context, lease }) => ({ context, lease })).toSorted(order),
  )
  const decisions = await world.app.db
    .selectFrom('leaseContext')
    .innerJoin('decision', 'decision.id', 'leaseContext.decisionId')
    .whereRef('decision.contextId', '=', 'leaseContext.contextId')
    .select(['leaseContext.leaseId', 'decision.eventId'])
    .execute()
  expect(new Set(decisions.map(({ leaseId }) => leaseId)).size).toBe(60)
  expect(new Set(decisions.map(({ eventId }) => eventId)).size).toBe(60)
  // Charts count what can be listed.
  const ids = contexts.map(({ id }) => id)
  const { listed } = await world.app.db
    .selectFrom('decision')
    .where('contextId', 'in', ids)
    .select(({ fn }) => fn.countAll<number>().as('listed'))
    .executeTakeFirstOrThrow()
  const { counted } = await world.app.db
    .selectFrom('decisionRollup')
    .where('contextId', 'in', ids)
    .select(({ fn }) => fn.sum<string>('count').as('counted'))
    .executeTakeFirstOrThrow()
  expect(counted).toBe(String(listed))
})
