import { afterAll, beforeAll, expect, test } from 'vitest'
import type { CallOf } from '../../../contract/index.ts'
import type { ReviewDetail, ReviewLine } from '../../../contract/reviews.ts'
import { builtInRoles } from '../../../contract/built-in-roles.ts'
import { below } from '../../testing/below.ts'
import { openReviews, type Reviews } from '../../testing/reviews.ts'
import { reviewChecks } from './review-checks.ts'

/*
 * PCI DSS 7.2.4: what counts as everybody's access having been looked through, and what does not.
 */

const controlId = 'pci-dss-7.2.4'
let on: Reviews
beforeAll(async () => {
  on = await openReviews()
})
afterAll(() => on.world.close())

/** What does not hold, of the check as a reader of the control is answered. */
async function wrong() {
  const { state, checks } = await on.ada.call('compliance.view', { controlId })
  const check = checks.find(({ id }) => id === 'access-reviewed')
  const bad = (check?.rows ?? []).filter(({ good }) => !good).map(({ says }) => says)
  return { control: state, check: check?.state, bad }
}

async function closed(
  starting: Partial<CallOf<'reviews.create'>>,
  say: (line: ReviewLine) => 'keep' | 'revoke' = () => 'keep',
): Promise<ReviewDetail> {
  const { ada, ben } = on
  const review = await on.start(ada, {
    reviewers: 'named',
    people: [ada.id, ben.id],
    scope: { kind: 'organization' },
    ...starting,
  })
  await on.answerAll(review, [ada, ben], say)
  return on.signOff(ada, review)
}

const owned = async (ownerId: string) => {
  const { version } = await on.ada.call('compliance.view', { controlId })
  await on.ada.call('compliance.update', { controlId, ownerId }, { version })
}

test('a review of a part, or of some of it, is none of everybody’s access', async () => {
  const none = ['no review of everybody’s access was carried out yet']
  expect(await wrong()).toEqual({ control: 'not_met', check: 'not_met', bad: none })
  await closed({ scope: { kind: 'team', scopeId: on.payments.id } })
  await closed({ scope: { kind: 'organization', privileged: true } })
  // One that still runs shows nothing yet.
  await on.start(on.ada, { scope: { kind: 'organization' } })
  expect(await wrong()).toMatchObject({ check: 'not_met', bad: none })
})

test('one of everybody’s access that whoever answers for it signed off meets it, for six months', async () => {
  const { ada, ben } = on
  const review = await closed({})
  expect(await wrong()).toMatchObject({
    check: 'partly',
    bad: ['signed off by Ada; nobody answers for PCI DSS 7.2.4'],
  })
  await owned(ben.id)
  expect((await wrong()).bad).toEqual(['signed off by Ada; Ben answers for PCI DSS 7.2.4'])
  await owned(ada.id)
  expect(await wrong()).toEqual({ control: 'met', check: 'met', bad: [] })
  const { checks } = await ada.call('compliance.view', { controlId })
  const [check] = checks
  expect(check?.rows.map(({ kind, id }) => [kind, id])).toEqual(
    Array.from({ length: 4 }, () => ['review', review.id]),
  )
  expect(check?.list).toMatchObject({ opens: 'reviews' })

  const later = await reviewChecks[0]?.ask(on.world.app.db, {
    now: new Date(Date.now() + 183 * 86_400_000),
    config: on.world.config,
  })
  expect(later).toMatchObject({ state: 'partly' })
  expect(later?.rows.filter(({ good }) => !good).map(({ says }) => says)).toEqual(['ended'])
})

test('lines that nobody answered, and what was to go and did not, speak against it until they are mended', async () => {
  const { ada, sam, payments, world } = on
  const unanswered = await on.start(ada, { scope: { kind: 'organization' } })
  await on.days(8)
  await on.closeDue()
  expect((await wrong()).bad).toEqual([
    `0 of ${unanswered.lines} lines answered by a person`,
    'signed off by nobody, for it was due; Ada answers for PCI DSS 7.2.4',
  ])

  await ada.call('grants.create', {
    roleId: builtInRoles.developer.id,
    subject: { kind: 'team', id: payments.id },
    scope: { kind: 'segment', id: on.staging.id },
    reason: 'for a test',
  })
  const torn = ({ person, via }: ReviewLine) => person.id === sam.id && via.kind === 'team'
  await closed({}, (line) => (torn(line) ? 'revoke' : 'keep'))
  expect((await wrong()).bad).toEqual(['what was to go and is still there: 1'])
  await below(world, (db) =>
    db
      .deleteFrom('teamMember')
      .where('teamId', '=', payments.id)
      .where('personId', '=', sam.id)
      .execute(),
  )
  expect(await wrong()).toEqual({ control: 'met', check: 'met', bad: [] })
})
