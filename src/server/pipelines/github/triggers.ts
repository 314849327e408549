import type { ForkPath } from '../../../contract/pipeline-facts.ts'
import { unique, unknown } from '../facts-of.ts'
import { either, both, type Filters } from '../filters.ts'
import { at, entriesOf, textOf, textsOf, type Tree } from '../tree.ts'
import { clausesOf, equalTo } from './expressions.ts'

/** These run with the repository's secrets on what a stranger can bring about. */
const dangerous = new Set([
  'pull_request_target',
  'workflow_run',
  'issue_comment',
  'discussion_comment',
])
const fromForks = new Set(['pull_request', 'pull_request_review', 'pull_request_review_comment'])
/** All others that start workflows (docs.github.com, "Events that trigger workflows", with those of earlier years). */
const harmless = new Set([
  'branch_protection_rule',
  'check_run',
  'check_suite',
  'create',
  'delete',
  'deployment',
  'deployment_status',
  'discussion',
  'fork',
  'gollum',
  'image_version',
  'issues',
  'label',
  'member',
  'merge_group',
  'milestone',
  'page_build',
  'project',
  'project_card',
  'project_column',
  'public',
  'push',
  'registry_package',
  'release',
  'repository_dispatch',
  'schedule',
  'status',
  'watch',
  'workflow_call',
  'workflow_dispatch',
])

export interface Trigger {
  readonly name: string
  readonly tree: Tree | undefined
}

export function triggersOf(on: Tree | undefined): Trigger[] {
  if (on?.kind === 'map') {
    return [...entriesOf(on)].map(([name, { value }]) => ({ name, tree: value }))
  }
  return textsOf(on).map((name) => ({ name, tree: undefined }))
}

/** An event that nobody here has heard of: whoever starts it, and with what, cannot be told. */
export const isStrange = (name: string): boolean =>
  !dangerous.has(name) && !fromForks.has(name) && !harmless.has(name)

export const dangerousOf = (triggers: readonly Trigger[]) =>
  unique(triggers.map(({ name }) => name).filter((name) => dangerous.has(name)))

const filters = (more: Partial<Filters>): Filters => ({
  branchFilter: 'none',
  branches: [],
  tagFilter: 'none',
  tags: [],
  unresolved: [],
  ...more,
})

/** `only` and `ignore` globs of a push. */
function globs(only: readonly string[], ignore: readonly string[]) {
  const names = [...only, ...ignore.map((name) => `!${name}`)]
  const pattern = names.some((name) => /[*?+[\]!]/.test(name))
  return { kind: pattern ? ('pattern' as const) : ('literal' as const), names }
}

function pushed(tree: Tree | undefined): Filters {
  const list = (name: string) => textsOf(at(tree, name))
  const branches = globs(list('branches'), list('branches-ignore'))
  const tags = globs(list('tags'), list('tags-ignore'))
  const some = branches.names.length > 0 || tags.names.length > 0
  if (!some) return filters({ branchFilter: 'any', tagFilter: 'any' })
  return filters({
    ...(branches.names.length > 0 && { branchFilter: branches.kind, branches: branches.names }),
    ...(tags.names.length > 0 && { tagFilter: tags.kind, tags: tags.names }),
  })
}

function filtersOf({ name, tree }: Trigger, defaultBranch: string | undefined): Filters {
  switch (name) {
    case 'push':
      return pushed(tree)
    case 'schedule':
    case 'repository_dispatch':
      return defaultBranch
        ? filters({ branchFilter: 'literal', branches: [defaultBranch] })
        : filters({
            branchFilter: 'dynamic',
            unresolved: [unknown('branches', 'the default branch')],
          })
    case 'release':
      return filters({ tagFilter: 'any' })
    case 'workflow_call':
      return filters({
        branchFilter: 'dynamic',
        tagFilter: 'dynamic',
        unresolved: [unknown('branches', 'whatever calls this workflow')],
      })
    // Each of these may be of a tag.
    case 'create':
    case 'deployment':
    case 'deployment_status':
    case 'registry_package':
    case 'workflow_dispatch':
      return filters({ branchFilter: 'any', tagFilter: 'any' })
    default:
      return filters({ branchFilter: 'any' })
  }
}

export interface Reach {
  readonly filters: Filters
  readonly forkPath: ForkPath
  readonly triggers: readonly string[]
}

/** Which runs start a job: the workflow's triggers, narrowed by what the job's `if` says plainly. */
export function reachOf(
  all: readonly Trigger[],
  condition: string | undefined,
  defaultBranch: string | undefined,
): Reach {
  const clauses = clausesOf(condition)
  const events = (operator: '==' | '!=') =>
    new Set(
      clauses.flatMap((one) => equalTo(one, 'github.event_name', operator)?.toLowerCase() ?? []),
    )
  const [only, not] = [events('=='), events('!=')]
  const triggers = all.filter(({ name }) => (only.size === 0 || only.has(name)) && !not.has(name))
  const names = new Set(triggers.map(({ name }) => name))
  const asked = clauses.flatMap((clause) => refOf(clause) ?? [])
  const wide = either(triggers.map((one) => filtersOf(one, defaultBranch)))
  const narrow = asked.reduce((known, one) => both(known, one), wide)
  const branchNamed = asked.some(({ branchFilter }) => branchFilter !== 'any')
  const ownHead = clauses.includes(
    'github.event.pull_request.head.repo.full_name == github.repository',
  )
  // Where there is no pull request, nothing is compared with false, and equals it.
  const notForked = clauses.includes('github.event.pull_request.head.repo.fork == false')
  const pulls = [...names].every((name) => fromForks.has(name) || name === 'pull_request_target')
  const forkPath: ForkPath =
    ownHead || (notForked && pulls)
      ? 'none'
      : [...names].some((name) => dangerous.has(name))
        ? 'with_secrets'
        : names.has('workflow_call') || [...names].some(isStrange)
          ? 'unknown'
          : // The ref of a pull request is refs/pull/<n>/merge: no branch that a clause names.
            [...names].some((name) => fromForks.has(name)) && !branchNamed
            ? 'without_secrets'
            : 'none'
  return { filters: narrow, forkPath, triggers: [...names] }
}

/** The whole of a clause: it may be compared with anything. */
const ofTag = /^startsWith\(\s*github\.ref\s*,\s*'refs\/tags\/[^']*'\s*\)$/i

function refOf(clause: string): Filters | undefined {
  const ref = equalTo(clause, 'github.ref')
  const [, kind, of = ''] = /^refs\/(heads|tags)\/(.+)$/i.exec(ref ?? '') ?? []
  if (kind) {
    return kind.toLowerCase() === 'heads'
      ? filters({ branchFilter: 'literal', branches: [of] })
      : filters({ tagFilter: 'literal', tags: [of] })
  }
  const name = equalTo(clause, 'github.ref_name')
  // A tag may have the branch's name.
  if (name !== undefined) {
    return filters({
      branchFilter: 'literal',
      branches: [name],
      tagFilter: 'literal',
      tags: [name],
    })
  }
  if (ofTag.test(clause)) return filters({ tagFilter: 'any' })
  const type = equalTo(clause, 'github.ref_type')?.toLowerCase()
  if (type === 'tag') return filters({ tagFilter: 'any' })
  return type === 'branch' ? filters({ branchFilter: 'any' }) : undefined
}

export const conditionOf = (job: Tree | undefined) => textOf(at(job, 'if'))
