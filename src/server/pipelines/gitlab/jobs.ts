import { unique, unknown } from '../facts-of.ts'
import type { Unresolved } from '../../../contract/pipeline-facts.ts'
import {
  at,
  entriesOf,
  isNothing,
  itemsOf,
  scalarsOf,
  textOf,
  textsOf,
  type Entry,
  type Mapping,
  type Scalar,
  type Tree,
} from '../tree.ts'
import { settler } from './settle.ts'

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
/** Those of them that mean what they mean in `default`. */
const global = new Set(['image', 'services', 'cache', 'before_script', 'after_script'])
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
  /** What `default` says, and the keys of the file itself that mean the same. */
  readonly defaults: Mapping
  readonly jobs: readonly GitLabJob[]
  readonly includes: boolean
}

/** Which facts a key decides: they are unknown when what it says is in another file. */
const decides: Readonly<Record<string, readonly string[]>> = {
  image: ['image'],
  services: ['image'],
  tags: ['runner'],
  inherit: ['image', 'runner', 'steps', 'secrets', 'permissions'],
  rules: ['branches', 'tags', 'manual'],
  only: ['branches', 'tags'],
  except: ['branches', 'tags'],
  when: ['manual', 'requires'],
  stage: ['requires'],
  needs: ['requires'],
  environment: ['environments'],
  secrets: ['secrets'],
  id_tokens: ['permissions'],
  hooks: ['steps'],
  before_script: ['steps'],
  script: ['steps'],
  after_script: ['steps'],
  run: ['steps'],
}
const all = unique(Object.values(decides).flat())
/** Of these an input's value is looked at where they are read. */
const readInParts = new Set(['image', 'services', 'tags', 'environment', 'stage'])
const scripts = new Set(['hooks', 'before_script', 'script', 'after_script', 'run'])

/** What an input gives a key that is read as it is written; of a script, a line that begins with one. */
const given = (key: string) => {
  const input = scripts.has(key) ? /^[ \t]*\$\[\[/m : /\$\[\[/
  return ({ text }: Scalar) => !readInParts.has(key) && input.test(text)
}

export function readFile(root: Tree): GitLabFile {
  const includes = at(root, 'include') !== undefined
  const extended = extender(root)
  const settle = settler(([name = '', ...path]) => {
    const named = at(root, name)
    return named?.kind === 'map' ? at(extended(named).tree, ...path) : at(named, ...path)
  })
  const whole = (tree: Tree) =>
    tree.kind === 'seq' && tree.tag ? settle(tree, () => undefined) : tree
  /** Settles key by key, so that of what is lost, or given by inputs, the facts are known that it decides. */
  const settled = (tree: Mapping, unresolved: Unresolved[]): Mapping => {
    const entries = new Map<string, Entry>()
    for (const [key, { line, value }] of tree.entries) {
      // Without a value a key is as good as not there; that a job has no rules any more, it tells of itself.
      if (isNothing(value) && key !== 'rules') continue
      const lost = (text: string) =>
        unresolved.push(...(decides[key] ?? []).map((fact) => unknown(fact, text)))
      const known = settle(value, lost)
      scalarsOf(known)
        .filter(given(key))
        .forEach(({ text }) => lost(text))
      entries.set(key, { line, value: known })
    }
    return { ...tree, entries }
  }
  const common: Unresolved[] = []
  const defaults = settled(defaultsOf(root), common)
  const jobs = [...entriesOf(root)]
    .filter(([name]) => !reserved.has(name) && !name.startsWith('.'))
    // A whole job may be a reference. To one in another file: then jobs are missing anyway.
    .map(([name, { line, value }]) => [name, line, whole(value)] as const)
    .filter(([, , value]) => value.kind === 'map')
    .map(([name, line, value]) => {
      const { tree, missing } = extended(value)
      const runs = ['script', 'trigger', 'run'].some((key) => itemsOf(at(tree, key)).length > 0)
      const outside = missing.map((one) => `extends ${one}`)
      if (!runs && outside.length === 0) outside.push('what an included file says of this job')
      const unresolved = outside.flatMap((text) => all.map((fact) => unknown(fact, text)))
      return { name, line, tree: settled(tree, unresolved), unresolved: [...unresolved, ...common] }
    })
  return { root, defaults, jobs, includes }
}

function defaultsOf(root: Tree): Mapping {
  const own = [...entriesOf(root)].filter(([key]) => global.has(key))
  const entries = new Map([...own, ...entriesOf(at(root, 'default'))])
  return { kind: 'map', line: root.line, entries, size: entries.size + 1 }
}

interface Extended {
  readonly tree: Mapping
  /** What is not in this file. */
  readonly missing: readonly string[]
}

/** `extends`, deepest first: mappings are merged, everything else is replaced. Of what many extend, once. */
function extender(root: Tree): (job: Tree) => Extended {
  const known = Array.from({ length: deepest + 1 }, () => new Map<Tree, Extended>())
  const extended = (job: Tree, depth: number): Extended => {
    const before = known[depth]?.get(job)
    if (before) return before
    const own: Mapping =
      job.kind === 'map' ? job : { kind: 'map', line: job.line, entries: new Map(), size: 1 }
    const missing = new Set<string>()
    let merged: Mapping | undefined
    for (const name of textsOf(at(job, 'extends'))) {
      const parent = at(root, name)
      if (!parent || depth >= deepest) {
        missing.add(name)
        continue
      }
      const above = extended(parent, depth + 1)
      for (const one of above.missing) missing.add(one)
      merged = merged ? merge(merged, above.tree) : above.tree
    }
    const found = { tree: merged ? merge(merged, own) : own, missing: [...missing] }
    known[depth]?.set(job, found)
    return found
  }
  return (job) => extended(job, 0)
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

/** What the job says, else what `default` says, unless it inherits nothing. */
export function inherited({ defaults }: GitLabFile, job: Tree, key: string): Tree | undefined {
  const own = at(job, key)
  if (own) return own
  const inherit = at(job, 'inherit', 'default')
  const admitted =
    inherit === undefined ||
    (inherit.kind === 'seq' ? textsOf(inherit).includes(key) : textOf(inherit) !== 'false')
  return admitted ? at(defaults, key) : undefined
}
