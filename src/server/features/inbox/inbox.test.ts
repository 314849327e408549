import { afterAll, beforeAll, expect, test } from 'vitest'
import { builtInRoles } from '../../../contract/built-in-roles.ts'
import type { WorldPerson } from '../../testing/world.ts'
import { named, openRequests, type Requests } from '../../testing/requests.ts'

let on: Requests
beforeAll(async () => {
  on = await openRequests()
})
afterAll(() => on.world.close())

const waiting = async (who: WorldPerson) =>
  (await who.call('inbox.view', {})).items.map(({ kind, id }) => [kind, id])

test('a request waits for those who decide, a question for who asked, and what is done goes', async () => {
  const { ada, lin, sam, zoe } = on
  expect(await waiting(lin)).toEqual([])
  const asked = await on.ask(sam)
  for (const who of [lin, ada]) expect(await waiting(who)).toEqual([['decide', asked.id]])
  // Neither for who asked, nor for who leads others, nor for who holds nothing.
  const stranger = await on.world.as('stranger')
  for (const who of [sam, zoe, stranger]) expect(await waiting(who)).toEqual([])
  const back = await lin.call('requests.askBack', { ...named(asked), question: 'Why now?' }, asked)
  expect(await waiting(lin)).toEqual([])
  expect((await sam.call('inbox.view', {})).items).toMatchObject([
    { kind: 'answer', id: asked.id, text: 'Why now?' },
  ])
  await sam.call('requests.answer', { ...named(asked), answer: 'Now' }, back)
  expect(await waiting(sam)).toEqual([])
  await on.deny(lin, await on.view(lin, asked))
  for (const who of [lin, ada]) expect(await waiting(who)).toEqual([])
})

test('enforcement waits for a second person, never for who asked for it', async () => {
  const { ada, ben, lin } = on
  const policy = await ada.call('policies.create', {
    name: 'Nothing at all',
    text: 'forbid (principal, action, resource) when { false };',
  })
  const id = { policyId: policy.id }
  const tried = await ada.call('policies.setMode', { ...id, mode: 'evaluate' }, policy)
  const asked = await ada.call('policies.askEnforcement', { ...id, reason: 'Tried' }, tried)
  expect(await waiting(ben)).toEqual([['enforcement', policy.id]])
  expect(await waiting(ada)).toEqual([])
  expect(await waiting(lin)).toEqual([])
  await ben.call('policies.approveEnforcement', id, asked)
  expect(await waiting(ben)).toEqual([])
})

test('a grant of one’s own comes in the last fifth of its time, and goes with its end', async () => {
  const { lin, sam } = on
  const asked = await on.ask(sam, { minutes: 100 })
  const { grant } = await on.approve(lin, asked)
  expect(await waiting(sam)).toEqual([])
  await on.later(79)
  expect(await waiting(sam)).toEqual([])
  await on.later(2)
  expect(await waiting(sam)).toEqual([['ending', grant?.id]])
  await on.later(20)
  expect(await waiting(sam)).toEqual([])
})

test('lines to review wait for their reviewers, and then the review for whoever started it', async () => {
  const { ada, sam, lin, world } = on
  const review = await ada.call('reviews.create', {
    name: 'Payments',
    scope: { kind: 'team', scopeId: on.payments.id },
    reviewers: 'named',
    people: [lin.id],
    fallback: [ada.id],
    dueAt: new Date(Date.now() + 86_400_000).toISOString(),
  })
  const reviewId = review.id
  const mine = async () => (await lin.call('reviews.lines', { reviewId, mine: 'true' })).items
  const lines = await mine()
  expect((await lin.call('inbox.view', {})).items).toMatchObject([
    { kind: 'review', id: reviewId, title: `${lines.length} lines of Payments to review` },
  ])
  // What is about Lin waits for Ada; nothing waits for whom it is about.
  expect(await waiting(ada)).toEqual([['review', reviewId]])
  expect(await waiting(sam)).toEqual([])
  for (const who of [lin, ada]) {
    const { items } = await who.call('reviews.lines', { reviewId, mine: 'true', answer: 'open' })
    for (const line of items) {
      await who.call('reviews.decide', { reviewId, lineId: line.id, decision: 'keep' }, line)
    }
  }
  expect(await waiting(lin)).toEqual([])
  expect(await waiting(ada)).toEqual([['signOff', reviewId]])
  await ada.call('reviews.signOff', { reviewId }, review)
  await world.app.reviews.settled()
  expect(await waiting(ada)).toEqual([])
})

test('what lapses first stands first', async () => {
  const { ada, sam, zoe } = on
  expect(await waiting(ada)).toEqual([])
  const first = await on.ask(zoe, { role: builtInRoles.auditor, scope: 'organization' })
  const urgent = await on.ask(sam, { role: builtInRoles.securityAdmin, scope: 'organization' })
  expect(await waiting(ada)).toEqual([
    ['decide', urgent.id],
    ['decide', first.id],
  ])
})
