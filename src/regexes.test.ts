import { globSync, readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'

/*
 * No user input reaches a backtracking regular expression (P38): every pattern that stands in the server, the contract
 * and the proof is run on 100 kB that are made to be its worst, and must be through in 50 ms of processor time.
 * Patterns that users write are RE2's (`re2js`) and never V8's.
 */

interface Pattern {
  readonly path: string
  readonly source: string
  readonly flags: string
}

/** Literals as they stand in code: after what an expression can follow. Strings and comments are taken out before. */
function patternsOf(path: string, text: string): Pattern[] {
  const code = text
    .replaceAll(/\/\*[\s\S]*?\*\//g, '')
    .split('\n')
    .map((line) => line.replace(/(^|\s)\/\/(?!\/).*$/, ''))
    .join('\n')
  const literal =
    /(?:[=(,:[!&|?{};]|\breturn|=>)\s*\/((?:[^/\\\n[*]|\\.|\[(?:[^\]\\\n]|\\.)+\])(?:[^/\\\n[]|\\.|\[(?:[^\]\\\n]|\\.)+\])*)\/([dgimsuvy]*)(?=[\s.,;)\]}:?]|$)/g
  return [...code.matchAll(literal)].map(([, source = '', flags = '']) => ({ path, source, flags }))
}

/** Run on texts of the house alone, each of which says so here. */
const onOurs: Readonly<Record<string, string>> = {
  'src/server/decision/policy-vocabulary.ts': 'reads schema.cedarschema, once',
}

const house = globSync('src/{server,contract,proof}/**/*.ts')
  .filter(
    (path) => !path.includes('.test.') && !path.includes('/testing/') && !path.includes('/dev/'),
  )
  .filter((path) => !(path in onOurs))
  .flatMap((path) => patternsOf(path, readFileSync(path, 'utf8')))

const length = 100_000
const parts = [
  'a',
  'A',
  '0',
  ' ',
  '\t',
  '\n',
  '-',
  '_',
  '.',
  '/',
  ':',
  ',',
  '"',
  "'",
  '\\',
  '<',
  '>',
  '(',
  '[',
  '{',
  '$',
  '=',
  '@',
  '%',
  '+',
  '*',
  '#',
  '!',
  'é',
  'a.',
  'a-',
  '0.',
  ' a',
  'a ',
  '$(',
  '<<',
  '=>',
  '\\"',
]

/** The literal text with which a pattern begins, so that the attack gets to where it repeats. */
const beginning = (source: string) =>
  (/^\^?((?:[\w "'/:<>@#,-]|\\[^a-zA-Z0-9])*)/.exec(source)?.[1] ?? '')
    .replaceAll('\\', '')
    .slice(0, 40)

/** Texts that fit a pattern for long and then do not: one kind of character again and again, and at the end another. */
function* attacks(source: string, most: number): Generator<string> {
  const begin = beginning(source)
  for (const part of parts) {
    const many = part.repeat(Math.ceil(most / part.length)).slice(0, most - 2)
    yield `${many}\u0001`
    if (begin) {
      yield `${begin}${many}`.slice(0, most - 1).concat('\u0001')
      yield begin
        .concat(part)
        .repeat(Math.ceil(most / (begin.length + part.length)))
        .slice(0, most)
    }
  }
}

/** Of this thread: others of the process collect garbage of whatever was tested before. */
function milliseconds(pattern: RegExp, text: string): number {
  const from = process.threadCpuUsage()
  pattern.lastIndex = 0
  if (pattern.global) text.replace(pattern, '')
  else pattern.test(text)
  const { user, system } = process.threadCpuUsage(from)
  return (user + system) / 1000
}

/** The slowest attack, measured again where it was rather slow: what counts is the pattern, not who else had the processor. */
function worst({ source, flags }: Pattern, most = length): number {
  const pattern = new RegExp(source, flags)
  let slowest = 0
  for (const text of attacks(source, most)) {
    let took = milliseconds(pattern, text)
    for (let again = 0; again < 5 && took > 20 && took < 500; again++)
      took = Math.min(took, milliseconds(pattern, text))
    slowest = Math.max(slowest, took)
    if (slowest > 200) return slowest
  }
  return slowest
}

/**
 * What no attack on 100 kB may cost: looking on from each of its letters to the hundred and twentieth behind it and finding
 * nothing, on this machine and in this run. About 50 ms where nothing else runs.
 */
const bearable = Math.min(
  ...Array.from({ length: 9 }, () => milliseconds(/(?:x|y){0,120}z/g, 'x'.repeat(length))),
)

describe('every pattern of the house', () => {
  test('was found', () => expect(house.length).toBeGreaterThan(80))
  test.each(house)('$path: /$source/$flags', (pattern) => {
    expect(worst(pattern)).toBeLessThan(bearable)
  })
})

test.each([
  ['(a+)+$', ''],
  ['(\\w+\\s?)*$', ''],
  ['^(a|a)*$', ''],
  ['\\s+$', ''],
  ['"(?:[^"]|\\\\")*"x', 'g'],
])('negative control: /%s/%s is caught', (source, flags) => {
  // Far less than 100 kB of it, or the control would never end.
  const few = source === '\\s+$' || flags === 'g' ? 12_000 : 26
  expect(worst({ path: '', source, flags }, few)).toBeGreaterThan(bearable)
})

test('negative control: a literal is found where it stands', () => {
  const found = patternsOf(
    'x',
    'const a = /x+y/g\nif (/[/]z/.test(b)) return /q/\n// no = /comment/\nconst c = d / e / f\n',
  )
  expect(found.map(({ source }) => source)).toEqual(['x+y', '[/]z', 'q'])
})
