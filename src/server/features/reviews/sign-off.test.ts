import { sql } from 'kysely'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { builtInRoles } from '../../../contract/built-in-roles.ts'
import { inTransaction } from '../../db/transaction.ts'
import { emit } from '../../ledger/emit.ts'
import { openReviews, type Reviews } from '../../testing/reviews.ts'
import { parseCsv } from '../people/csv.ts'
import { keepReviewsTime } from './service.ts'

let on: Reviews
beforeAll(async () => {
  on = await openReviews()
})
afterAll(() => on.world.close())

const inDays = (days: number) => new Date(Date.now() + days * 86_400_000).toISOString()

/** What reviews have ended is there again. */
async function grantAgain(): Promise<void> {
  const { lin, max, sam, production, staging, world, holds } = on
  if (!(await holds(lin, 'project:view'))) {
    await world.grant(lin, 'teamLead', { kind: 'segment', ...production })
  }
  if (!(await holds(max, 'project:view'))) {
    await world.grant(max, 'teamLead', { kind: 'segment', ...staging })
  }
  if (!(await holds(sam, 'project:view'))) await world.grant(sam, 'developer')
}

test('before it is due every line must be answered; two who sign off at once do it once', async () => {
  const { ada, ben, lin } = on
  const review = await on.start(ada)
  const { version } = review
  const id = { reviewId: review.id }
  expect(review).toMatchObject({ maySignOff: false, whyNotYet: expect.stringContaining('3 lines') })
  await expect(ada.call('reviews.signOff', id, { version })).rejects.toMatchObject({
    code: 'conflict',
  })
  await expect(ada.call('reviews.signOff', id)).rejects.toMatchObject({ code: 'version_required' })
  await on.answerAll(review, [lin, on.max], () => 'keep')
  const sent = await Promise.allSettled([
    ada.call('reviews.signOff', id, { version }),
    ben.call('reviews.signOff', id, { version }),
  ])
  expect(sent.map(({ status }) => status).toSorted()).toEqual(['fulfilled', 'rejected'])
  await expect(ada.call('reviews.signOff', id, { version })).rejects.toMatchObject({
    code: 'stale',
  })
  await on.world.app.reviews.settled()
  expect((await on.actionsOf(review)).filter((one) => one === 'reviews.close')).toHaveLength(1)
  // What is closed is never touched again, by nobody.
  const [line] = await on.lines(lin, review)
  if (!line) throw new Error('no line')
  await expect(on.answer(lin, review, line, 'revoke')).rejects.toMatchObject({ code: 'conflict' })
  for (const change of [
    sql`update review_answer set justification = 'x' where review_id = ${review.id}`,
    sql`update review set name = 'x' where id = ${review.id}`,
    sql`delete from review where id = ${review.id}`,
  ]) {
    await expect(
      inTransaction(
        on.world.app.db,
        { readOnly: false },
        async (db) => void (await change.execute(db)),
      ),
    ).rejects.toMatchObject({ code: 'ZT002' })
  }
})

test.each([
  ['keep', 0],
  ['revoke', 3],
] as const)('what nobody answered in time: %s', async (withoutAnswer, revoked) => {
  const { ada } = on
  const review = await on.start(ada, { withoutAnswer })
  await on.days(8)
  await on.closeDue()
  expect(await on.view(ada, review)).toMatchObject({ state: 'closed', revoked })
  const lines = await on.lines(ada, review)
  expect(lines.map(({ byRule, decision }) => [byRule, decision])).toEqual(
    lines.map(() => [true, withoutAnswer]),
  )
  expect(lines.filter(({ decidedBy }) => decidedBy)).toEqual([])
})

test('what is due ends by itself, once with several servers, in the name of who started it', async () => {
  const { ada, ben, lin, world } = on
  await grantAgain()
  const review = await on.start(ada, { withoutAnswer: 'revoke' })
  const mine = await on.lines(lin, review, { mine: 'true' })
  const [answered] = mine
  if (!answered) throw new Error('no line of Lin’s')
  await on.answer(lin, review, answered, 'keep', 'Needed')
  const early = await on.start(ben, { name: 'Later', dueAt: inDays(30) })
  await using other = await world.another()
  await keepReviewsTime(world.app.db)
  expect(await on.view(ada, review)).toMatchObject({ state: 'running' })
  await on.days(8)
  await Promise.all([
    keepReviewsTime(world.app.db),
    keepReviewsTime(other.db),
    keepReviewsTime(other.db),
  ])
  await Promise.all([world.app.reviews.settled(), other.reviews.settled()])
  const closed = await on.view(ada, review)
  expect(closed).toMatchObject({
    state: 'closed',
    revoked: 2,
    results: { waiting: 0, applied: 2, over: 0, failed: 0 },
    finalRoot: expect.stringMatching(/^[0-9a-f]{64}$/),
    signedAt: expect.any(String),
  })
  expect(closed.signedBy).toBeUndefined()
  expect(await on.view(ada, early)).toMatchObject({ state: 'running' })
  // What was answered stands, and what was not follows the rule.
  const lines = await on.lines(ada, review)
  expect(lines.find(({ id }) => id === answered.id)).toMatchObject({
    decision: 'keep',
    byRule: false,
    decidedBy: { id: lin.id },
  })
  expect(lines.filter(({ byRule }) => byRule).map(({ result }) => result)).toEqual([
    'applied',
    'applied',
  ])
  expect(await on.actionsOf(review)).toEqual([
    'reviews.create',
    'reviews.decide',
    'reviews.signOff',
    'reviews.close',
  ])
  const events = await world.events()
  expect(
    events.find(
      ({ action, resource }) => action === 'reviews.signOff' && resource?.id === review.id,
    ),
  ).toMatchObject({
    actor: { kind: 'system', name: 'Sallyport' },
    after: { state: 'applying', lines: 3, withoutAnswer: 2 },
    detail: { root: review.root },
  })
  const revokes = events.filter(
    ({ action, detail }) =>
      action === 'grants.revoke' && (detail as { review?: string })?.review === review.id,
  )
  expect(revokes.map(({ actor }) => actor.id)).toEqual([ada.id, ada.id])
})

test('a review that is due ends no more than who started it may end', async () => {
  const { lin, zoe, sam } = on
  await grantAgain()
  const review = await on.start(lin, {
    scope: { kind: 'context', scopeId: on.context.id },
    reviewers: 'named',
    people: [lin.id],
    fallback: [zoe.id],
    withoutAnswer: 'revoke',
  })
  await on.days(8)
  await on.closeDue()
  const about = (await on.lines(lin, review)).find(({ person }) => person.id === sam.id)
  expect(about).toMatchObject({ decision: 'revoke', byRule: true, result: 'failed' })
  expect(await on.holds(sam, 'context:use')).toBe(true)
})

test('what nobody answered in time: as recommended, and kept where nothing is', async () => {
  const { ada, sam, world } = on
  await grantAgain()
  // Sam’s has not been used for so long that it is recommended to go.
  await inTransaction(world.app.db, { readOnly: false }, async (db, transaction) => {
    await sql`update access_grant set granted_at = now() - interval '400 days'
      where person_id = ${sam.id} and ended_at is null`.execute(db)
    emit(transaction, {
      actor: { kind: 'system', id: 'test', name: 'test' },
      action: 'test.later',
      outcome: 'permitted',
    })
  })
  const review = await on.start(ada, { withoutAnswer: 'recommendation' })
  await on.days(8)
  await on.closeDue()
  expect(await on.view(ada, review)).toMatchObject({ state: 'closed', revoked: 1 })
  const lines = await on.lines(ada, review)
  expect(lines.find(({ person }) => person.id === sam.id)).toMatchObject({
    decision: 'revoke',
    byRule: true,
    result: 'applied',
    recommendation: { decision: 'revoke', because: expect.stringContaining('never used') },
  })
})

test('what cannot be ended says why: the last administrator, a team of whom others stay, what had ended', async () => {
  const { ada, ben, lin, max, sam, payments, world } = on
  await world.grant(sam, 'developer')
  const review = await on.start(ada, {
    scope: { kind: 'organization' },
    reviewers: 'named',
    people: [ada.id, ben.id],
  })
  const all = await on.lines(ada, review)
  // Ada and Ben agree that neither is to stay: one of them must.
  await on.answerAll(review, [ada, ben], ({ role }) =>
    role.name === 'Security admin' ? 'revoke' : 'keep',
  )
  const admins = all.filter(({ role }) => role.name === 'Security admin')
  expect(admins).toHaveLength(2)
  expect(await on.signOff(ada, review)).toMatchObject({ results: { applied: 1, failed: 1 } })
  const came = (await on.lines(ada, review)).filter(({ role }) => role.name === 'Security admin')
  // Ben's went; Ada, who signed off, is the last who could administer, and stays.
  expect(came.find(({ person }) => person.id === ben.id)).toMatchObject({ result: 'applied' })
  expect(came.find(({ person }) => person.id === ada.id)).toMatchObject({
    result: 'failed',
    resultSays: expect.stringContaining('nobody who holds every permission'),
  })
  await world.grant(ben, 'securityAdmin')

  const grant = await ada.call('grants.create', {
    roleId: builtInRoles.developer.id,
    subject: { kind: 'team', id: payments.id },
    scope: { kind: 'organization' },
    reason: 'Works here',
  })
  const next = await on.start(ada)
  await on.answerAll(next, [lin, max], ({ person, via }) =>
    via.kind === 'team' && person.id !== sam.id ? 'revoke' : 'keep',
  )
  await on.signOff(ada, next)
  const byTeam = (await on.lines(ada, next)).filter(({ grantId }) => grantId === grant.id)
  expect(byTeam).toHaveLength(3)
  for (const line of byTeam.filter(({ person }) => person.id !== sam.id)) {
    expect(line).toMatchObject({
      decision: 'revoke',
      result: 'failed',
      resultSays: expect.stringContaining('out of the team instead'),
    })
  }
  expect(await ada.call('grants.view', { grantId: grant.id })).toMatchObject({ state: 'live' })
  // Of all of them: it ends, once; and what somebody ended meanwhile is over.
  const last = await on.start(ada)
  await on.answerAll(last, [lin, max], ({ via }) => (via.kind === 'team' ? 'revoke' : 'keep'))
  const own = (await on.lines(ada, last)).find(
    ({ person, via }) => person.id === sam.id && via.kind === 'person',
  )
  if (!own) throw new Error('no line about Sam')
  const reviewer = own.decidedBy?.id === lin.id ? lin : max
  await on.answer(reviewer, last, own, 'revoke')
  const now = await ada.call('grants.view', { grantId: own.grantId })
  await ada.call('grants.revoke', { grantId: own.grantId, reason: 'Sooner' }, now)
  await on.signOff(ada, last)
  const ended = await on.lines(ada, last)
  expect(ended.filter(({ grantId }) => grantId === grant.id).map(({ result }) => result)).toEqual([
    'applied',
    'applied',
    'applied',
  ])
  expect(ended.find(({ id }) => id === own.id)).toMatchObject({
    result: 'over',
    resultSays: 'It had ended already.',
  })
  const events = await world.events()
  const revokes = events.filter(
    ({ action, resource }) => action === 'grants.revoke' && resource?.id === grant.id,
  )
  expect(revokes).toHaveLength(1)
})

test('recurs once with two servers, also over nothing; reminds once', async () => {
  const { ada, world } = on
  const role = await ada.call('roles.create', { name: 'Passing', permissions: ['project:view'] })
  const passing = await world.as('passing')
  const { id: grantId } = await ada.call('grants.create', {
    roleId: role.id,
    subject: { kind: 'person', id: passing.id },
    scope: { kind: 'organization' },
    reason: 'For a while',
  })
  const review = await on.start(ada, {
    name: 'Passing, every 30 days',
    scope: { kind: 'role', scopeId: role.id },
    everyDays: 30,
    remindDays: 2,
  })
  await using other = await world.another()
  const tick = () =>
    Promise.all([
      keepReviewsTime(world.app.db),
      keepReviewsTime(other.db),
      keepReviewsTime(other.db),
    ])
  await tick()
  expect(await on.actionsOf(review)).toEqual(['reviews.create'])
  await on.days(6)
  await tick()
  await tick()
  expect(await on.actionsOf(review)).toEqual(['reviews.create', 'reviews.remind'])
  const series = async () =>
    (await ada.call('reviews.list', { limit: 200 })).items.filter(
      ({ seriesId }) => seriesId === review.id,
    )
  expect(await series()).toHaveLength(1)
  await on.days(25)
  await tick()
  // The next one begins with what the one before it has left, once that is done.
  expect(await series()).toHaveLength(1)
  await world.app.reviews.settled()
  await tick()
  await tick()
  const two = await series()
  expect(two).toHaveLength(2)
  expect(two[0]).toMatchObject({ state: 'running', lines: 1, everyDays: 30 })
  // Nothing is left to review: that the next one found so is its evidence.
  const { version } = await ada.call('grants.view', { grantId })
  await ada.call('grants.revoke', { grantId, reason: '' }, { version })
  await on.days(31)
  await tick()
  await world.app.reviews.settled()
  await tick()
  const three = await series()
  expect(three).toHaveLength(3)
  expect(three[0]).toMatchObject({ state: 'closed', lines: 0 })
  const detail = await on.view(ada, three[0] ?? review)
  expect(detail.finalRoot).toBe(detail.root)
})

test('the file has Entra’s columns, and no cell of it is a formula', async () => {
  const { ada, lin, max } = on
  const review = await on.start(ada, { name: '=HYPERLINK("x")' })
  const texts = ['=1+1', '+1', '-1', '@SUM(A1)']
  let at = 0
  for (const who of [lin, max]) {
    for (const line of await on.lines(who, review, { mine: 'true' })) {
      if (line.mayDecide) await on.answer(who, review, line, 'keep', texts[at++ % 4])
    }
  }
  const answer = await ada.send(`/api/v1/reviews/${review.id}/export`)
  expect(answer.status).toBe(200)
  expect(answer.headers['content-type']).toContain('text/csv')
  const [head, ...rows] = parseCsv(String(answer.body))
  expect(head?.fields).toHaveLength(30)
  expect(rows).toHaveLength(at)
  const column = (name: string) =>
    rows.map(({ fields }) => fields[head?.fields.indexOf(name) ?? -1])
  // Each as it was written, behind an apostrophe that a spreadsheet does not show.
  expect(new Set(column('Justification'))).toEqual(
    new Set(texts.slice(0, at).map((text) => `'${text}`)),
  )
  expect(new Set(column('ReviewName'))).toEqual(new Set([`'=HYPERLINK("x")`]))
  expect(rows.flatMap(({ fields }) => fields).filter((cell) => /^[=+@-]/.test(cell))).toEqual([])
  // Whoever only takes part does not take the whole away.
  expect((await lin.send(`/api/v1/reviews/${review.id}/export`)).status).toBe(404)
})
