import type { ImageFact, JobFact, Unresolved } from '../../../contract/pipeline-facts.ts'
import { bareJob, beginsWith, opensShell, unique, unknown, type Found } from '../facts-of.ts'
import { imageParts, isDynamic } from '../references.ts'
import { at, entriesOf, itemsOf, scalarsOf, textOf, textsOf, type Tree } from '../tree.ts'
import { checkoutOf } from './checkouts.ts'
import { expandMatrix, secretsIn } from './expressions.ts'
import { conditionOf, reachOf, type Trigger } from './triggers.ts'
import { usesOf } from './uses.ts'

export interface WorkflowPart {
  readonly name: string
  readonly triggers: readonly Trigger[]
  readonly permissions: Tree | undefined
  /** What every job is given. */
  readonly env: Tree | undefined
  readonly defaultBranch: string | undefined
}

/** GitHub's own labels, as it publishes them, small or large; what only looks like one may be a machine of ours. */
const hosted =
  /^(?:ubuntu-(?:latest|slim|\d\d\.04)(?:-arm)?|windows-(?:latest|\d{4}|\d{4}-vs\d{4}|11-arm)|macos-(?:latest|\d\d)(?:-(?:large|xlarge|intel))?)$/i

export function readJob(
  name: string,
  { line, value }: { readonly line: number; readonly value: Tree },
  workflow: WorkflowPart,
  found: Found,
): JobFact {
  const matrix = at(value, 'strategy', 'matrix')
  const unresolved: Unresolved[] = []
  const { filters, forkPath, triggers } = reachOf(
    workflow.triggers,
    conditionOf(value),
    workflow.defaultBranch,
  )
  const reusable = textOf(at(value, 'uses'))
  const place = { line, workflow: workflow.name, job: name }
  const permissions = permissionsOf(at(value, 'permissions') ?? workflow.permissions)
  if (!permissions) unresolved.push(unknown('permissions', 'the repository’s default'))
  const environments = environmentsOf(at(value, 'environment'), matrix, unresolved)
  const secrets = unique([...secretsBelow(workflow.env), ...secretsOf(value)])
  const { branchFilter, branches, tagFilter, tags } = filters
  const job: JobFact = {
    ...bareJob,
    name,
    line,
    workflow: workflow.name,
    environments,
    secrets,
    branchFilter,
    branches: [...branches],
    tagFilter,
    tags: [...tags],
    permissions: permissions ?? [],
    idToken: (permissions ?? []).some((one) => one === 'id-token: write' || one === '*: write'),
    forkPath,
    unresolved: [...unresolved, ...filters.unresolved],
  }
  if (reusable !== undefined) {
    found.refs.push(
      usesOf(reusable, { kind: 'workflow', ...place, line: at(value, 'uses')?.line ?? line }),
    )
    const outside = ['image', 'runner', 'steps', 'environments'].map((fact) =>
      unknown(fact, `workflow ${reusable}`),
    )
    return {
      ...job,
      kind: 'call',
      definition: reusable,
      unresolved: [...job.unresolved, ...outside],
    }
  }
  const runner = runnerOf(at(value, 'runs-on'), matrix)
  const steps = itemsOf(at(value, 'steps'))
  readImages(value, matrix, place, found)
  readUses(steps, place, found)
  const texts = steps.flatMap((step) => scalarsOf(step).map(({ text }) => text))
  const checkout = checkoutOf(value, workflow.env, triggers)
  const commands = steps.flatMap((step) => expandMatrix(textOf(at(step, 'run')) ?? '', matrix))
  const strange = commands.filter((text) => beginsWith(ownPaths(text), '${{'))
  return {
    ...job,
    ...runner,
    steps: unique(steps.flatMap(nameOfStep)).slice(0, 300),
    remoteShell: [...texts, ...commands].some(opensShell),
    checksOutFork: checkout.checksOutFork,
    unresolved: [
      ...job.unresolved,
      ...runner.unresolved,
      ...checkout.unresolved,
      ...strange.map((text) => unknown('steps', text)),
    ],
  }
}

/** Folders of the run itself, in which a command lies that is written out. */
const ownPaths = (text: string) =>
  text.replaceAll(
    /\$\{\{\s*(?:github\.(?:workspace|action_path)|runner\.(?:temp|tool_cache))\s*\}\}/g,
    '.',
  )

function nameOfStep(step: Tree): string[] {
  const uses = textOf(at(step, 'uses'))
  const named = textOf(at(step, 'name')) ?? textOf(at(step, 'run'))?.trim().split('\n')[0]
  return [uses, named].flatMap((text) => (text ? [text.slice(0, 120)] : []))
}

function secretsOf(job: Tree): string[] {
  const given = at(job, 'secrets')
  if (textOf(given) === 'inherit') return ['*']
  return secretsBelow(job)
}

const secretsBelow = (tree: Tree | undefined) =>
  scalarsOf(tree).flatMap(({ text }) => secretsIn(text))

/** `read-all`, `write-all`, `{}` or one by one; nothing where the repository's setting decides. */
export function permissionsOf(tree: Tree | undefined): string[] | undefined {
  if (!tree || (tree.kind === 'scalar' && tree.value === null)) return undefined
  const said = textOf(tree)
  if (said === 'read-all') return ['*: read']
  if (said === 'write-all') return ['*: write']
  return [...entriesOf(tree)].map(([name, { value }]) => `${name}: ${textOf(value) ?? 'none'}`)
}

function environmentsOf(
  tree: Tree | undefined,
  matrix: Tree | undefined,
  unresolved: Unresolved[],
) {
  const name = textOf(tree) ?? textOf(at(tree, 'name'))
  if (name === undefined) return []
  return expandMatrix(name, matrix).flatMap((text) => {
    // Their case is of no account to GitHub, and of some to a rule that names one: it is known by both.
    if (!isDynamic(text)) return unique([text, text.toLowerCase()])
    const prefix = text.slice(0, text.indexOf('$'))
    // `review/${{ … }}` is somewhere below review, whatever the rest says.
    if (prefix.endsWith('/')) return [`${prefix}*`]
    unresolved.push(unknown('environments', text))
    return []
  })
}

function runnerOf(tree: Tree | undefined, matrix: Tree | undefined) {
  const group = textOf(at(tree, 'group'))
  const labels = textsOf(tree?.kind === 'map' ? at(tree, 'labels') : tree)
  const expanded = unique(labels.flatMap((label) => expandMatrix(label, matrix)))
  const dynamic = [...expanded, group ?? ''].filter(isDynamic)
  const unresolved = dynamic.flatMap((text) =>
    ['runner', 'selfHosted'].map((fact) => unknown(fact, text)),
  )
  const own = group !== undefined || expanded.some((label) => /^self-hosted$/i.test(label))
  // A label of one's own may name a larger runner of GitHub's, or a machine of ours.
  const strange = expanded.find((label) => !hosted.test(label) && !isDynamic(label))
  if (!own && strange !== undefined) unresolved.push(unknown('selfHosted', strange))
  if (labels.length === 0 && !group) unresolved.push(unknown('runner', 'no runs-on'))
  return {
    runnerClass: group ? `group:${group}` : expanded.join(',') || 'default',
    runnerLabels: expanded,
    selfHosted: own || strange !== undefined || dynamic.length > 0,
    unresolved,
  }
}

function readImages(
  job: Tree,
  matrix: Tree | undefined,
  { line, workflow, job: name }: { line: number; workflow: string; job: string },
  found: Found,
) {
  const add = (tree: Tree | undefined, use: ImageFact['use']) => {
    const node = tree?.kind === 'map' ? at(tree, 'image') : tree
    const image = textOf(node)
    if (!image) return
    for (const text of expandMatrix(image, matrix)) {
      found.images.push({ ...imageParts(text), line: node?.line ?? line, use, workflow, job: name })
    }
  }
  add(at(job, 'container'), 'job')
  const services = at(job, 'services')
  // An expression in the place of all of them is one of which nothing is known.
  if (services?.kind === 'scalar') add(services, 'service')
  for (const { value } of entriesOf(services).values()) add(value, 'service')
}

function readUses(
  steps: readonly Tree[],
  place: { line: number; workflow: string; job: string },
  found: Found,
) {
  for (const step of steps) {
    const uses = at(step, 'uses')
    const raw = textOf(uses)
    if (raw === undefined) continue
    const { workflow, job } = place
    const line = uses?.line ?? place.line
    if (raw.startsWith('docker://')) {
      found.images.push({ ...imageParts(raw.slice(9)), line, use: 'step', workflow, job })
    } else found.refs.push(usesOf(raw, { kind: 'action', line, workflow, job }))
  }
}
