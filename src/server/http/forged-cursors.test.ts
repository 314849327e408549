import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { operations } from '../../contract/index.ts'
import { openWorld, type World, type WorldPerson } from '../testing/world.ts'
import { fromCursor, fromIdCursor, fromNumberCursor, toCursor } from './cursor.ts'

/*
 * Whoever can read a cursor can write one. Each part of it reaches the database as what the list compares it with, which
 * refuses a moment or a number that is none: every list must have refused it before.
 */

const id = '01a22380-c92f-7000-9c29-19cbc3c6c32b'
const moment = '2026-11-28T10:00:00.000Z'
const odd = ['x', '\0', '1e300', '9'.repeat(30), '2026-02-30T00:00:00.000Z', 'infinity']
const around = (part: string) => [
  [part],
  [part, id],
  [moment, part],
  [part, moment, id],
  ['1', part, id],
  ['x', part, id],
  ['x', 'x', part],
]

let world: World
let ada: WorldPerson
const at: Record<string, string> = {}
beforeAll(async () => {
  world = await openWorld()
  ada = await world.as('ada')
  const other = await world.as('other')
  const policy = await ada.call('policies.create', { name: 'one', text: '' })
  const changes = [{ policyId: policy.id }]
  const replay = await ada.call('replays.create', { changes })
  const review = await ada.call('reviews.create', {
    name: 'one',
    scope: { kind: 'organization' },
    reviewers: 'named',
    people: [ada.id],
    fallback: [ada.id, other.id],
    dueAt: new Date(Date.now() + 86_400_000).toISOString(),
  })
  Object.assign(at, { policyId: policy.id, replayId: replay.id, reviewId: review.id })
  await world.app.replays.settled()
})
afterAll(() => world.close())

const lists = operations().flatMap(({ id: name, spec }) =>
  spec.query && 'cursor' in spec.query.shape ? [[name, spec.path] as const] : [],
)

test.each(lists)('%s: no forged cursor is a failure of the server', async (_, path) => {
  const url = `/api/v1${path.replaceAll(/:(\w+)/g, (_whole, name: string) => at[name] ?? '')}`
  const page = async (search: Record<string, string>) => {
    const { status, body } = await ada.send(`${url}?${new URLSearchParams(search)}`)
    return { status, code: status < 400 ? null : (body as { code: string }).code }
  }
  // The control: the list is there.
  expect(await page({})).toEqual({ status: 200, code: null })
  const failed: unknown[] = []
  let refused = 0
  for (const positions of odd.map(around)) {
    const told = await Promise.all(
      positions.map((position) => page({ cursor: toCursor(position) })),
    )
    for (const [nth, { status, code }] of told.entries()) {
      if (status === 400 && code === 'invalid_cursor') refused++
      // One of the list's own form begins where nothing may be.
      else if (status !== 200) failed.push({ position: positions[nth], status, code })
    }
  }
  expect(failed).toEqual([])
  expect(refused).toBeGreaterThan(odd.length * 3)
})

test('every list was asked, those of one object as well', () => {
  expect(lists.length).toBeGreaterThan(30)
  expect(Object.keys(at).filter((name) => lists.some(([, path]) => path.includes(name)))).toEqual(
    Object.keys(at),
  )
})

describe('each part of a cursor is of its kind', () => {
  test.each([
    ['number', '4'],
    ['number', '-0.25'],
    ['count', '2147483647'],
    ['place', '999999999999999'],
    ['name', 'o’connor "x"'],
    ['name', ''],
    ['moment', moment],
    ['moment', '2026-11-28 10:00:00.123456+00'],
    ['moment', '2024-02-29 10:00:00+05:30'],
    ['id', id],
  ] as const)('a %s is %s', (kind, text) => {
    expect(fromCursor(toCursor([text]), kind)).toEqual([text])
  })

  test.each([
    ['number', '1e300'],
    ['number', 'NaN'],
    ['count', '2147483648'],
    ['count', '-1'],
    ['count', ''],
    ['number', `0.${'0'.repeat(60)}1`],
    ['place', '9999999999999999'],
    ['name', 'a\0b'],
    ['moment', 'infinity'],
    ['moment', '2026-11-28'],
    ['moment', '2026-02-29 10:00:00+00'],
    ['moment', '2026-11-28 24:00:00+00'],
    ['moment', '0000-11-28 10:00:00+00'],
    ['moment', '2026-11-28 00:00:00+99'],
    ['moment', '2026-11-28 00:00:00.1234567890123456+00'],
    ['moment', 'now'],
    ['moment', `${moment}\n`],
    ['id', id.slice(1)],
  ] as const)('no %s is %j', (kind, text) => {
    expect(() => fromCursor(toCursor([text]), kind)).toThrow('This page of the list does not exist')
  })

  test('as many as the list has, in its order', () => {
    expect(fromIdCursor(toCursor(['x', id]), 2)).toEqual(['x', id])
    expect(() => fromIdCursor(toCursor([id, 'x']), 2)).toThrow('does not exist')
    expect(() => fromIdCursor(toCursor(['x', 'x', id]), 2)).toThrow('does not exist')
    expect(() => fromIdCursor(toCursor([id]), 2)).toThrow('does not exist')
    expect(fromNumberCursor(toCursor([7]))).toBe(7)
    expect(fromNumberCursor(undefined)).toBeUndefined()
  })
})
