import { globSync, readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'

/*
 * Rules of the house that look at the text of files; who may import whom stands in `architecture.test.ts`. Each is run
 * on the real tree, where it must say nothing, and on a twin with one trespass in it, which it must name.
 */

/** Files by their path from the repository's root. */
type Tree = Readonly<Record<string, string>>
type Rule = (tree: Tree) => string[]

const house: Tree = Object.fromEntries(
  globSync(['src/**/*.{ts,tsx,sql}'])
    .map((path) => path.replaceAll('\\', '/'))
    .map((path) => [path, readFileSync(path, 'utf8')]),
)

const isTest = (path: string) => path.includes('.test.') || path.startsWith('src/server/testing/')
const says = (path: string, fault: string) => `${path}: ${fault}`

/** A service is its feature's face: it alone may name what lies behind it. */
const noBarrels: Rule = (tree) =>
  Object.entries(tree).flatMap(([path, text]) => {
    const faults: string[] = []
    if (/\/index\.tsx?$/.test(path) && path !== 'src/contract/index.ts') {
      faults.push(says(path, 'the only index.ts is contract/index.ts'))
    }
    if (!path.startsWith('src/')) return faults
    const passesOn = /^export (?:type )?(?:\*|\{[^}]*\}) *(?:as \w+ )?from /m.test(text)
    if (passesOn && !path.endsWith('/service.ts')) {
      faults.push(says(path, 'passes on what another file exports'))
    }
    if (/^export default /m.test(text) && !isTest(path)) {
      faults.push(says(path, 'exports by default'))
    }
    return faults
  })

/** A page is named by the router: `Component`. */
const componentsNamed: Rule = (tree) =>
  Object.entries(tree).flatMap(([path, text]) => {
    const name = /\/([A-Z]\w*)\.tsx$/.exec(path)?.[1]
    if (!name) return []
    const exported = new RegExp(`export (?:async )?(?:function|const) (?:${name}|Component)\\b`)
    return exported.test(text) ? [] : [says(path, `does not export ${name}`)]
  })

/** The catalogue of a real database is asked by `ledger.test.ts`; this names the migration that forgot (P1). */
const everyTableRecorded: Rule = (tree) => {
  const migrations = Object.entries(tree).filter(([path]) => path.endsWith('.sql'))
  const all = migrations.map(([, text]) => text).join('\n')
  const said = new Set(
    [...all.matchAll(/^select (?:audited|exempt)\('(\w+)'/gm)].map(([, name]) => name),
  )
  const listed = new Set(
    [...all.matchAll(/^insert into audit_exemption values\s([^;]+);/gm)].flatMap(([, values]) =>
      [...(values ?? '').matchAll(/\('(\w+)',/g)].map(([, name]) => name),
    ),
  )
  return migrations.flatMap(([path, text]) =>
    [...text.matchAll(/^create table (?:if not exists )?(\w+)/gm)]
      .map(([, name]) => name ?? '')
      .filter((name) => !said.has(name) && !listed.has(name))
      .map((name) => says(path, `table ${name} is neither audited() nor exempt()`)),
  )
}

const numbered: Rule = (tree) => {
  const numbers = Object.keys(tree)
    .filter((path) => path.endsWith('.sql'))
    .map((path) => path.split('/').at(-1)?.slice(0, 4) ?? '')
  return numbers
    .filter((number, at) => numbers.indexOf(number) !== at)
    .map((number) => `two migrations are number ${number}`)
}

/** Nothing may write markup past React, which the policy of Trusted Types would refuse in Chromium alone. */
const noRawMarkup: Rule = (tree) =>
  Object.entries(tree).flatMap(([path, text]) =>
    path.startsWith('src/console/') &&
    /dangerouslySetInnerHTML|\.(?:inner|outer)HTML\s*=|insertAdjacentHTML|document\.write|\beval\(|new Function\(/.test(
      text,
    )
      ? [says(path, 'writes markup or code from text')]
      : [],
  )

const rules: readonly [string, Rule, trespass: Tree, named: string][] = [
  [
    'no file passes on what another exports',
    noBarrels,
    { 'src/console/ui/all.ts': "export { Table } from './Table.tsx'" },
    'passes on',
  ],
  [
    'nothing is exported by default',
    noBarrels,
    { 'src/console/ui/all.ts': 'export default 1' },
    'by default',
  ],
  [
    'a component has its file’s name',
    componentsNamed,
    { 'src/console/ui/Chart.tsx': 'export function Plot() {}' },
    'does not export Chart',
  ],
  [
    'every table is audited or exempt (P1)',
    everyTableRecorded,
    { 'src/server/db/migrations/9999_x.sql': 'create table forgotten (id int);' },
    'table forgotten',
  ],
  [
    'no two migrations have one number',
    numbered,
    { 'src/server/db/migrations/0001_other.sql': '' },
    'number 0001',
  ],
  [
    'the console writes no markup from text (P27)',
    noRawMarkup,
    {
      'src/console/ui/X.tsx':
        'export const X = () => <p dangerouslySetInnerHTML={{ __html: x }} />',
    },
    'writes markup',
  ],
]

describe.each(rules)('%s', (_, rule, trespass, named) => {
  test('holds', () => expect(rule(house)).toEqual([]))
  test('a trespass is named', () => {
    expect(rule({ ...house, ...trespass })).toContainEqual(expect.stringContaining(named))
  })
})
