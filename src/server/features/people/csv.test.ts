import { expect, test } from 'vitest'
import { CsvError, parseCsv } from './csv.ts'

const fields = (text: string) => parseCsv(text).map((record) => record.fields)

test('RFC 4180: quotes, commas and line breaks inside them, CRLF, LF, no last line break', () => {
  expect(fields('a,b\r\n"x, y","say ""hi"""\n"two\nlines",')).toEqual([
    ['a', 'b'],
    ['x, y', 'say "hi"'],
    ['two\nlines', ''],
  ])
  expect(fields('\uFEFFemail,name\n\n')).toEqual([['email', 'name']])
})

test('lines are counted as an editor counts them', () => {
  expect(parseCsv('a\n"b\nc"\n\nd').map(({ line }) => line)).toEqual([1, 2, 5])
})

test.each([['"open'], ['a\n"b"c'], ['a"b']])('%j is refused, not guessed at', (text) => {
  expect(() => parseCsv(text)).toThrow(CsvError)
})
