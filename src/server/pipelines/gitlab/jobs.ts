import { unknown } from '../facts-of.ts'
import type { Unresolved } from '../../../contract/pipeline-facts.ts'
import {
  at,
  entriesOf,
  itemsOf,
  textOf,
  textsOf,
  type Entry,
  type Mapping,
  type Tree,
} from '../tree.ts'

/** Keys of the file itself; every other key is a job, or a template when it begins with a dot. */
const reserved = new Set([
  'stages',
  'variables',
  'default',
  'include',
  'workflow',
  'image',
  'services',
  'cache',
  'before_script',
  'after_script',
  'spec',
  'types',
])
/** GitLab follows `extends` eleven levels. */
const deepest = 11

export interface GitLabJob {
  readonly name: string
  readonly line: number
  /** With everything that it extends. */
  readonly tree: Mapping
  readonly unresolved: readonly Unresolved[]
}

export interface GitLabFile {
  readonly root: Tree
  readonly jobs: readonly GitLabJob[]
  readonly includes: boolean
}

export function readFile(root: Tree): GitLabFile {
  const includes = at(root, 'include') !== undefined
  const jobs = [...entriesOf(root)]
    .filter(
      ([name, { value }]) => !reserved.has(name) && !name.startsWith('.') && value.kind === 'map',
    )
    .map(([name, { line, value }]) => {
      const { tree, missing } = extended(root, value, 0)
      const runs = ['script', 'trigger', 'run'].some((key) => tree.entries.has(key))
      const outside = missing.map((one) => `extends ${one}`)
      if (!runs && outside.length === 0) outside.push('what an included file says of this job')
      const facts = ['image', 'runner', 'branches', 'environments', 'requires', 'steps', 'secrets']
      const unresolved = outside.flatMap((text) => facts.map((fact) => unknown(fact, text)))
      return { name, line, tree, unresolved }
    })
  return { root, jobs, includes }
}

/** `extends`, deepest first: mappings are merged, everything else is replaced. */
function extended(root: Tree, job: Tree, depth: number): { tree: Mapping; missing: string[] } {
  const own: Mapping =
    job.kind === 'map' ? job : { kind: 'map', line: job.line, entries: new Map(), size: 1 }
  const names = textsOf(at(job, 'extends'))
  const missing: string[] = []
  let merged: Mapping | undefined
  for (const name of names) {
    const parent = at(root, name)
    if (!parent || depth >= deepest) {
      missing.push(name)
      continue
    }
    const above = extended(root, parent, depth + 1)
    missing.push(...above.missing)
    merged = merged ? merge(merged, above.tree) : above.tree
  }
  return { tree: merged ? merge(merged, own) : own, missing }
}

function merge(under: Mapping, over: Mapping): Mapping {
  const entries = new Map<string, Entry>(under.entries)
  for (const [key, { line, value }] of over.entries) {
    const before = entries.get(key)?.value
    const both = before?.kind === 'map' && value.kind === 'map'
    entries.set(key, { line, value: both ? merge(before, value) : value })
  }
  return { kind: 'map', line: over.line, entries, size: under.size + over.size }
}

/** A value, or what its `!reference [job, key]` points at; nothing where that is in another file. */
function dereference(root: Tree, tree: Tree | undefined): Tree | undefined {
  let found = tree
  for (let hops = 0; found?.kind === 'seq' && found.tag && hops < deepest; hops++) {
    found = at(root, ...textsOf(found))
  }
  return found
}

/** A list whose members may be references to lists. */
export function listed(root: Tree, tree: Tree | undefined): Tree[] {
  const whole = dereference(root, tree)
  return itemsOf(whole).flatMap((item) => {
    if (item.kind !== 'seq') return [item]
    const found = item.tag ? dereference(root, item) : item
    return found ? itemsOf(found) : [item]
  })
}

/** What the job says, else what `default` says, unless it inherits nothing. */
export function inherited({ root }: GitLabFile, job: Tree, key: string): Tree | undefined {
  const own = at(job, key)
  if (own) return dereference(root, own)
  const inherit = at(job, 'inherit', 'default')
  const admitted =
    inherit === undefined ||
    (inherit.kind === 'seq' ? textsOf(inherit).includes(key) : textOf(inherit) !== 'false')
  if (!admitted) return undefined
  return dereference(root, at(root, 'default', key) ?? at(root, key))
}
