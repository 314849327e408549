import type { RefFilter, Unresolved } from '../../contract/pipeline-facts.ts'
import { unique } from './facts-of.ts'

/** Which branches and tags something runs for. */
export interface Filters {
  readonly branchFilter: RefFilter
  readonly branches: readonly string[]
  readonly tagFilter: RefFilter
  readonly tags: readonly string[]
  readonly unresolved: readonly Unresolved[]
}

type Half = readonly [RefFilter, readonly string[]]

/** Either may admit a run: what is admitted by both together. */
function widened(halves: readonly Half[]): Half {
  const kinds = new Set(halves.map(([kind]) => kind))
  const names = unique(halves.flatMap(([, each]) => each))
  for (const kind of ['any', 'dynamic'] as const) if (kinds.has(kind)) return [kind, []]
  for (const kind of ['pattern', 'literal'] as const) if (kinds.has(kind)) return [kind, names]
  return ['none', []]
}

export function either(all: readonly Filters[]): Filters {
  const [branchFilter, branches] = widened(all.map((one) => [one.branchFilter, one.branches]))
  const [tagFilter, tags] = widened(all.map((one) => [one.tagFilter, one.tags]))
  const unresolved = all.flatMap((one) => one.unresolved)
  return { branchFilter, branches, tagFilter, tags, unresolved }
}

function narrowed([kind, names]: Half, [other, others]: Half): Half {
  if (kind === 'none' || other === 'none') return ['none', []]
  if (kind === 'any') return [other, others]
  if (other === 'any') return [kind, names]
  if (kind === 'literal' && other === 'literal') {
    const shared = names.filter((name) => others.includes(name))
    return shared.length > 0 ? ['literal', shared] : ['none', []]
  }
  if (kind === 'literal') return [kind, names]
  if (other === 'literal') return [other, others]
  return kind === 'dynamic' ? [other, others] : [kind, names]
}

/** Both must admit a run: the narrower of the two is what is known. */
export function both(one: Filters, other: Filters | undefined): Filters {
  if (!other) return one
  const [branchFilter, branches] = narrowed(
    [one.branchFilter, one.branches],
    [other.branchFilter, other.branches],
  )
  const [tagFilter, tags] = narrowed([one.tagFilter, one.tags], [other.tagFilter, other.tags])
  const dynamic = { branches: branchFilter === 'dynamic', tags: tagFilter === 'dynamic' }
  const unresolved = [...one.unresolved, ...other.unresolved].filter(
    ({ fact }) => (fact !== 'branches' || dynamic.branches) && (fact !== 'tags' || dynamic.tags),
  )
  return { branchFilter, branches, tagFilter, tags, unresolved }
}

export const isPattern = (text: string) =>
  text.startsWith('/') && text.endsWith('/') && text.length > 1

/** Splits a condition at a word that stands outside of strings and of regular expressions, where `\\/` ends none. */
export function splitOutside(text: string, word: string): string[] {
  const parts: string[] = []
  let from = 0
  let open = ''
  for (let index = 0; index < text.length; index += 1) {
    const sign = text[index] ?? ''
    if (open !== '') {
      if (sign === open && !(open === '/' && text[index - 1] === '\\')) open = ''
    } else if (sign === '"' || sign === "'" || sign === '/') open = sign
    else if (text.startsWith(word, index)) {
      parts.push(text.slice(from, index))
      from = index + word.length
      index = from - 1
    }
  }
  return [...parts, text.slice(from)]
}
