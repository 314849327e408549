import { expect, test } from 'vitest'
import { patchParams, readParams, unread } from './use-url-state.ts'

const query = {
  name: { text: [0, 5] },
  tier: ['production', 'build'],
  limit: { whole: [1, 200] },
  closed: 'flag',
} as const

test('reads what it knows and drops what does not read, param by param', () => {
  const params = new URLSearchParams('tier=moon&limit=201&closed=perhaps&unknown=1&name=a')
  expect(readParams(query, params)).toEqual({ name: 'a' })
  const good = new URLSearchParams('tier=build&limit=9&closed=false')
  expect(readParams(query, good)).toEqual({ tier: 'build', limit: 9, closed: false })
})

test('what is there and does not read is told by name', () => {
  const told = unread(query, new URLSearchParams('limit=many&name=&other=1'))
  expect(told).toEqual(['limit'])
  expect(unread(query, new URLSearchParams('limit=20'))).toEqual([])
})

test('filters survive URL → state → URL', () => {
  const params = new URLSearchParams('limit=20&name=a%26b&tier=build')
  expect(patchParams(params, readParams(query, params)).toString()).toBe(params.toString())
})

test('a changed filter starts paging again, and an emptied one leaves the URL', () => {
  const params = new URLSearchParams('cursor=x&name=a&tier=build')
  expect(patchParams(params, { tier: undefined }).toString()).toBe('name=a')
})
