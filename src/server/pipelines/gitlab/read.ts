import type {
  ConfigFacts,
  ImageFact,
  JobFact,
  Unresolved,
} from '../../../contract/pipeline-facts.ts'
import {
  bareJob,
  demandFew,
  factsOf,
  nothingFound,
  opensShell,
  unique,
  uniqueUnresolved,
  unknown,
  type Found,
} from '../facts-of.ts'
import { both } from '../filters.ts'
import { linkJobs } from '../guards.ts'
import { imageParts, isDynamic } from '../references.ts'
import { ConfigRefused } from '../refused.ts'
import { at, entriesOf, isNothing, textOf, textsOf, type Tree } from '../tree.ts'
import { includesOf, stepsOf } from './includes.ts'
import { inherited, readFile, type GitLabFile, type GitLabJob } from './jobs.ts'
import { readRules, resetBy, rulesOf, type Known, type Rules } from './rules.ts'
import { flat, flatTexts } from './settle.ts'
import { inStages, placeOf, type Staged } from './stages.ts'

const workflow = 'pipeline'

/** A GitLab CI file. A first document with `spec` is a header: its inputs are whatever the includer gives. */
export function readGitLab(trees: readonly Tree[], defaultBranch?: string): ConfigFacts {
  const [first] = trees
  const headed = trees.length === 2 && at(first, 'spec') !== undefined
  const root = headed ? trees[1] : first
  if (root?.kind !== 'map')
    throw new ConfigRefused('A GitLab CI file is a mapping.', root?.line ?? 1)
  const found = nothingFound()
  const file = readFile(root)
  found.refs.push(...includesOf(at(root, 'include')))
  if (file.includes) found.unresolved.push(unknown('jobs', 'included files may add or change jobs'))
  const rules = rulesOf(at(root, 'workflow'))
  const reset = resetBy(at(root, 'variables'), ...rules.map((rule) => at(rule, 'variables')))
  const known: Known = { defaultBranch, reset }
  const limits = rules.length > 0 ? readRules(rules, undefined, known) : undefined
  const unlinked: Staged[] = []
  for (const job of file.jobs) {
    unlinked.push(readJob(file, job, limits, known, found))
    demandFew(found, job.line, unlinked.length)
  }
  const linked = linkJobs(inStages(root, unlinked))
  found.jobs.push(...linked)
  if (linked.length === 0) found.unresolved.push(unknown('jobs', 'the file has no jobs of its own'))
  const requests = linked.some(({ forkPath }) => forkPath === 'without_secrets')
  found.workflows.push({
    name: textOf(at(root, 'workflow', 'name')) ?? workflow,
    line: root.line,
    jobs: linked.map((job) => job.name),
    approvals: linked.filter(({ kind }) => kind === 'approval').map((job) => job.name),
    triggers: requests ? ['pipeline', 'merge_request'] : ['pipeline'],
    dangerousTriggers: [],
    permissions: [],
    contexts: [],
    environments: unique(linked.flatMap(({ environments }) => environments)),
    unresolved: uniqueUnresolved(linked.flatMap(({ unresolved }) => unresolved)),
  })
  return factsOf('gitlab', 'pipeline', found)
}

function readJob(
  file: GitLabFile,
  { name, line, tree, unresolved: missing }: GitLabJob,
  limits: Rules | undefined,
  known: Known,
  found: Found,
): Staged {
  const own = resetBy(at(tree, 'variables'), at(tree, 'parallel', 'matrix'))
  const reset = known.reset.concat(own)
  const rules = readRules(flat(at(tree, 'rules')), tree, { ...known, reset })
  const filters = both(rules.filters, limits?.filters)
  // Where the workflow has rules, or an included file may bring some, a job without any runs for merge requests as well;
  // so does one whose rules are taken away.
  const cleared = isNothing(at(tree, 'rules'))
  const unsaid = at(tree, 'only') === undefined && (cleared || at(tree, 'rules') === undefined)
  const wide = cleared || limits !== undefined || file.includes
  const open = unsaid && wide && !rules.noMergeRequests
  const mergeRequests = (rules.mergeRequests || open) && (limits?.mergeRequests ?? true)
  const trigger = at(tree, 'trigger')
  const unresolved: Unresolved[] = [...missing, ...filters.unresolved]
  const tags = flatTexts(inherited(file, tree, 'tags'))
  if (tags.length === 0 && !trigger) unresolved.push(unknown('selfHosted', 'no tags are named'))
  for (const tag of tags.filter(isDynamic)) {
    unresolved.push(unknown('runner', tag), unknown('selfHosted', tag))
  }
  if (trigger) {
    found.refs.push(...calledBy(trigger, name))
    const outside = [
      'image',
      'runner',
      'steps',
      ...(at(trigger, 'include') ? ['environments'] : []),
    ]
    unresolved.push(...outside.map((fact) => unknown(fact, `pipeline of ${name}`)))
  } else readImages(file, tree, name, line, found, unresolved)
  const run = flat(at(tree, 'run'))
  found.refs.push(...run.flatMap((step) => stepsOf(step, name)))
  const scripts = ['before_script', 'script', 'after_script']
    .flatMap((key) => flatTexts(inherited(file, tree, key)))
    .concat(flatTexts(at(inherited(file, tree, 'hooks'), 'pre_get_sources_script')))
    .concat(run.flatMap((step) => textOf(at(step, 'script')) ?? []))
  const job: JobFact = {
    ...bareJob,
    name,
    line,
    workflow,
    kind: trigger ? 'call' : rules.blocking ? 'approval' : 'job',
    definition: textsOf(at(tree, 'extends')).join(', '),
    environments: environmentsOf(tree, unresolved),
    secrets: [...entriesOf(inherited(file, tree, 'secrets')).keys()],
    branchFilter: filters.branchFilter,
    branches: [...filters.branches],
    tagFilter: filters.tagFilter,
    tags: [...filters.tags],
    runnerClass: tags.join(',') || 'default',
    runnerLabels: tags,
    // GitLab.com's own runners are tagged saas-…; every other tag is a runner that somebody registered.
    selfHosted: tags.some((tag) => !tag.startsWith('saas-')),
    idToken: entriesOf(inherited(file, tree, 'id_tokens')).size > 0,
    forkPath: mergeRequests ? 'without_secrets' : 'none',
    manual: rules.manual,
    remoteShell: scripts.some(opensShell),
    steps: unique(scripts.map((text) => (text.trim().split('\n')[0] ?? '').slice(0, 120))).slice(
      0,
      300,
    ),
    unresolved,
  }
  return { job, ...placeOf(tree) }
}

function calledBy(trigger: Tree, job: string) {
  const inner = at(trigger, 'include')
  if (inner) return includesOf(inner, job)
  const project = textOf(trigger) ?? textOf(at(trigger, 'project'))
  if (project === undefined) return []
  const version = textOf(at(trigger, 'branch')) ?? ''
  return includesOf(
    { kind: 'seq', line: trigger.line, items: [asInclude(trigger, project, version)], size: 1 },
    job,
  ).map((ref) => Object.assign(ref, { kind: 'workflow' as const }))
}

function asInclude({ line }: Tree, project: string, ref: string): Tree {
  const text = (value: string): Tree => ({ kind: 'scalar', line, text: value, value, size: 1 })
  const entries = [
    ['project', { line, value: text(project) }],
    ['ref', { line, value: text(ref) }],
  ] as const
  return { kind: 'map', line, entries: new Map(entries), size: 3 }
}

function environmentsOf(job: Tree, unresolved: Unresolved[]): string[] {
  const tree = at(job, 'environment')
  const name = textOf(tree) ?? textOf(at(tree, 'name'))
  if (name === undefined) return []
  if (!isDynamic(name)) return [name]
  const prefix = name.slice(0, name.search(/[$%]/))
  // `review/$CI_COMMIT_REF_SLUG` is somewhere below review, whatever the rest says.
  if (prefix.endsWith('/')) return [`${prefix}*`]
  unresolved.push(unknown('environments', name))
  return []
}

function readImages(
  file: GitLabFile,
  job: Tree,
  name: string,
  line: number,
  found: Found,
  unresolved: Unresolved[],
) {
  const add = (tree: Tree | undefined, use: ImageFact['use']) => {
    const raw = textOf(tree) ?? textOf(at(tree, 'name'))
    if (raw === undefined) return false
    found.images.push({ ...imageParts(raw), line: tree?.line ?? line, use, workflow, job: name })
    return true
  }
  const named = add(inherited(file, job, 'image'), 'job')
  if (!named) unresolved.push(unknown('image', 'the runner’s own default'))
  for (const service of flat(inherited(file, job, 'services'))) add(service, 'service')
}
