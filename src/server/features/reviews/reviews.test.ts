import { sql } from 'kysely'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { builtInRoles } from '../../../contract/built-in-roles.ts'
import { inTransaction } from '../../db/transaction.ts'
import { emit } from '../../ledger/emit.ts'
import { named, openReviews, type Reviews } from '../../testing/reviews.ts'
import { rootOver } from './root.ts'

let on: Reviews
beforeAll(async () => {
  on = await openReviews()
})
afterAll(() => on.world.close())

const snapshots = (reviewId: string) =>
  on.world.app.db
    .selectFrom('reviewLine')
    .select('snapshot')
    .where('reviewId', '=', reviewId)
    .orderBy('number')
    .execute()

test('a lead reviews the team, somebody else reviews the lead, and what is signed off is ended', async () => {
  const { ada, lin, max, sam, world } = on
  const preview = await ada.call('reviews.preview', {
    scope: { kind: 'team', scopeId: on.payments.id },
    reviewers: 'leads',
    fallback: [ada.id],
  })
  // Lin and Max lead the team and review each other; Sam is reviewed by both.
  expect(preview).toMatchObject({ lines: 3, people: 3, nobody: [] })
  expect(preview.reviewers.map(({ person }) => person.id).toSorted()).toEqual(
    [lin.id, max.id].toSorted(),
  )
  const review = await on.start(ada)
  expect(review).toMatchObject({ state: 'running', lines: 3, answered: 0, seriesId: review.id })
  const mine = await on.lines(lin, review)
  expect(mine.map(({ person }) => person.id).toSorted()).toEqual([max.id, sam.id].toSorted())
  const of = mine.find(({ person }) => person.id === sam.id)
  expect(of).toMatchObject({
    role: { id: builtInRoles.developer.id },
    via: { kind: 'person' },
    peers: { people: 2, hold: 0 },
    recommendation: { decision: 'none', because: 'It was granted today and not used yet.' },
    mayDecide: true,
    mayUndo: false,
  })
  await on.answerAll(review, [lin, max], ({ person }) => (person.id === sam.id ? 'revoke' : 'keep'))
  expect(await on.view(lin, review)).toMatchObject({ answered: 3, whole: false, maySignOff: false })
  expect(await on.holds(sam, 'project:view')).toBe(true)
  const closed = await on.signOff(ada, review)
  expect(closed).toMatchObject({
    state: 'closed',
    signedBy: { id: ada.id },
    revoked: 1,
    results: { waiting: 0, applied: 1, over: 0, failed: 0 },
    root: review.root,
  })
  expect(closed.finalRoot).toMatch(/^[0-9a-f]{64}$/)
  expect(await on.holds(sam, 'project:view')).toBe(false)
  // The same door: the event is of who signed off, and names the review.
  const events = await world.events()
  expect(events.findLast(({ action }) => action === 'grants.revoke')).toMatchObject({
    actor: { id: ada.id },
    resource: { id: of?.grantId },
    detail: { review: review.id },
  })
  expect(await on.actionsOf(review)).toEqual([
    'reviews.create',
    'reviews.decide',
    'reviews.decide',
    'reviews.decide',
    'reviews.signOff',
    'reviews.close',
  ])
  expect(events.find(({ action }) => action === 'reviews.create')).toMatchObject({
    detail: { root: review.root },
  })
  expect(events.find(({ action }) => action === 'reviews.close')).toMatchObject({
    after: { root: closed.finalRoot },
  })
  await world.grant(sam, 'developer')
})

test('nobody reviews their own access, however they come by the line', async () => {
  const { ada, ben, lin, sam } = on
  const review = await on.start(ada, {
    scope: { kind: 'organization' },
    reviewers: 'named',
    people: [ada.id],
    fallback: [ada.id, ben.id],
  })
  const all = await on.lines(ada, review)
  const own = all.find(({ person }) => person.id === ada.id)
  if (!own) throw new Error('no line about Ada')
  // What Ada holds goes to the first fallback who is not Ada.
  expect(own.reviewers.map(({ id }) => id)).toEqual([ben.id])
  expect(own.mayDecide).toBe(false)
  await expect(on.answer(ada, review, own, 'keep')).rejects.toMatchObject({
    code: 'forbidden',
    message: 'Nobody reviews their own access.',
  })
  await expect(
    ada.call('reviews.decideMany', {
      reviewId: review.id,
      lines: all.map(({ id, version }) => ({ lineId: id, version })),
      decision: 'keep',
      justification: 'All of it',
    }),
  ).rejects.toMatchObject({ code: 'forbidden' })
  expect(await on.view(ada, review)).toMatchObject({ answered: 0 })
  await expect(
    ben.call('reviews.delegate', { ...named(review, own), to: ada.id }, own),
  ).rejects.toMatchObject({ code: 'invalid_input' })
  // The database holds to it, whoever writes.
  for (const change of [
    sql`update review_answer set decision = 'keep', decided_by = person_id, decided_at = now() where line_id = ${own.id}`,
    sql`update review_answer set reviewers = array[person_id] where line_id = ${own.id}`,
  ]) {
    await expect(
      inTransaction(on.world.app.db, { readOnly: false }, async (db, transaction) => {
        await change.execute(db)
        emit(transaction, {
          actor: { kind: 'system', id: 'test', name: 'test' },
          action: 'test',
          outcome: 'permitted',
        })
      }),
    ).rejects.toMatchObject({ constraint: 'review_answer_second_person_check' })
  }
  // Whoever takes no part and may not see it does not learn that it is there.
  await expect(on.view(sam, review)).rejects.toMatchObject({ code: 'not_found' })
  await expect(on.lines(lin, review)).rejects.toMatchObject({ code: 'not_found' })
  // Noor sees everything, and answers nothing.
  const noor = await on.world.as('noor')
  await on.world.grant(noor, 'auditor')
  expect(await on.lines(noor, review)).toHaveLength(all.length)
  await expect(on.answer(noor, review, own, 'keep')).rejects.toMatchObject({ code: 'forbidden' })
  const { version } = await on.view(noor, review)
  await expect(
    noor.call('reviews.signOff', { reviewId: review.id }, { version }),
  ).rejects.toMatchObject({ code: 'forbidden' })
})

test('of two reviewers on one line one wins, the other is told and sees what was said', async () => {
  const { ada, lin, max, sam } = on
  const review = await on.start(ada)
  const line = (await on.lines(lin, review)).find(({ person }) => person.id === sam.id)
  if (!line) throw new Error('no line about Sam')
  const sent = await Promise.allSettled([
    on.answer(lin, review, line, 'keep'),
    on.answer(max, review, line, 'revoke'),
  ])
  expect(sent.map(({ status }) => status).toSorted()).toEqual(['fulfilled', 'rejected'])
  const [winner, loser] = sent[0]?.status === 'fulfilled' ? [lin, max] : [max, lin]
  const refusal = sent.find(({ status }) => status === 'rejected') as PromiseRejectedResult
  const decision = winner === lin ? 'keep' : 'revoke'
  expect(refusal.reason).toMatchObject({
    code: 'stale',
    message: expect.stringContaining(winner.name),
    problem: { current: { decision, decidedBy: winner.name } },
  })
  const now = (await on.lines(loser, review)).find(({ id }) => id === line.id)
  expect(now).toMatchObject({ decision, decidedBy: { id: winner.id }, mayDecide: false })
  if (!now) return
  await expect(on.answer(loser, review, now, 'keep')).rejects.toMatchObject({
    code: 'already_decided',
  })
  await expect(loser.call('reviews.undo', named(review, now), now)).rejects.toMatchObject({
    code: 'already_decided',
  })
  // Whoever answered may think again, take it back, and leave it to somebody else.
  const again = await on.answer(winner, review, now, 'keep', 'After all')
  const back = await winner.call('reviews.undo', named(review, again), again)
  expect(back).toMatchObject({ justification: '', mayDecide: true })
  expect(back.decision).toBeUndefined()
  await expect(winner.call('reviews.undo', named(review, back), back)).rejects.toMatchObject({
    code: 'conflict',
  })
  const given = await winner.call(
    'reviews.delegate',
    { ...named(review, back), to: on.zoe.id, reason: 'She knows' },
    back,
  )
  expect(given).toMatchObject({ reviewers: [{ id: on.zoe.id }], mayDecide: false })
  await expect(on.answer(winner, review, given, 'keep')).rejects.toMatchObject({
    code: 'not_found',
  })
  expect(await on.answer(on.zoe, review, given, 'keep')).toMatchObject({ decision: 'keep' })
})

test('what was changed since leaves lines and root as they were, and is told (P46)', async () => {
  const { ada, lin, sam } = on
  const review = await on.start(ada)
  const before = await on.lines(ada, review)
  const kim = await on.world.as('kim', { groups: ['payments'] })
  await on.world.grant(kim, 'developer')
  const own = before.find(({ person }) => person.id === sam.id)
  const grant = await ada.call('grants.view', { grantId: own?.grantId ?? '' })
  await ada.call('grants.revoke', { grantId: grant.id, reason: 'Moved on' }, grant)
  const { root } = await on.view(ada, review)
  expect(root).toBe(review.root)
  const rows = await snapshots(review.id)
  expect(await rootOver(rows.map(({ snapshot }) => snapshot))).toBe(root)
  const after = await on.lines(ada, review)
  expect(after.map(({ person }) => person.id)).toEqual(before.map(({ person }) => person.id))
  expect(after.find(({ person }) => person.id === sam.id)?.drift).toBe('The grant has ended since.')
  expect(await ada.call('reviews.drift', { reviewId: review.id })).toEqual({
    gone: 1,
    added: 1,
    left: 0,
    examples: [
      'Sam has Developer in the organization no more.',
      'Kim has Developer in the organization since.',
    ],
  })
  // The control: one character of one line is another root, and a review started now has one of its own.
  const [first, ...rest] = rows.map(({ snapshot }) => snapshot)
  expect(await rootOver([{ ...first, reason: `${first?.reason}.` }, ...rest])).not.toBe(root)
  expect(await rootOver(rows.toReversed().map(({ snapshot }) => snapshot))).not.toBe(root)
  expect((await on.start(ada)).root).not.toBe(root)
  // Nobody rewrites the lines, not even below the door.
  await expect(
    inTransaction(on.world.app.db, { readOnly: false }, async (db) => {
      await sql`update review_line set snapshot = '{}' where review_id = ${review.id}`.execute(db)
    }),
  ).rejects.toMatchObject({ code: 'ZT002' })
  await on.world.grant(sam, 'developer')
  await on.answerAll(review, [lin, on.max], () => 'keep')
})

test('what nobody could review, and a scope that holds nothing, is not started', async () => {
  const { ada, ben, lin } = on
  await expect(
    on.start(ada, { reviewers: 'named', people: [], fallback: [ada.id] }),
  ).rejects.toMatchObject({ problem: { fields: [{ path: 'people' }] } })
  await expect(on.start(ada, { reviewers: 'owners', fallback: [lin.id] })).rejects.toMatchObject({
    problem: { fields: [{ path: 'fallback' }] },
  })
  const yesterday = new Date(Date.now() - 86_400_000).toISOString()
  await expect(on.start(ada, { dueAt: yesterday })).rejects.toMatchObject({
    problem: { fields: [{ path: 'dueAt' }] },
  })
  const inDays = (days: number) => new Date(Date.now() + days * 86_400_000).toISOString()
  await expect(on.start(ada, { dueAt: inDays(5), remindDays: 5 })).rejects.toMatchObject({
    problem: { fields: [{ path: 'remindDays' }] },
  })
  await expect(on.start(ada, { dueAt: inDays(32), everyDays: 30 })).rejects.toMatchObject({
    problem: { fields: [{ path: 'everyDays' }] },
  })
  await expect(on.start(ada, { fallback: [on.payments.id] })).rejects.toMatchObject({
    problem: { fields: [{ path: 'fallback' }] },
  })
  const unheld = await ada.call('roles.create', { name: 'Unheld', permissions: ['project:view'] })
  await expect(
    on.start(ada, { scope: { kind: 'role', scopeId: unheld.id } }),
  ).rejects.toMatchObject({
    code: 'conflict',
    message: expect.stringContaining('nothing to review'),
  })
  // Nothing of what was refused is left.
  const { items } = await ben.call('reviews.list', { limit: 200 })
  expect(items.every(({ lines }) => lines > 0)).toBe(true)
})

test('a lead runs reviews where they hold it, and nowhere else', async () => {
  const { lin, zoe, production, staging } = on
  const review = await on.start(lin, {
    name: 'Production',
    scope: { kind: 'segment', scopeId: production.id },
    reviewers: 'named',
    people: [lin.id],
    fallback: [zoe.id],
  })
  expect(review.whole).toBe(true)
  for (const scope of [
    { kind: 'organization' as const },
    { kind: 'team' as const, scopeId: on.payments.id },
  ]) {
    await expect(on.start(lin, { scope })).rejects.toMatchObject({ code: 'forbidden' })
  }
  await expect(
    on.start(lin, { scope: { kind: 'segment', scopeId: staging.id } }),
  ).rejects.toMatchObject({ code: 'not_found' })
  await expect(
    on.start(on.sam, { scope: { kind: 'segment', scopeId: production.id } }),
  ).rejects.toMatchObject({ code: 'forbidden' })
  await on.answerAll(review, [lin, zoe], () => 'keep')
  expect(await on.signOff(lin, review)).toMatchObject({ state: 'closed', revoked: 0 })
})
