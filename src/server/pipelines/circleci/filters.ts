import type { RefFilter } from '../../../contract/pipeline-facts.ts'
import { unique, unknown } from '../facts-of.ts'
import { both, either, isPattern, splitOutside, type Filters } from '../filters.ts'
import { at, entriesOf, textOf, textsOf, itemsOf, type Tree } from '../tree.ts'
import { expand, type Scope } from './template.ts'

type Half = Pick<Filters, 'branchFilter' | 'branches'>

const everything: Filters = {
  branchFilter: 'any',
  branches: [],
  // CircleCI runs no job for a tag unless a filter names tags.
  tagFilter: 'none',
  tags: [],
  unresolved: [],
}

/** Admits everything, so that ignoring it admits nothing. */
const isAll = (text: string) => text === '/.*/' || text === '/^.*$/' || text === '/.+/'

function half(side: Tree | undefined, scope: Scope, otherwise: RefFilter): Half {
  const expanded = (name: string) => textsOf(at(side, name)).map((text) => expand(text, scope))
  const only = expanded('only')
  const ignore = expanded('ignore')
  if ([...only, ...ignore].some(({ dynamic }) => dynamic)) {
    return { branchFilter: 'dynamic', branches: only.map(({ text }) => text) }
  }
  const names = unique(only.map(({ text }) => text))
  const ignored = ignore.map(({ text }) => text)
  // Where both are given, `only` is what counts: what may be ignored of it is not told apart.
  if (names.length > 0) {
    if (names.some(isAll)) return { branchFilter: 'any', branches: [] }
    return { branchFilter: names.some(isPattern) ? 'pattern' : 'literal', branches: names }
  }
  if (ignored.some(isAll)) return { branchFilter: 'none', branches: [] }
  if (ignored.length > 0) {
    return { branchFilter: 'pattern', branches: ignored.map((text) => `!${text}`) }
  }
  return { branchFilter: otherwise, branches: [] }
}

/** `filters` of a workflow's job, as a mapping or as an expression. */
export function readFilters(filters: Tree | undefined, scope: Scope): Filters {
  const said = textOf(filters)
  if (said !== undefined) return readExpression(said)
  if (filters?.kind !== 'map') return everything
  const branches = half(at(filters, 'branches'), scope, 'any')
  const tags = half(at(filters, 'tags'), scope, 'none')
  const unresolved = [
    ...(branches.branchFilter === 'dynamic'
      ? [unknown('branches', branches.branches.join(', '))]
      : []),
    ...(tags.branchFilter === 'dynamic' ? [unknown('tags', tags.branches.join(', '))] : []),
  ]
  return { ...branches, tagFilter: tags.branchFilter, tags: tags.branches, unresolved }
}

/** Every alternative must name a branch for the whole to be literal; anything else is not told apart. */
function readExpression(said: string): Filters {
  const text = said.trim().replaceAll(/\s+/g, ' ')
  const cannot: Filters = {
    ...everything,
    branchFilter: 'dynamic',
    tagFilter: 'dynamic',
    unresolved: [unknown('branches', text), unknown('tags', text)],
  }
  // Nor is what escapes a quote.
  if (/[()!]|\bnot\b|\\["\\]/.test(text.replaceAll('!=', ''))) return cannot
  const branches: string[] = []
  const tags: string[] = []
  let pattern = false
  for (const alternative of splitOutside(text, ' or ')) {
    const clauses = splitOutside(alternative, ' and ').map((clause) => clause.trim())
    const branch = clauses.flatMap((one) => after(one, 'pipeline.git.branch') ?? [])[0]
    const tag = clauses.flatMap((one) => after(one, 'pipeline.git.tag') ?? [])[0]
    const found = branch ?? tag
    if (!found) return cannot
    pattern ||= isPattern(found)
    ;(branch ? branches : tags).push(found)
  }
  const kind = pattern ? 'pattern' : 'literal'
  return {
    branchFilter: branches.length > 0 ? kind : 'none',
    branches: unique(branches),
    tagFilter: tags.length > 0 ? kind : 'none',
    tags: unique(tags),
    unresolved: [],
  }
}

/** `x == "main"` → main; `x matches /^v/` and `x starts-with "v"` → a pattern. */
function after(clause: string, variable: string): string | undefined {
  if (!clause.startsWith(variable)) return undefined
  const rest = clause.slice(variable.length).trim()
  const quoted = (text: string) => (/^"[^"]*"$/.test(text) ? text.slice(1, -1) : undefined)
  if (rest.startsWith('==')) return quoted(rest.slice(2).trim())
  if (rest.startsWith('matches ')) {
    const regex = rest.slice(8).trim()
    return isPattern(regex) ? regex : undefined
  }
  if (!rest.startsWith('starts-with ')) return undefined
  const start = quoted(rest.slice(12).trim())
  return start === undefined ? undefined : `/^${start}/`
}

/** A workflow's `when`, as far as it names the branch: `equal`, `and`, `or`, `matches`, or an expression. */
export function readCondition(condition: Tree | undefined): Filters | undefined {
  const said = textOf(condition)
  if (said !== undefined) {
    const read = said.includes('pipeline.git.') ? readExpression(said) : undefined
    return read?.branchFilter === 'dynamic' ? undefined : read
  }
  const [operator, entry] = [...entriesOf(condition)][0] ?? []
  const branchOf = (text: string) => text.replaceAll(' ', '') === '<<pipeline.git.branch>>'
  if (operator === 'equal') {
    const values = textsOf(entry?.value)
    const [name, ...more] = values.filter((text) => !branchOf(text))
    if (name === undefined || more.length > 0 || values.length !== 2 || name.includes('<<')) {
      return undefined
    }
    // The run of a tag has no branch.
    return name === ''
      ? { ...everything, branchFilter: 'none', tagFilter: 'any' }
      : { ...everything, branchFilter: 'literal', branches: [name] }
  }
  if (operator === 'matches') {
    const pattern = textOf(at(entry?.value, 'pattern')) ?? ''
    const branches = [`/${pattern}/`]
    // It may match what has no branch, too.
    return branchOf(textOf(at(entry?.value, 'value')) ?? '')
      ? { ...everything, branchFilter: 'pattern', branches, tagFilter: 'any' }
      : undefined
  }
  const inner = itemsOf(entry?.value).map(readCondition)
  const known = inner.filter((one) => one !== undefined)
  if (operator === 'and') return known.length > 0 ? known.reduce(both) : undefined
  const all = operator === 'or' && known.length > 0 && known.length === inner.length
  return all ? either(known) : undefined
}
