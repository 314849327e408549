import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { limits } from './expression-parser.ts'
import { checkExpression, evaluateExpression } from './expression.ts'

const variables = {
  'pipeline.git.branch': 'main',
  'pipeline.number': 7,
  'pipeline.git.branch.is_default': true,
  'job.ssh.enabled': false,
  'pipeline.config_source': 'repo',
}
const holds = (text: string) => evaluateExpression(text, variables).holds

test.each([
  ['pipeline.git.branch == "main" and not job.ssh.enabled', true],
  ['not (pipeline.config_source starts-with "api")', true],
  ['pipeline.git.branch starts-with "ma"', true],
  ['pipeline.git.branch matches /^ma.n$/', true],
  ['pipeline.git.branch matches /ai/', true],
  ['pipeline.git.branch matches /\\d/', false],
  ['pipeline.number >= 7 and pipeline.number < 8', true],
  ['pipeline.number == "7"', false],
  ['pipeline.number != "7"', true],
  ['"a\\"b" == "a\\"b"', true],
  ['not job.ssh.enabled and false', false],
  ['true or false and false', true],
  ['(true or false) and false', false],
  ['not false == false', false],
  ['pipeline.git.branch', true],
  ['0', true],
  ['""', true],
  ['!true\n\tor true', true],
  ['false and pipeline.git.tag == "x"', false],
  ['true or pipeline.git.tag == "x"', true],
] as const)('%s is %s', (text, expected) => expect(holds(text)).toBe(expected))

describe('what is not known or not of the right type denies', () => {
  test.each([
    ['not pipeline.git.tag == "x"', 'unknown'],
    ['pipeline.git.tag != "x" or true', 'unknown'],
    ['not pipeline.parameters.x', 'unknown'],
    ['not (toString == "x")', 'unknown'],
    ['not (pipeline.git.branch > 3)', 'type'],
    ['not (pipeline.number starts-with "7")', 'type'],
    ['not (pipeline.number matches /7/)', 'type'],
    ['pipeline.git.branch ==', 'syntax'],
    ['', 'syntax'],
  ] as const)('%s', (text, kind) => {
    expect(evaluateExpression(text, variables)).toMatchObject({ holds: false, problem: { kind } })
  })
})

test.each([
  ['pipeline.git.branch == "main', 23, 28],
  ['true and', 8, 8],
  ['(true', 5, 5],
  ['true ?', 5, 6],
  ['a == /x/', 5, 8],
  ['pipeline.git.branch matches "x"', 28, 31],
  ['pipeline.git.branch matches /(/', 28, 31],
  ['pipeline.git.brnch == "é"', 0, 18],
])('%s is refused at %d to %d', (text, from, to) => {
  expect(checkExpression(text)[0]).toMatchObject({ from, to })
})

test('the trace says what each comparison found', () => {
  const { trace } = evaluateExpression('pipeline.git.branch == "dev"', variables)
  expect(trace).toMatchObject([
    {
      value: false,
      says: 'pipeline.git.branch == "dev" is false (pipeline.git.branch is "main")',
    },
  ])
})

test('deep, long and costly expressions are refused or answered in bounded time', () => {
  for (const text of [
    '('.repeat(100_000),
    '('.repeat(1000) + 'true',
    'not '.repeat(limits.depth + 1) + 'true',
    Array.from({ length: 400 }, () => 'true').join(' and '),
  ]) {
    expect(checkExpression(text)[0]?.kind).toBe('syntax')
  }
  const long = { 'pipeline.git.branch': 'a'.repeat(5000) + '!' }
  expect(evaluateExpression('pipeline.git.branch matches /^(a+)+$/', long).holds).toBe(false)
})

test('any text is answered, never thrown at', () => {
  const word = fc.constantFrom(
    'and',
    'or',
    'not',
    '(',
    ')',
    '==',
    '"a"',
    '7',
    '/x/',
    'job.ssh.enabled',
  )
  const text = fc.oneof(
    fc.string(),
    fc.array(word, { maxLength: 12 }).map((all) => all.join(' ')),
  )
  fc.assert(
    fc.property(text, (given) => {
      const { holds, problem } = evaluateExpression(given, variables)
      const [wrong] = checkExpression(given)
      expect(holds && problem !== undefined).toBe(false)
      expect(wrong?.from ?? 0).toBeLessThanOrEqual(wrong?.to ?? 0)
    }),
  )
})

test('boolean expressions mean what their parts mean', () => {
  interface Tree {
    readonly text: string
    readonly value: boolean
  }
  const { tree } = fc.letrec<{ tree: Tree }>((tie) => ({
    tree: fc.oneof(
      { maxDepth: 4 },
      fc.boolean().map((value) => ({ text: `${value}`, value })),
      tie('tree').map(({ text, value }) => ({ text: `not (${text})`, value: !value })),
      fc.tuple(tie('tree'), fc.boolean(), tie('tree')).map(([left, both, right]) => ({
        text: `(${left.text}) ${both ? 'and' : 'or'} (${right.text})`,
        value: both ? left.value && right.value : left.value || right.value,
      })),
    ),
  }))
  fc.assert(
    fc.property(tree, ({ text, value }) => {
      expect(holds(text)).toBe(value)
    }),
  )
})
