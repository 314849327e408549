import { afterAll, beforeAll, expect, test } from 'vitest'
import { builtInRoles } from '../../../contract/built-in-roles.ts'
import type { ReviewLine } from '../../../contract/reviews.ts'
import { openReviews, type Reviews } from '../../testing/reviews.ts'

let on: Reviews
beforeAll(async () => {
  on = await openReviews()
})
afterAll(() => on.world.close())

const held = (lines: readonly ReviewLine[]) =>
  lines.map(({ person, role, scope }) => `${person.name}: ${role.name} in ${scope.kind}`).toSorted()

test('a context’s review holds whoever reaches the context, however far around it that is granted', async () => {
  const { ada, ben, lin, zoe, context, staging, production, world } = on
  const noor = await world.as('noor')
  await world.grant(noor, 'auditor')
  const kim = await world.as('kim')
  await world.grant(kim, 'developer', { kind: 'context', ...context })
  const pat = await world.as('pat')
  await world.grant(pat, 'auditor', { kind: 'context', ...context })
  const asked = {
    scope: { kind: 'context' as const, scopeId: context.id },
    reviewers: 'named' as const,
    people: [ada.id],
    fallback: [ben.id],
  }
  const review = await on.start(ada, asked)
  const lines = await on.lines(ada, review)
  // Noor sees it as she sees everything, and neither uses nor changes it; Max leads Staging.
  expect(held(lines)).toEqual([
    'Ada: Security admin in organization',
    'Ben: Security admin in organization',
    'Kim: Developer in context',
    'Lin: Team lead in segment',
    'Pat: Auditor in context',
    'Sam: Developer in organization',
    'Zoe: Team lead in segment',
  ])
  expect(await ada.call('reviews.preview', asked)).toMatchObject({ lines: 7, people: 7, beyond: 5 })
  // As many as the reach of people says.
  const reached = (await ada.call('reach.everybody', { limit: 200 })).items
    .filter(({ contexts }) => contexts > 0)
    .map(({ person }) => person.name)
  expect(lines.map(({ person }) => person.name)).toEqual(expect.arrayContaining(reached))
  const revoking = (who: { id: string }) =>
    lines.find(({ person }) => person.id === who.id)?.revoking
  expect(revoking(on.sam)).toEqual([
    'It is granted in the whole organization: a revoke ends it there, not only in the context prod.',
  ])
  expect(revoking(lin)).toEqual([
    'It is granted in the whole of Production: a revoke ends it there, not only in the context prod.',
  ])
  expect(revoking(kim)).toEqual([])

  const segment = (id: string) =>
    on.start(ada, { ...asked, scope: { kind: 'segment', scopeId: id } })
  expect(held(await on.lines(ada, await segment(production.id)))).toEqual(held(lines))
  expect(held(await on.lines(ada, await segment(staging.id)))).toEqual([
    'Ada: Security admin in organization',
    'Ben: Security admin in organization',
    'Max: Team lead in segment',
    'Sam: Developer in organization',
  ])
  expect(zoe.name).toBe('Zoe')
})

test('what is granted around a scope ends only by whoever may end it there', async () => {
  const { lin, zoe, sam, context } = on
  const review = await on.start(lin, {
    scope: { kind: 'context', scopeId: context.id },
    reviewers: 'named',
    people: [lin.id],
    fallback: [zoe.id],
  })
  await on.answerAll(review, [lin, zoe], ({ person }) => (person.id === sam.id ? 'revoke' : 'keep'))
  await on.signOff(lin, review)
  const line = (await on.lines(lin, review)).find(({ person }) => person.id === sam.id)
  expect(line).toMatchObject({ decision: 'revoke', result: 'failed' })
  expect(await on.holds(sam, 'context:use')).toBe(true)
})

test('who could be the fallback: oneself, and others who run reviews everywhere', async () => {
  const { ada, ben, lin, sam } = on
  const { items } = await ada.call('reviews.fallbacks', {})
  expect(items.map(({ id }) => id)).toEqual([ada.id, ben.id])
  // Lin leads in Production: whoever may not see everybody learns of nobody.
  expect((await lin.call('reviews.fallbacks', {})).items.map(({ id }) => id)).toEqual([lin.id])
  await expect(sam.call('reviews.fallbacks', {})).rejects.toMatchObject({ code: 'forbidden' })
})

test('a revoke of what a team holds is told before what it would end, and what not', async () => {
  const { ada, payments, sam } = on
  const { id: grantId } = await ada.call('grants.create', {
    roleId: builtInRoles.developer.id,
    subject: { kind: 'team', id: payments.id },
    scope: { kind: 'organization' },
    reason: 'Works here',
  })
  const review = await on.start(ada)
  const lines = await on.lines(ada, review)
  const line = lines.find((one) => one.grantId === grantId && one.person.id === sam.id)
  expect(line?.revoking).toEqual([
    'payments holds it as a team: it ends where it is revoked for each of the 3 in it. For Sam alone nothing ends: take them out of the team instead.',
  ])
  expect(lines.find(({ via }) => via.kind === 'person')?.revoking).toEqual([])
  // And before it is signed off, how many of those that are to go would stay.
  await on.answerAll(review, [on.lin], ({ person }) => (person.id === sam.id ? 'revoke' : 'keep'))
  expect(await on.view(ada, review)).toMatchObject({ revoked: 2, wouldStay: 1 })
})

test('who leaves while a review runs is told of, and is to go by whatever rule recommends', async () => {
  const { ada, sam, world } = on
  const leo = await world.as('leo', { groups: ['payments'] })
  await world.grant(leo, 'developer')
  const review = await on.start(ada, { withoutAnswer: 'recommendation' })
  const of = async (who: { id: string }) =>
    (await on.lines(ada, review)).filter(({ person }) => person.id === who.id)
  expect((await of(leo)).map(({ drift }) => drift)).toEqual([undefined, undefined])
  const { version } = await ada.call('people.view', { personId: leo.id })
  await ada.call('people.update', { personId: leo.id, state: 'left' }, { version })
  const left = { decision: 'revoke', because: 'Leo has left since.' }
  // Directly and by the team; what was frozen says what it said.
  for (const line of await of(leo)) {
    expect(line).toMatchObject({ drift: 'Leo has left since.', recommendedNow: left })
    expect(line.recommendation.decision).toBe('none')
  }
  expect((await of(sam)).every((line) => !line.drift && !line.recommendedNow)).toBe(true)
  expect(await ada.call('reviews.drift', { reviewId: review.id })).toMatchObject({
    gone: 0,
    added: 0,
    left: 2,
    examples: expect.arrayContaining([
      'Leo has left since and has Developer in the organization still.',
    ]),
  })
  // A review that begins now says it from the start.
  const next = await on.start(ada)
  const then = (await on.lines(ada, next)).filter(({ person }) => person.id === leo.id)
  for (const line of then) {
    expect(line.recommendation).toEqual({ decision: 'revoke', because: 'Leo has left.' })
    expect(line.drift).toBeUndefined()
  }
  await on.days(8)
  await on.closeDue()
  const direct = (await of(leo)).find(({ via }) => via.kind === 'person')
  expect(direct).toMatchObject({ decision: 'revoke', byRule: true, result: 'applied' })
  expect((await of(sam)).map(({ decision }) => decision)).toEqual(['keep', 'keep'])
})
