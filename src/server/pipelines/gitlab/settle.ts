import { configLimits, ConfigRefused } from '../refused.ts'
import { itemsOf, textsOf, type Entry, type Tree } from '../tree.ts'

/** GitLab follows references inside of references ten times. */
const deepest = 10

/** What `!reference [job, key]` points at; nothing where that is in another file. */
export type Pointed = (path: readonly string[]) => Tree | undefined

/**
 * Puts in the place of every `!reference` what it points at. What it points at in another file is lost: `lost` is told of
 * it, and nothing stands in its place. Counts what it makes, so that references to references cannot grow without bound.
 */
export function settler(pointed: Pointed) {
  let made = 0
  const count = (line: number) => {
    made += 1
    if (made <= configLimits.referenced) return
    throw new ConfigRefused(
      `The config has more than ${configLimits.referenced} parts when its references are followed.`,
      line,
    )
  }

  return function settle(tree: Tree, lost: (text: string) => void, hops = deepest): Tree {
    if (hops < deepest) count(tree.line)
    if (tree.kind === 'scalar') return tree
    if (tree.kind === 'map') {
      const entries = new Map<string, Entry>()
      for (const [key, { line, value }] of tree.entries) {
        entries.set(key, { line, value: settle(value, lost, hops) })
      }
      return { ...tree, entries }
    }
    const { tag, ...list } = tree
    if (!tag) return { ...list, items: list.items.map((item) => settle(item, lost, hops)) }
    const path = textsOf(tree)
    const found = hops > 0 ? pointed(path) : undefined
    if (found) return settle(found, lost, hops - 1)
    lost(`reference ${path.join(' ')}`)
    return { kind: 'scalar', line: tree.line, text: '', value: null, size: 1 }
  }
}

/** A list whose members may be lists themselves, in one. */
export const flat = (tree: Tree | undefined): Tree[] =>
  itemsOf(tree).flatMap((item) => (item.kind === 'seq' ? flat(item) : [item]))

export const flatTexts = (tree: Tree | undefined): string[] => flat(tree).flatMap(textsOf)
