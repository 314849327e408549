import { sql } from 'kysely'
import { expect, test } from 'vitest'
import { openReviews } from '../../testing/reviews.ts'

const day = 86_400_000

test('lines of reviews by the day on which they were decided, by whom, and which reviews ended in time; a lead is told of theirs', async () => {
  const on = await openReviews()
  await using _world = on.world
  const { ada, lin, max, sam } = on
  const inTime = await on.start(ada)
  await on.answerAll(inTime, [lin, max], ({ person }) => (person.id === sam.id ? 'revoke' : 'keep'))
  await on.signOff(ada, inTime)
  const late = await on.start(ada, { withoutAnswer: 'keep' })
  await on.days(8)
  const running = await ada.call('risk.reviews', {})
  expect(running).toMatchObject({ running: 1, overdue: 1 })
  await on.signOff(ada, late)
  const all = await ada.call('risk.reviews', {})
  expect(all).toMatchObject({ running: 0, overdue: 0 })
  expect(all.now).toEqual({ answered: inTime.lines, byRule: late.lines, inTime: 1, late: 1 })
  expect(all.before).toEqual({ answered: 0, byRule: 0, inTime: 0, late: 0 })
  const sum = (of: 'kept' | 'ended' | 'byRule') => all.points.reduce((n, one) => n + one[of], 0)
  expect(sum('kept') + sum('ended')).toBe(inTime.lines)
  expect(sum('byRule')).toBe(late.lines)
  expect(all.points).toHaveLength(30)
  // The same is before a range that begins after it.
  const tomorrow = Math.floor(Date.now() / day) * day + day
  const later = await ada.call('risk.reviews', {
    from: new Date(tomorrow).toISOString(),
    until: new Date(tomorrow + day).toISOString(),
  })
  expect(later.before).toEqual(all.now)
  expect(later.now).toEqual(all.before)
  // Reviews of everybody lie in no segment.
  expect((await lin.call('risk.reviews', {})).now.answered).toBe(0)
  await expect(sam.call('risk.reviews', {})).rejects.toMatchObject({ code: 'forbidden' })
  const { rows } = await sql<{ n: number }>`select count(*)::int as n from review_answer
    where decided_at is not null`.execute(on.world.app.db)
  expect(rows[0]?.n).toBe(all.now.answered + all.now.byRule)
})
