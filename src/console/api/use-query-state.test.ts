import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import type { z } from 'zod'
import { callShapes } from '../../contract/call-shapes.ts'
import { operations } from '../../contract/index.ts'
import { readParam } from '../ui/use-url-state.ts'

const shapes = callShapes()
/** Pages keep the queries of what they read in their address. */
const asked = operations().flatMap(({ id, spec }) =>
  Object.entries((spec.method === 'GET' && spec.query?.shape) || {}).flatMap(([name, schema]) => {
    const kind = shapes[id]?.query[name]
    return kind ? [[id, name, schema as z.ZodType, kind] as const] : []
  }),
)

/** What people and scripts put into URLs: nearly right, and not right at all. */
const given = fc.oneof(
  fc.string({ minLength: 1, maxLength: 1_100 }),
  fc.integer().map(String),
  fc.double().map(String),
  fc.uuid(),
  fc.date({ noInvalidDate: true }).map((date) => date.toISOString()),
  fc.constantFrom('true', 'false', 'any', 'live', 'active', 'denied', 'production', ' 5', '1e1'),
  fc.constantFrom('2026-02-30T00:00:00Z', '2028-02-29T00:00:00.5Z', '2026-11-24', '__proto__'),
  fc.constantFrom('2026-11-24T09:00:00+01:00', '2026-11-24T24:00:00Z', '2026-11-24T09:00Z', '0x10'),
  fc.constantFrom('00000000-0000-0000-0000-000000000000', '0'.repeat(36), '-'.repeat(36)),
)

test.each(asked)('%s %s is read from a URL as its schema reads it', (_id, _name, schema, kind) => {
  fc.assert(
    fc.property(given, (text) => {
      const parsed = schema.safeParse(text)
      expect(readParam(kind, text)).toEqual(parsed.success ? parsed.data : undefined)
    }),
  )
})

test('the control: what a schema refuses and a wider reading would take', () => {
  const [, , schema] = asked.find(([, name]) => name === 'segmentId') ?? []
  expect(schema?.safeParse('not-an-id').success).toBe(false)
  expect(readParam({ text: [0, 200] }, 'not-an-id')).toBe('not-an-id')
  expect(readParam('id', 'not-an-id')).toBeUndefined()
})
