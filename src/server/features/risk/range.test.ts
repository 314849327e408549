import { expect, test } from 'vitest'
import { daysOf } from './range.ts'

const now = new Date('2026-11-28T19:00:00Z')
const asked = (from: string, until: string) => () => {
  const range = daysOf({ from, until }, now)
  return [range.from, range.until].map((at) => at.toISOString().slice(0, 10))
}

test('whole days that touch what was asked for, as late as the end of tomorrow', () => {
  expect(asked('2026-11-27T10:00:00Z', '2026-11-28T10:00:00Z')()).toEqual([
    '2026-11-27',
    '2026-11-29',
  ])
  // What a brush over a chart of today and tomorrow sends, and a zone that is ahead.
  expect(asked('2026-11-28T00:00:00Z', '2026-11-30T00:00:00Z')()[1]).toBe('2026-11-30')
  expect(asked('2026-11-28T00:00:00Z', '2026-11-30T14:00:00+14:00')()[1]).toBe('2026-11-30')
  const { from, until } = daysOf({}, now)
  expect([from, until].map((at) => at.toISOString())).toEqual([
    '2026-10-30T00:00:00.000Z',
    '2026-11-29T00:00:00.000Z',
  ])
})

test('a month or a year that is not over ends with tomorrow; one that is yet to come is refused', () => {
  for (const until of [
    '2026-11-30T00:00:00.001Z',
    '2026-12-31T23:59:59Z',
    '9999-12-31T23:59:59Z',
  ]) {
    expect(asked('2026-11-01T00:00:00Z', until)()).toEqual(['2026-11-01', '2026-11-30'])
  }
  expect(asked('9999-12-01T00:00:00Z', '9999-12-31T23:59:59Z')).toThrow(
    '`from` must lie before the end of tomorrow, UTC: of later days nothing can be known yet.',
  )
})

test('nor does a range begin before all clocks, where a year may have no four digits', () => {
  expect(asked('0000-01-01T00:00:00+14:00', '0000-01-02T00:00:00Z')).toThrow(
    '`from` must not lie before 1970: nothing is known of then.',
  )
  expect(asked('1970-01-01T00:00:00Z', '1970-01-02T00:00:00Z')()).toEqual([
    '1970-01-01',
    '1970-01-02',
  ])
})
