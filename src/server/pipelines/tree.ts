/** What a config says, with the line of every part; aliases are resolved, so that parts may be shared. */
export type Tree = Mapping | Sequence | Scalar

export interface Scalar {
  readonly kind: 'scalar'
  readonly line: number
  /** As it was written: `1.10` stays `1.10`, and `on` is a word. */
  readonly text: string
  readonly value: string | number | boolean | null
  readonly size: 1
}
export interface Entry {
  readonly line: number
  readonly value: Tree
}
export interface Mapping {
  readonly kind: 'map'
  readonly line: number
  readonly entries: ReadonlyMap<string, Entry>
  readonly size: number
}
interface Sequence {
  readonly kind: 'seq'
  readonly line: number
  readonly items: readonly Tree[]
  readonly size: number
  /** A tag of the CI system's own. */
  readonly tag?: string
}

const none: ReadonlyMap<string, Entry> = new Map()

/** The entries of a mapping; none of anything else. */
export const entriesOf = (tree: Tree | undefined): ReadonlyMap<string, Entry> =>
  tree?.kind === 'map' ? tree.entries : none

export const at = (tree: Tree | undefined, ...path: readonly string[]): Tree | undefined =>
  path.reduce<Tree | undefined>((found, name) => entriesOf(found).get(name)?.value, tree)

/** It is written, and says nothing: `null`, `~`, or no value. */
export const isNothing = (tree: Tree | undefined): boolean =>
  tree?.kind === 'scalar' && tree.value === null

/** A scalar's text; nothing of null and of collections. */
export const textOf = (tree: Tree | undefined): string | undefined =>
  tree?.kind === 'scalar' && tree.value !== null ? tree.text : undefined

/** A list, or one value standing for a list of one. */
export function itemsOf(tree: Tree | undefined): readonly Tree[] {
  if (!tree || (tree.kind === 'scalar' && tree.value === null)) return []
  return tree.kind === 'seq' ? tree.items : [tree]
}

/** The texts of a list or of one value; nothing of what is no scalar. */
export const textsOf = (tree: Tree | undefined): string[] =>
  itemsOf(tree).flatMap((item) => textOf(item) ?? [])

export const isTrue = (tree: Tree | undefined): boolean =>
  tree?.kind === 'scalar' && (tree.value === true || /^(true|yes|on)$/i.test(tree.text))

/** Every scalar below, each with its line. Bounded: the tree was counted when it was built. */
export function scalarsOf(tree: Tree | undefined): Scalar[] {
  const found: Scalar[] = []
  const walk = (one: Tree) => {
    if (one.kind === 'scalar') found.push(one)
    else if (one.kind === 'seq') one.items.forEach(walk)
    else for (const { value } of one.entries.values()) walk(value)
  }
  if (tree) walk(tree)
  return found
}
