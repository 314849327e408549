import { expect, test } from 'vitest'
import { z } from 'zod'
import { patchParams, readParams } from './use-url-state.ts'

const Query = z.strictObject({
  name: z.string().max(5).optional(),
  tier: z.enum(['production', 'build']).optional(),
  limit: z.coerce.number().int().max(200).default(50),
})

test('reads what parses and drops what does not, field by field', () => {
  const params = new URLSearchParams('name=toolong&tier=build&limit=9&unknown=1')
  expect(readParams(Query, params)).toEqual({ tier: 'build', limit: 9 })
})

test('filters survive URL → state → URL', () => {
  const params = new URLSearchParams('limit=20&name=a%26b&tier=build')
  expect(patchParams(params, readParams(Query, params)).toString()).toBe(params.toString())
})

test('a changed filter starts paging again, and an emptied one leaves the URL', () => {
  const params = new URLSearchParams('cursor=x&name=a&tier=build')
  expect(patchParams(params, { tier: undefined }).toString()).toBe('name=a')
})
