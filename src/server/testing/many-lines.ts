import { sql } from 'kysely'
import type { CallOf } from '../../contract/index.ts'
import { below } from './below.ts'
import { unique } from './unique.ts'
import type { World, WorldPerson } from './world.ts'

interface Parts {
  readonly world: World
  readonly ada: WorldPerson
}

/** A segment whose review has so many lines: all but Ada’s of people who never used it in 40 days, so that they are to go. */
export async function openManyLines({ world, ada }: Parts, lines: number) {
  const { id: segmentId } = await ada.call('segments.create', {
    name: unique('segment'),
    tier: 'build',
  })
  for (let nth = 0; nth < lines - 1; nth++) {
    const scope = { kind: 'segment', id: segmentId, name: '' } as const
    await world.grant(await world.as(unique('holder')), 'developer', scope)
  }
  const then = new Date(Date.now() - 40 * 86_400_000)
  const long = sql`update access_grant set granted_at = ${then} where segment_id = ${segmentId}`
  await below(world, (db) => long.execute(db))
  const reviewer = await world.as(unique('reviewer'))
  const start = () =>
    ada.call('reviews.create', {
      name: unique('review'),
      scope: { kind: 'segment', scopeId: segmentId },
      reviewers: 'named',
      people: [reviewer.id],
      fallback: [ada.id],
      dueAt: new Date(Date.now() + 7 * 86_400_000).toISOString(),
    })
  type Said = CallOf<'reviews.decideMany'>
  /** All at once, by one justification. */
  const answer = async (reviewId: string, decisionOf: (nth: number) => Said['decision']) => {
    const { items } = await reviewer.call('reviews.lines', { reviewId, mine: 'true' })
    const answers = Map.groupBy(items, (_, nth) => decisionOf(nth))
    for (const [decision, some] of answers) {
      await reviewer.call('reviews.decideMany', {
        reviewId,
        lines: some.map(({ id: lineId, version }) => ({ lineId, version })),
        decision,
        justification: 'They all work here',
      })
    }
  }
  const signOff = async (reviewId: string) => {
    await ada.call('reviews.signOff', { reviewId }, { version: 1 })
    await world.app.reviews.settled()
  }
  return { segmentId, reviewer, start, answer, signOff }
}
