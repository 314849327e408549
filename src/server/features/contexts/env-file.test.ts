import { assert, property, string } from 'fast-check'
import { expect, test } from 'vitest'
import { readEnvText } from './env-file.ts'

const values = (text: string) =>
  Object.fromEntries(readEnvText(text).map(({ name, value, problem }) => [name, value ?? problem]))

test('reads what people paste', () => {
  const text = [
    '\ufeff# a comment',
    'PLAIN=value',
    'export EXPORTED = spaced value   # why',
    'EMPTY=',
    'HASH=a#b',
    `LITERAL='as $it is \\n'`,
    'ESCAPED="a\\tb\\n\\"c\\" \\$d"',
    'KEY="-----BEGIN-----',
    'two',
    '-----END-----" # done',
    'URL=https://host/?a=b&c=d',
  ].join('\r\n')
  expect(values(text)).toEqual({
    PLAIN: 'value',
    EXPORTED: 'spaced value',
    EMPTY: '',
    HASH: 'a#b',
    LITERAL: 'as $it is \\n',
    ESCAPED: 'a\tb\n"c" $d',
    KEY: '-----BEGIN-----\ntwo\n-----END-----',
    URL: 'https://host/?a=b&c=d',
  })
})

test('says on which line something is wrong, and what', () => {
  const text = 'A=1\n\nno assignment\n9X=1\nB="open\nC=2'
  expect(readEnvText(text)).toMatchObject([
    { line: 1, name: 'A', value: '1' },
    { line: 3, name: null, problem: 'A line has the form NAME=value.' },
    { line: 4, name: '9X', problem: expect.stringContaining('must begin with a letter') },
    { line: 5, name: 'B', problem: 'The value begins with " and has no closing ".' },
    { line: 6, name: 'C', value: '2' },
  ])
  expect(readEnvText('A=1\nA=2')[1]).toMatchObject({ problem: 'A stands on line 1 already.' })
  expect(readEnvText(`A="x" y`)[0]?.problem).toBe('After the closing quote stands “y”.')
  expect(readEnvText(`A=${'x'.repeat(32_001)}`)[0]?.problem).toContain('32,000 characters')
})

test('lines are counted across values that span several', () => {
  expect(readEnvText(`A='1\n2\n3'\nB=4`).map(({ line }) => line)).toEqual([1, 4])
})

test('any value comes back from its quoted form', () => {
  assert(
    property(string({ unit: 'binary', maxLength: 200 }), (value) => {
      if (value.includes('\0') || value.includes('\r')) return
      const quoted = value.replace(/["\\$`]/g, '\\$&').replace(/\n/g, '\\n')
      expect(readEnvText(`X="${quoted}"`)).toEqual([{ line: 1, name: 'X', value }])
    }),
  )
})
