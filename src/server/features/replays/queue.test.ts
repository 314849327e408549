import { sql } from 'kysely'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { newId } from '../../db/new-id.ts'
import { requeueStranded } from './store.ts'
import { noTags, openPast, past, type Past } from '../../testing/past.ts'

const { all, turned } = past
const expected = all.filter(turned).length
let there: Past

beforeAll(async () => {
  there = await openPast()
})
afterAll(() => there.close())

const create = async (changes: object[], slice: object = {}) => {
  const { id } = await there.ada.call('replays.create', { changes, ...slice })
  await there.world.app.replays.settled()
  return there.ada.call('replays.view', { replayId: id })
}

describe('who sees and stops what', () => {
  test('counts and rows are of the decisions that one may see', async () => {
    const { id: replayId } = await create([{ text: noTags }])
    const ofOne = all.filter((at) => turned(at) && at % 2 === 0).length
    const seen = await there.lin.call('replays.view', { replayId })
    expect(seen).toMatchObject({ newlyDenied: ofOne })
    expect(seen.groups.project.map(({ name }) => name)).toEqual(['one'])
    const { items } = await there.lin.call('replays.changed', { replayId, limit: 200 })
    expect(items).toHaveLength(ofOne)
    const hidden = (await there.ada.call('replays.changed', { replayId, limit: 200 })).items.find(
      ({ project }) => project?.name === 'two',
    )
    const asked = { replayId, decisionId: hidden?.decisionId ?? '' }
    await expect(there.lin.call('replays.trace', asked)).rejects.toMatchObject({
      code: 'not_found',
    })
    await expect(there.ada.call('replays.trace', asked)).resolves.toMatchObject(
      asked.decisionId ? {} : {},
    )
    await expect(
      there.lin.call('replays.create', { changes: [{ text: noTags }] }),
    ).rejects.toMatchObject({ code: 'forbidden' })
  })

  test('asking is an event, and so is cancelling; what is cancelled stays so', async () => {
    const { id: replayId } = await there.ada.call('replays.create', { changes: [{ text: noTags }] })
    expect(await there.world.lastEvent()).toMatchObject({
      action: 'replays.create',
      resource: { kind: 'replay', id: replayId },
      detail: { days: 30 },
    })
    const cancelled = await there.ada.call('replays.cancel', { replayId }).catch(() => undefined)
    await there.world.app.replays.settled()
    const { state } = await there.ada.call('replays.view', { replayId })
    expect(state).toBe(cancelled ? 'cancelled' : 'done')
    await expect(there.ada.call('replays.cancel', { replayId })).rejects.toMatchObject({
      code: 'conflict',
    })
    // For certain: one that waits is cancelled before anybody takes it.
    const waiting = newId()
    await sql`insert into replay (id, changes, from_at, until_at, state)
      values (${waiting}, '[]', now(), now(), 'waiting')`.execute(there.world.app.db)
    await there.ada.call('replays.cancel', { replayId: waiting })
    expect(await there.world.lastEvent()).toMatchObject({ action: 'replays.cancel' })
    await there.world.app.replays.settled()
    expect(await there.ada.call('replays.view', { replayId: waiting })).toMatchObject({
      state: 'cancelled',
    })
  })

  test('one whose server was killed begins anew, without what it had found; an old one has failed', async () => {
    const [again, old] = [newId(), newId()]
    const policies = JSON.stringify([
      { policyId: null, name: 'x', version: null, text: noTags, removed: false },
    ])
    for (const [id, created] of [
      [again, '5 minutes'],
      [old, '2 hours'],
    ] as const) {
      await sql`insert into replay (id, changes, from_at, until_at, state, created_at, progressed_at, done)
        values (${id}, ${policies}, now() - interval '30 days', now(), 'running',
          now() - ${created}::interval, now() - interval '61 seconds', 7)`.execute(
        there.world.app.db,
      )
      await sql`insert into replay_trace values (${id}, 0, '[]', '[]', '')`.execute(
        there.world.app.db,
      )
      await sql`insert into replay_changed select ${id}, id, at, true, 0 from decision limit 1`.execute(
        there.world.app.db,
      )
    }
    await requeueStranded(there.world.app.db)
    await there.world.app.replays.settled()
    expect(await there.ada.call('replays.view', { replayId: again })).toMatchObject({
      state: 'done',
      newlyDenied: expected,
    })
    expect(await there.ada.call('replays.view', { replayId: old })).toMatchObject({
      state: 'failed',
      fault: 'The server that ran it stopped.',
    })
  })

  test('a policy twice, an unknown one, and a new one without a text are refused', async () => {
    const { id: policyId } = await there.draft(noTags)
    const refused = async (changes: object[]) =>
      there.ada.call('replays.create', { changes }).then(
        () => 'created',
        ({ code }: { code: string }) => code,
      )
    expect(await refused([{ policyId }, { policyId }])).toBe('invalid_input')
    expect(await refused([{ policyId: newId() }])).toBe('not_found')
    expect(await refused([{ policyId, policyVersion: 9 }])).toBe('not_found')
    expect(await refused([{}])).toBe('invalid_input')
  })
})
