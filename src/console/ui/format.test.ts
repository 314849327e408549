import { expect, test } from 'vitest'
import { relative } from './format.ts'

const now = Date.parse('2026-06-01T10:00:00Z')
const minute = 60_000
const hour = 60 * minute
const day = 24 * hour

test.each([
  [-20_000, 'just now'],
  [20_000, 'just now'],
  [40_000, 'in under a minute'],
  [-90 * 1000, '1 minute ago'],
  [-(2 * hour) + 1000, '1 hour ago'],
  [-(47 * hour), 'yesterday'],
  [4 * hour, 'in 4 hours'],
  // What was set to four hours a moment ago ends in four.
  [4 * hour - 1000, 'in 4 hours'],
  [3 * hour + 50 * minute, 'in 3 hours'],
  [3 * day - 10_000, 'in 3 days'],
  [47 * hour, 'in 1 day'],
  [hour - 1000, 'in 1 hour'],
])('%i ms from now is “%s”', (ms, words) => {
  expect(relative(new Date(now + ms), now)).toBe(words)
})
