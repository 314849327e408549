import { expect, test } from 'vitest'
import { parseCsv } from '../features/people/csv.ts'
import { csvOf } from './csv.ts'

/* P35: no cell is a formula, and every reader finds the same cells. */

/** A second reader, by RFC 4180's grammar and nothing of ours: a table of states instead of a scan. */
function readRfc4180(text: string): string[][] {
  const rows: string[][] = []
  let row: string[] = []
  for (let rest = text; rest !== '';) {
    const [all, quoted, plain = '', end] =
      /^(?:"((?:[^"]|"")*)"|([^",\r\n]*))(,|\r\n|$)/.exec(rest) ?? []
    if (all === undefined)
      throw new Error(`not RFC 4180 from ${JSON.stringify(rest.slice(0, 20))} on`)
    row.push(quoted === undefined ? plain : quoted.replaceAll('""', '"'))
    if (end !== ',') {
      rows.push(row)
      row = []
    }
    rest = rest.slice(all.length)
  }
  return rows
}

const leads = [
  '=',
  '+',
  '-',
  '@',
  '\t',
  '\r',
  '\n',
  '\0',
  '＝',
  '＋',
  '－',
  '＠',
  ' =',
  '\u00a0=',
  '\t=',
]
const bodies = ['1+1', 'cmd|" /C calc"!A0', 'a,b', 'a;b', 'a"b', "a'b", 'a\r\nb', 'é日本']
/** What a spreadsheet might calculate, also after trimming, as OWASP names it. */
const formula = /^[\s\0]*[=+\-@＝＋－＠]|^[\t\r\n]/

test('every field and every lead is inert, and two readers find the same', () => {
  const cells = leads.flatMap((lead) => bodies.map((body) => lead + body))
  const rows = cells.map((one) => [one, 'between', one])
  const text = csvOf([['first', 'second', 'third'], ...rows])
  const read = readRfc4180(text)
  expect(parseCsv(text).map(({ fields }) => fields)).toEqual(read)
  expect(read).toHaveLength(cells.length + 1)
  for (const [at, fields] of read.slice(1).entries()) {
    expect(fields).toHaveLength(3)
    for (const cell of [fields[0] ?? '', fields[2] ?? '']) {
      expect(cell.startsWith("'")).toBe(true)
      expect(cell).not.toMatch(formula)
      // Nothing but the mark and what stands for NUL was changed.
      expect(cell.slice(1).replaceAll('␀', '\0')).toBe(cells[at] ?? '')
    }
  }
  // Negative control: the cells themselves are formulas.
  expect(cells.filter((cell) => !formula.test(cell) && !cell.startsWith('\0'))).toEqual([])
})

test('what is no formula stays as it is', () => {
  const row = ['plain', "O'Brien", 'a - b', '2026-11-25T12:00:00Z', 'x=1']
  expect(readRfc4180(csvOf([['a', 'b', 'c', 'd', 'e'], row]))[1]).toEqual(row)
  expect(csvOf([['n'], [7]])).toBe('n\r\n7\r\n')
})
