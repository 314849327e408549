import type { ForkPath, JobFact, Unresolved } from '../../../contract/pipeline-facts.ts'
import { bareJob, demandFew, unique, uniqueUnresolved, unknown, type Found } from '../facts-of.ts'
import { both, either, type Filters } from '../filters.ts'
import { linkJobs, type Need, type Unlinked } from '../guards.ts'
import { isDynamic } from '../references.ts'
import { at, entriesOf, itemsOf, textOf, textsOf, type Entry, type Tree } from '../tree.ts'
import { readEnvironment } from './environment.ts'
import { readCondition, readFilters } from './filters.ts'
import { instancesOf } from './matrix.ts'
import { lookUp, type Namespace } from './namespace.ts'
import { readSteps } from './steps.ts'
import { expand, resolve, scopeFor, type Scope } from './template.ts'

/** CircleCI's own types that run nothing of the config's. */
const idle = new Set(['approval', 'no-op', 'lock', 'unlock', 'release'])

export interface WorkflowSource {
  readonly name: string
  readonly line: number
  readonly tree: Tree
}

/** One workflow: each of its jobs as often as it runs, with what stands before it. */
export function readWorkflow(
  { name, line, tree }: WorkflowSource,
  root: Namespace,
  scope: Scope,
  found: Found,
): void {
  const schedules = itemsOf(at(tree, 'triggers')).map((one) => at(one, 'schedule'))
  const condition = readCondition(at(tree, 'when')) ?? scheduled(schedules, scope)
  const unlinked: (Unlinked & { readonly called: string; readonly aliases: readonly string[] })[] =
    []
  for (const { definition, call, line: at, group } of callsOf(tree, root)) {
    for (const one of readCall({ name, root, scope, found }, definition, call, at, condition)) {
      unlinked.push(group ? inGroup(one, group, scope) : one)
      demandFew(found, at, unlinked.length)
    }
  }
  const linked = linkJobs(withAliases(unlinked))
  found.jobs.push(...linked)
  found.workflows.push({
    name,
    line,
    jobs: unique(linked.map((job) => job.name)),
    approvals: unique(linked.filter(({ kind }) => kind === 'approval').map((job) => job.name)),
    triggers: schedules.length > 0 ? ['schedule'] : ['pipeline'],
    dangerousTriggers: [],
    permissions: [],
    contexts: unique(linked.flatMap(({ contexts }) => contexts)),
    environments: [],
    unresolved: uniqueUnresolved(linked.flatMap(({ unresolved }) => unresolved)),
  })
}

interface Call {
  readonly definition: string
  readonly call: Tree | undefined
  readonly line: number
}
interface Group {
  readonly name: string
  readonly call: Tree | undefined
}

const callOf = (item: Tree): Call[] => {
  const definition = textOf(item) ?? [...entriesOf(item).keys()][0]
  if (definition === undefined) return []
  const call = item.kind === 'map' ? [...item.entries.values()][0]?.value : undefined
  return [{ definition, call, line: item.line }]
}

/** The jobs of a workflow; in the place of a group of jobs its members. */
function callsOf(tree: Tree, root: Namespace): (Call & { readonly group?: Group })[] {
  return itemsOf(at(tree, 'jobs'))
    .flatMap(callOf)
    .flatMap((one) => {
      const jobs = at(root.tree, 'job-groups', one.definition, 'jobs')
      if (!jobs) return [one]
      const group = { name: one.definition, call: one.call }
      return itemsOf(jobs)
        .flatMap(callOf)
        .map((member) => Object.assign(member, { group }))
    })
}

/** A member waits for what its group waits for, and who waits for the group waits for each of them. */
function inGroup(one: ReturnType<typeof readCall>[number], { name, call }: Group, scope: Scope) {
  const given = textsOf(at(call, 'context'))
  const contexts = unique([...one.job.contexts, ...given.filter((text) => !text.includes('<<'))])
  const dynamic = given.filter((text) => text.includes('<<'))
  const unresolved = one.job.unresolved.concat(dynamic.map((text) => unknown('contexts', text)))
  return {
    ...one,
    job: { ...one.job, contexts, unresolved },
    needs: [...one.needs, ...needsOf(at(call, 'requires'), scope)],
    aliases: [...one.aliases, textOf(at(call, 'name')) ?? name],
  }
}

/** Schedules run on the branches that they name. */
function scheduled(schedules: readonly (Tree | undefined)[], scope: Scope): Filters | undefined {
  const filters = schedules.map((one) => readFilters(at(one, 'filters'), scope))
  if (filters.length === 0) return undefined
  return either(filters)
}

interface Place {
  readonly name: string
  readonly root: Namespace
  readonly scope: Scope
  readonly found: Found
}

function readCall(
  { name: workflow, root, scope: outer, found }: Place,
  definition: string,
  call: Tree | undefined,
  line: number,
  condition: Filters | undefined,
) {
  const override = textOf(at(call, 'override-with'))
  const own = lookUp(root, 'jobs', definition)
  const called = (override && lookUp(root, 'jobs', override)) || own
  // What is not here may be there or not: then it is the job of this file that runs.
  const instead = override && called === own ? [`override-with ${override}`] : []
  const type = textOf(at(call, 'type')) ?? textOf(at(called?.tree, 'type')) ?? ''
  const matrix = at(call, 'matrix')
  return instancesOf(matrix, outer, line).map(({ given, scope, suffix }) => {
    const named = expand(textOf(at(call, 'name')) ?? '', scope).text
    const name = named || (suffix ? `${definition}-${suffix}` : definition)
    const contexts = textsOf(resolve(at(call, 'context'), scope)).map((text) => expand(text, scope))
    const unresolved: Unresolved[] = contexts
      .filter(({ dynamic }) => dynamic)
      .map(({ text }) => unknown('contexts', text))
    const filters = both(readFilters(resolve(at(call, 'filters'), scope), scope), condition)
    const { branchFilter, branches, tagFilter, tags } = filters
    const external = !called && !idle.has(type)
    const job: JobFact = {
      ...bareJob,
      name,
      line,
      workflow,
      kind: type === 'approval' ? 'approval' : external ? 'call' : 'job',
      definition,
      contexts: unique(contexts.filter(({ dynamic }) => !dynamic).map(({ text }) => text)),
      branchFilter,
      branches: [...branches],
      tagFilter,
      tags: [...tags],
      manual: type === 'approval',
      // Every job of CircleCI's gets CIRCLE_OIDC_TOKEN_V2.
      idToken: !idle.has(type),
      forkPath: forkPathOf(filters),
      unresolved: [...unresolved, ...filters.unresolved],
    }
    const more = called && !idle.has(type) ? body(called, call, given, scope, root) : undefined
    // What a value names may be a group too, whose jobs bring contexts of their own.
    const group = isDynamic(definition) && at(root.tree, 'job-groups') ? ['contexts'] : []
    const outside = [...(external ? [`orb job ${definition}`] : []), ...instead].flatMap((text) =>
      ['image', 'runner', 'steps', ...group].map((fact) => unknown(fact, text)),
    )
    for (const image of more?.images ?? []) found.images.push({ ...image, workflow, job: name })
    return {
      job: {
        ...job,
        ...(more && {
          runnerClass: more.runnerClass,
          selfHosted: more.selfHosted,
          steps: [...more.names],
          remoteShell: more.remoteShell,
        }),
        unresolved: [...job.unresolved, ...outside, ...(more?.unresolved ?? [])],
      },
      needs: needsOf(at(call, 'requires'), scope),
      called: definition,
      aliases: matrix ? [textOf(at(matrix, 'alias')) ?? definition] : [],
    }
  })
}

function body(
  called: NonNullable<ReturnType<typeof lookUp>>,
  call: Tree | undefined,
  given: ReadonlyMap<string, Entry>,
  scope: Scope,
  root: Namespace,
) {
  const inner = scopeFor(called.tree, new Map([...entriesOf(call), ...given]), scope)
  const extra = [...itemsOf(at(call, 'pre-steps')), ...itemsOf(at(call, 'post-steps'))]
  const environment = readEnvironment(called, inner, root)
  const steps = readSteps(called, extra, inner, root)
  return { ...environment, ...steps, unresolved: [...environment.unresolved, ...steps.unresolved] }
}

/** A fork's branch is `pull/<number>`: a literal filter keeps it out. Otherwise a project setting decides. */
function forkPathOf({ branchFilter, branches }: Filters): ForkPath {
  if (branchFilter === 'none') return 'none'
  if (branchFilter === 'literal' && branches.every((name) => !name.startsWith('pull/')))
    return 'none'
  return 'unknown'
}

function needsOf(requires: Tree | undefined, scope: Scope): Need[] {
  return itemsOf(resolve(requires, scope)).flatMap((one) => {
    const said = textOf(one)
    if (said !== undefined) return [{ name: expand(said, scope).text, success: true }]
    // `- build: failed` and `- build: [success, failed]`.
    return [...entriesOf(one)].map(([name, { value }]) => ({
      name: expand(name, scope).text,
      success: succeeded(value),
    }))
  })
}

/** No status is not told to be success. */
function succeeded(value: Tree): boolean {
  const statuses = textsOf(value)
  return statuses.length > 0 && statuses.every((status) => status === 'success')
}

/** A matrix is waited for by its alias: that stands for every one of its jobs. */
function withAliases(
  jobs: readonly (Unlinked & { readonly aliases: readonly string[] })[],
): Unlinked[] {
  const behind = new Map<string, string[]>()
  for (const { job, aliases } of jobs) {
    for (const alias of aliases) behind.set(alias, [...(behind.get(alias) ?? []), job.name])
  }
  const names = new Set(jobs.map(({ job }) => job.name))
  return jobs.map(({ job, needs }) => ({
    job,
    needs: needs.flatMap((need) =>
      names.has(need.name)
        ? [need]
        : (behind.get(need.name) ?? [need.name]).map((name) => ({ name, success: need.success })),
    ),
  }))
}
