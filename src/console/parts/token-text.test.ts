import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { readToken } from './token-text.ts'

const part = (value: unknown) =>
  Buffer.from(typeof value === 'string' ? value : JSON.stringify(value)).toString('base64url')
const token = (claims: unknown, header: unknown = { alg: 'RS256' }) =>
  `${part(header)}.${part(claims)}.c2ln`
const faultOf = (text: string) => {
  const read = readToken(text)
  return 'fault' in read ? read.fault : undefined
}

test('a token is read with its claims, also behind "Bearer" and between white space', () => {
  const claims = { iss: 'https://ci.example', sub: 'ä 漢', n: 1, list: ['a', { b: 1 }] }
  for (const text of [token(claims), `  Bearer ${token(claims)}\n`]) {
    expect(readToken(text)).toMatchObject({ token: { claims, header: { alg: 'RS256' } } })
  }
})

test('what is none is told by what it is', () => {
  expect(faultOf('not a token')).toContain('three parts')
  expect(faultOf('a.b.c.d.e')).toContain('encrypted')
  expect(faultOf(`${'x'.repeat(70_000)}.b.c`)).toContain('65,536')
  expect(faultOf('a!.b.c')).toContain('base64url')
  expect(faultOf(`${part('{}')}.${part('[1]')}.c`)).toContain('JSON object')
  expect(faultOf(`${part('{}')}._w.c`)).toContain('UTF-8')
  expect(faultOf(`sp_lease_${'x'.repeat(43)}`)).toContain('revoke it')
})

test('names given twice are named, at the top alone', () => {
  const read = readToken(token('{"sub":"a","in":{"sub":1,"x":"sub:"},"s\\u0075b":"b"}'))
  expect('token' in read && read.token.duplicates).toEqual(['sub'])
  const once = readToken(token('{"sub":"a: \\"sub\\":","list":[{"sub":1},{"sub":2}]}'))
  expect('token' in once && once.token.duplicates).toEqual([])
})

test('whatever is pasted, nothing is thrown', () => {
  const reads = (text: string) => {
    const read = readToken(text)
    return 'fault' in read ? read.fault !== '' : read.token.characters > 0
  }
  const pasted = fc.string({ maxLength: 400 })
  expect(fc.check(fc.property(pasted, reads))).toMatchObject({ failed: false })
  const claims = fc.property(fc.json(), (json) => reads(token(json, json)))
  expect(fc.check(claims)).toMatchObject({ failed: false })
})
