import { expect, test } from 'vitest'
import { safeReturnTo } from './return-to.ts'

test.each([
  ['/contexts?search=deploy#secrets', '/contexts?search=deploy#secrets'],
  ['//evil.example', '/'],
  ['/\\evil.example', '/'],
  ['https://evil.example/', '/'],
  ['/..//evil.example', '/'],
  ['javascript:alert(1)', '/'],
  ['/auth/callback?code=1', '/'],
  ['/signed-out', '/'],
  [undefined, '/'],
])('%s leads to %s', (wanted, leadsTo) => {
  expect(safeReturnTo(wanted)).toBe(leadsTo)
})
