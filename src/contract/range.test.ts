import { expect, test } from 'vitest'
import { z } from 'zod'
import { ExportAsked } from './exports.ts'
import { operations } from './index.ts'
import { inOrder, range } from './range.ts'

const [early, late] = ['2026-01-01T00:00:00Z', '2026-02-01T00:00:00+01:00']
const faults = (schema: z.ZodType, given: unknown) =>
  schema
    .safeParse(given)
    .error?.issues.map(({ path, message }) => `${path.join('.')} ${message}`) ?? []

/** The operations that are asked over a range of time, as their search params say. */
const ranged = (all: readonly { id: string; spec: { query?: z.ZodObject } }[]) =>
  all.filter(
    ({ spec }) => spec.query?.shape['until'] && spec.query.safeParse({ until: late }).success,
  )
const careless = (all: readonly { id: string; spec: { query?: z.ZodObject } }[]) =>
  ranged(all).filter(
    ({ spec }) =>
      faults(spec.query ?? z.never(), { from: late, until: early }).join() !==
        'from must lie before `until`' ||
      faults(spec.query ?? z.never(), { from: early, until: early }).length !== 1 ||
      faults(spec.query ?? z.never(), { from: early, until: late }).length !== 0,
  )

test('a range that ends before it begins is refused by everything that is asked over time', () => {
  expect(ranged(operations()).length).toBeGreaterThan(16)
  expect(careless(operations()).map(({ id }) => id)).toEqual([])
  // Negative control: an operation that takes a range as it comes is found.
  const plain = { id: 'audit.list', spec: { query: z.strictObject(range) } }
  const right = { id: 'risk.heat', spec: { query: inOrder(z.strictObject(range)) } }
  expect(careless([plain, right]).map(({ id }) => id)).toEqual(['audit.list'])
})

test.each([
  { what: 'audit', format: 'csv' },
  { what: 'evidence', format: 'zip' },
  { what: 'decisions', format: 'ndjson' },
])('a file of $what over such a range is not begun', (asked) => {
  expect(faults(ExportAsked, { ...asked, query: { from: late, until: early } })).toEqual([
    'query.from must lie before `until`',
  ])
  expect(faults(ExportAsked, { ...asked, query: { from: early, until: late } })).toEqual([])
})
