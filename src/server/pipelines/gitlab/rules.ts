import { unique } from '../facts-of.ts'
import { isDynamic } from '../references.ts'
import { both, either, isPattern, splitOutside, type Filters } from '../filters.ts'
import { at, entriesOf, itemsOf, textOf, type Tree } from '../tree.ts'
import { flat, flatTexts } from './settle.ts'

export interface Rules {
  readonly filters: Filters
  /** A merge request's pipeline may run it: also one from a fork. */
  readonly mergeRequests: boolean
  /** It says itself that none does. */
  readonly noMergeRequests?: boolean
  readonly manual: boolean
  /** Started by hand, and nothing after it runs before. */
  readonly blocking: boolean
}

const filters = (more: Partial<Filters>): Filters => ({
  branchFilter: 'none',
  branches: [],
  tagFilter: 'none',
  tags: [],
  unresolved: [],
  ...more,
})
const everything = filters({ branchFilter: 'any', tagFilter: 'any' })

interface Said {
  readonly filters: Filters
  readonly mergeRequests: boolean
}

/** What a condition is read with. */
export interface Known {
  readonly defaultBranch: string | undefined
  /** GitLab's own variables that the config sets anew. */
  readonly reset: readonly string[]
}

/** Which of GitLab's own variables these mappings, or lists of mappings, set. */
export const resetBy = (...variables: readonly (Tree | undefined)[]): string[] =>
  variables
    .flatMap((one) => flat(one).flatMap((each) => Array.from(entriesOf(each).keys())))
    .filter((name) => name.startsWith('CI_'))

/** `if` of a rule: alternatives of clauses. What it does not say plainly, it does not narrow. */
function conditionOf(text: string, known: Known): Said {
  // An input is put in as text: it may bring operators.
  if (/[()]|\$\[\[/.test(text)) return { filters: everything, mergeRequests: true }
  const alternatives = splitOutside(text, '||').map((one) => {
    const clauses = splitOutside(one, '&&').map((clause) => clause.trim())
    const said = clauses.map((clause) => clauseOf(clause, known))
    return {
      filters: said.reduce((narrow, each) => both(narrow, each.filters), everything),
      mergeRequests: said.every((each) => each.mergeRequests),
    }
  })
  return {
    filters: either(alternatives.map((one) => one.filters)),
    mergeRequests: alternatives.some((one) => one.mergeRequests),
  }
}

const unquoted = (text: string) =>
  text.length > 1 && (text.startsWith('"') || text.startsWith("'")) && text.at(-1) === text[0]
    ? text.slice(1, -1)
    : undefined

function clauseOf(clause: string, { defaultBranch, reset }: Known): Said {
  const plain = (more: Partial<Filters>): Said => ({ filters: filters(more), mergeRequests: false })
  const open: Said = { filters: everything, mergeRequests: true }
  if (reset.some((name) => clause.includes(name))) return open
  const operator = ['==', '!=', '=~', '!~'].find((one) => clause.includes(one))
  if (!operator) {
    if (clause === '$CI_COMMIT_TAG') return plain({ tagFilter: 'any' })
    if (clause === '$CI_COMMIT_BRANCH') return plain({ branchFilter: 'any' })
    return open
  }
  const sides = clause.split(operator).map((side) => side.trim())
  if (sides.length !== 2) return open
  const [left = '', right = ''] = sides[0]?.startsWith('$CI_') ? sides : sides.toReversed()
  const value = isDynamic(right) ? undefined : unquoted(right)
  const branch = right === '$CI_DEFAULT_BRANCH' ? defaultBranch : value
  if (left === '$CI_PIPELINE_SOURCE') {
    // What is not written out may be a merge request as well.
    const request = value === 'merge_request_event'
    const may = operator === '==' ? value === undefined || request : !request
    return { filters: everything, mergeRequests: may }
  }
  if (left === '$CI_COMMIT_REF_PROTECTED' && operator === '==' && value === 'true') {
    const both = { branches: ['(protected)'], tags: ['(protected)'] }
    return plain({ branchFilter: 'pattern', tagFilter: 'pattern', ...both })
  }
  const names = ['$CI_COMMIT_BRANCH', '$CI_COMMIT_TAG', '$CI_COMMIT_REF_NAME']
  if (!names.includes(left)) return open
  const half = (kind: 'literal' | 'pattern', name: string): Said => {
    const branches = { branchFilter: kind, branches: [name] } as const
    const tags = { tagFilter: kind, tags: [name] } as const
    if (left === '$CI_COMMIT_BRANCH') return plain(branches)
    if (left === '$CI_COMMIT_TAG') return plain(tags)
    return { filters: filters({ ...branches, ...tags }), mergeRequests: true }
  }
  // What is not set is not equal to anything: a tag and a merge request have no branch, and pass as well.
  const except = (name: string): Said => {
    const { filters: narrow } = half('pattern', `!${name}`)
    const rest = left === '$CI_COMMIT_TAG' ? { branchFilter: 'any' as const } : {}
    const tags = left === '$CI_COMMIT_BRANCH' ? { tagFilter: 'any' as const } : {}
    return { filters: { ...narrow, ...rest, ...tags }, mergeRequests: true }
  }
  if (operator === '==' && branch !== undefined) return half('literal', branch)
  if (operator === '=~' && isPattern(right)) return half('pattern', right)
  if (operator === '!=' && branch !== undefined) return except(branch)
  if (operator === '!~' && isPattern(right)) return except(right)
  if (right === '$CI_DEFAULT_BRANCH' && operator === '==' && left !== '$CI_COMMIT_TAG') {
    const text = [{ fact: 'branches', text: 'the default branch' }]
    const dynamic = filters({ branchFilter: 'dynamic', unresolved: text })
    return left === '$CI_COMMIT_BRANCH'
      ? { filters: dynamic, mergeRequests: false }
      : { filters: { ...dynamic, tagFilter: 'any' }, mergeRequests: true }
  }
  return open
}

/** What may be true is not false: an input, or a list of exit codes. */
const isFalse = (tree: Tree) =>
  tree.kind === 'scalar' && (tree.value === false || /^(?:false|no|off)$/i.test(tree.text))

export function readRules(rules: readonly Tree[], job: Tree | undefined, known: Known): Rules {
  const own = textOf(at(job, 'when'))
  const loose = at(job, 'allow_failure')
  if (rules.length === 0) {
    const said = onlyExcept(job)
    const manual = own === 'manual'
    // Without rules a manual job does not hold the pipeline up, unless `allow_failure: false` says so.
    const blocking = manual && loose !== undefined && isFalse(loose)
    return { ...said, manual, blocking }
  }
  const positive = rules.filter((rule) => textOf(at(rule, 'when')) !== 'never')
  const said = positive.map((rule) => {
    const condition = textOf(at(rule, 'if'))
    if (condition === undefined) return { filters: everything, mergeRequests: true }
    return conditionOf(condition, known)
  })
  const byHand = positive.map((rule) => (textOf(at(rule, 'when')) ?? own) === 'manual')
  // By hand outside of the rules is optional by itself, by hand inside of them is not.
  const passing = positive.some((rule) => {
    const said = at(rule, 'allow_failure') ?? loose
    return said === undefined ? own === 'manual' : !isFalse(said)
  })
  const manual = byHand.length > 0 && byHand.every(Boolean)
  return {
    filters: either(said.map((one) => one.filters)),
    mergeRequests: said.some((one) => one.mergeRequests),
    manual,
    blocking: manual && !passing,
  }
}

const keywords = new Set([
  'api',
  'branches',
  'chat',
  'external',
  'external_pull_requests',
  'pipelines',
  'pushes',
  'schedules',
  'triggers',
  'web',
])

/** `only` and `except` of before rules; without either a job runs for branches and tags. */
function onlyExcept(job: Tree | undefined): Said & { readonly noMergeRequests: boolean } {
  const refs = (name: string) => {
    const tree = at(job, name)
    return flatTexts(tree?.kind === 'map' ? at(tree, 'refs') : tree)
  }
  // `branches@group/project` is `branches`, in that project; what is excepted in one project is not in others.
  const only = unique(refs('only').map((ref) => ref.split('@')[0] ?? ''))
  const except = refs('except').filter((ref) => !ref.includes('@'))
  const names = only.filter(
    (ref) => !keywords.has(ref) && ref !== 'tags' && ref !== 'merge_requests',
  )
  const wide = only.length === 0 || only.some((ref) => keywords.has(ref))
  // A regular expression may have flags behind it; no branch begins with a slash.
  const kind = names.some((name) => name.startsWith('/'))
    ? ('pattern' as const)
    : ('literal' as const)
  const both =
    wide || names.some(isDynamic)
      ? everything
      : names.length > 0
        ? // A ref may be a branch or a tag of that name.
          filters({ branchFilter: kind, branches: names, tagFilter: kind, tags: names })
        : filters({})
  const tagged = only.includes('tags') ? { ...both, tagFilter: 'any' as const, tags: [] } : both
  const withoutTags = except.includes('tags')
    ? { ...tagged, tagFilter: 'none' as const, tags: [] }
    : tagged
  const withoutBranches = except.includes('branches')
    ? { ...withoutTags, branchFilter: 'none' as const, branches: [] }
    : withoutTags
  const not = except.filter(
    (ref) => !keywords.has(ref) && ref !== 'tags' && ref !== 'merge_requests',
  )
  const narrowed =
    not.length > 0 && withoutBranches.branchFilter === 'any'
      ? {
          ...withoutBranches,
          branchFilter: 'pattern' as const,
          branches: unique(not.map((ref) => `!${ref}`)),
        }
      : withoutBranches
  return {
    filters: narrowed,
    mergeRequests: only.includes('merge_requests'),
    noMergeRequests: except.includes('merge_requests'),
  }
}

export const rulesOf = (tree: Tree | undefined) => itemsOf(at(tree, 'rules'))
