import { sql } from 'kysely'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { builtInRoles } from '../../../contract/built-in-roles.ts'
import type { ReviewLine } from '../../../contract/reviews.ts'
import { below } from '../../testing/below.ts'
import { openReviews, type Reviews } from '../../testing/reviews.ts'

let on: Reviews
beforeAll(async () => {
  on = await openReviews()
})
afterAll(() => on.world.close())

/** Changes what only time brings about. */
const passed = (change: ReturnType<typeof sql>) => below(on.world, (db) => change.execute(db))

const aged = (days: number) => sql`now() - ${days} * interval '1 day'`

const about = (lines: readonly ReviewLine[], person: { id: string }, grantId: string) => {
  const line = lines.find((one) => one.person.id === person.id && one.grantId === grantId)
  if (!line) throw new Error('no such line')
  return line
}

test('of what a team holds each is shown their own use, and whoever never came is to go', async () => {
  const { ada, lin, max, sam, payments, world } = on
  // Ruth was imported with the team, and never came.
  await ada.call('people.import', {
    csv: 'email,name,team\nruth@meridian.example,Ruth,payments\n',
  })
  const { items } = await ada.call('people.list', { search: 'Ruth' })
  const ruth = { id: items[0]?.id ?? '' }
  const { id: grantId } = await ada.call('grants.create', {
    roleId: builtInRoles.teamLead.id,
    subject: { kind: 'team', id: payments.id },
    scope: { kind: 'organization' },
    reason: 'Works here',
  })
  await passed(sql`update access_grant set granted_at = ${aged(100)} where id = ${grantId}`)
  await passed(sql`update team_member set created_at = ${aged(110)}`)
  await passed(sql`update person set created_at = ${aged(100)}`)
  // Only Sam does something by it.
  await sam.call('people.list', {})
  await expect
    .poll(() =>
      world.app.db
        .selectFrom('grantUsedBy')
        .select('personId')
        .where('grantId', '=', grantId)
        .execute(),
    )
    .toEqual([{ personId: sam.id }])
  await passed(sql`update person set last_seen_at = ${aged(40)} where id = ${max.id}`)

  const review = await on.start(ada)
  const lines = await on.lines(ada, review)
  const of = (person: { id: string }) => about(lines, person, grantId)
  expect(of(sam)).toMatchObject({
    uses: 1,
    lastUsedAt: expect.any(String),
    teamUse: { uses: 1, lastUsedAt: expect.any(String) },
    recommendation: { decision: 'keep', because: 'It was last used today by Sam.' },
  })
  expect(of(ruth)).toMatchObject({
    uses: 0,
    teamUse: { uses: 1 },
    recommendation: { decision: 'revoke', because: 'Ruth has never signed in.' },
    risk: { because: expect.arrayContaining(['Ruth has never signed in.']) },
  })
  expect(of(ruth).lastUsedAt).toBeUndefined()
  expect(of(max).recommendation).toEqual({
    decision: 'revoke',
    because: 'Max was last seen 40 days ago.',
  })
  expect(of(lin)).toMatchObject({
    uses: 0,
    recommendation: {
      decision: 'revoke',
      because:
        'Lin has not used it in the 100 days since it was granted to payments. Somebody in payments used it today.',
    },
  })
  // Their own pages say so too.
  const path = async ({ id: personId }: { id: string }) =>
    (await ada.call('people.view', { personId })).access.find((one) => one.grantId === grantId)
  expect((await path(sam))?.lastUsedAt).toEqual(expect.any(String))
  expect(await path(lin)).toMatchObject({ via: { kind: 'team' } })
  expect((await path(lin))?.lastUsedAt).toBeUndefined()
  // Only unused: everybody but Sam, who used it, and what was granted to somebody today.
  const unused = await ada.call('reviews.preview', {
    scope: { kind: 'team', scopeId: payments.id, unusedDays: 90 },
    reviewers: 'leads',
    fallback: [ada.id],
  })
  expect(unused).toMatchObject({ lines: 3, people: 3, toRevoke: 3 })

  // Whoever came into the team lately has not had the time.
  await passed(sql`update team_member set created_at = ${aged(5)} where person_id = ${lin.id}`)
  const next = await on.lines(ada, await on.start(ada))
  expect(about(next, lin, grantId).recommendation).toEqual({
    decision: 'none',
    because:
      'They came into payments 5 days ago: Lin has not used it yet. Somebody in payments used it today.',
  })
})
