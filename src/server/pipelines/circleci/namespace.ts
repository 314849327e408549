import type { RefFact } from '../../../contract/pipeline-facts.ts'
import { unknown } from '../facts-of.ts'
import { isDynamic, pinOf, splitOnce } from '../references.ts'
import { at, entriesOf, textOf, type Tree } from '../tree.ts'

/** What a config, or an orb written out in it, gives names to. */
export interface Namespace {
  readonly tree: Tree
  /** Orbs that are written out in this config, by the name they have here. */
  readonly inline: ReadonlyMap<string, Namespace>
}

export interface Definition {
  readonly tree: Tree
  readonly line: number
  readonly within: Namespace
}

export function namespaceOf(tree: Tree): Namespace {
  const inline = new Map<string, Namespace>()
  for (const [name, { value }] of entriesOf(at(tree, 'orbs'))) {
    if (value.kind === 'map') inline.set(name, namespaceOf(value))
  }
  return { tree, inline }
}

/** A job, command or executor by its name; nothing where it comes from an orb that is elsewhere. */
export function lookUp(
  within: Namespace,
  kind: 'jobs' | 'commands' | 'executors',
  name: string,
): Definition | undefined {
  // Compiled configs have jobs whose own names are `orb/job`.
  const entry = entriesOf(at(within.tree, kind)).get(name)
  if (entry) return { tree: entry.value, line: entry.line, within }
  const [first, rest] = splitOnce(name, '/')
  const orb = rest === undefined ? undefined : within.inline.get(first)
  return orb && rest !== undefined ? lookUp(orb, kind, rest) : undefined
}

/** Every orb that is named, also by those written out here. */
export function orbsOf(tree: Tree): RefFact[] {
  return [...entriesOf(at(tree, 'orbs'))].flatMap(([alias, { line, value }]) => {
    if (value.kind === 'map') {
      const own = orb(alias, line, { name: alias, pin: 'inline' })
      return [own].concat(orbsOf(value))
    }
    const raw = textOf(value) ?? ''
    if (/^https?:\/\//.test(raw)) {
      const host = URL.canParse(raw) ? new URL(raw).host : ''
      return [orb(raw, line, { host, name: raw, pin: 'url' })]
    }
    const [name, version = ''] = splitOnce(raw, '@')
    const owner = name.includes('/') ? (splitOnce(name, '/')[0] ?? '') : ''
    const pin = isDynamic(raw)
      ? ('dynamic' as const)
      : version.startsWith('dev:')
        ? ('dev' as const)
        : pinOf(version, 'floating')
    const unresolved = [
      ...(isDynamic(name) ? [unknown('name', raw)] : []),
      ...(isDynamic(raw) ? [unknown('version', raw)] : []),
    ]
    return [orb(raw, line, { owner, name, version, pin, unresolved })]
  })
}

const orb = (raw: string, line: number, more: Partial<RefFact>): RefFact => ({
  kind: 'orb',
  raw: raw.slice(0, 500),
  line,
  host: 'circleci.com',
  owner: '',
  name: '',
  version: '',
  pin: 'floating',
  workflow: '',
  job: '',
  unresolved: [],
  ...more,
})
