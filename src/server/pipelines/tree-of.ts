import {
  isAlias,
  isMap,
  isScalar,
  isSeq,
  type Node as YamlNode,
  type Pair,
  type YAMLMap,
} from 'yaml'
import { configLimits, ConfigRefused } from './refused.ts'
import type { Entry, Mapping, Scalar, Tree } from './tree.ts'

type LineAt = (offset: number) => number

/**
 * What a mapping does with a key that it has already: it is refused, and what is written stands before what is merged; or,
 * as in Ruby, which reads GitLab's files, whatever comes later wins, were it a merge.
 */
export type Again = 'refused' | 'replaces'

/**
 * From the parser's tree to ours: anchors are resolved as they stand where the alias is (a later anchor of the same
 * name replaces an earlier one), merge keys are merged, keys are checked for being written twice, and every node is
 * counted as often as it is reached, so that aliases of aliases cannot grow without bound.
 */
export function treeOf(root: YamlNode | null, lineAt: LineAt, again: Again = 'refused'): Tree {
  const anchors = new Map<string, Tree | 'open'>()
  let nodes = 0

  const lineOf = (node: YamlNode | null | undefined, otherwise: number) =>
    node?.range ? lineAt(node.range[0]) : otherwise

  const count = (size: number, line: number) => {
    nodes += size
    if (nodes <= configLimits.nodes) return
    throw new ConfigRefused(
      `The config has more than ${configLimits.nodes} parts when its aliases are expanded.`,
      line,
    )
  }

  const keyOf = (pair: Pair, line: number): string => {
    if (pair.key === null || pair.key === undefined) return ''
    if (isScalar(pair.key)) {
      if (pair.key.anchor) anchors.set(pair.key.anchor, scalarOf(pair.key, line))
      return textOfScalar(pair.key)
    }
    if (isAlias(pair.key)) {
      const named = anchors.get(pair.key.source)
      if (named && named !== 'open' && named.kind === 'scalar') return named.text
    }
    throw new ConfigRefused('A key must be one word or text, not a list or a mapping.', line)
  }

  const merged = (value: Tree, line: number): Mapping[] => {
    const from = value.kind === 'seq' ? value.items : [value]
    return from.map((one) => {
      if (one.kind === 'map') return one
      throw new ConfigRefused('The merge key << takes a mapping, or a list of mappings.', line)
    })
  }

  const mapping = (node: YAMLMap, line: number): Mapping => {
    const entries = new Map<string, Entry>()
    const inherited: Mapping[] = []
    let size = 1
    const inherit = (from: readonly Mapping[], kept: ReadonlySet<string>) => {
      const taken = new Set(kept)
      for (const one of from) {
        for (const [key, entry] of one.entries) {
          if (taken.has(key)) continue
          taken.add(key)
          entries.set(key, entry)
          size += entry.value.size
          count(entry.value.size, line)
        }
      }
    }
    for (const pair of node.items) {
      const at = lineOf(pair.key as YamlNode | null, line)
      const value = convert(pair.value as YamlNode | null, at)
      size += value.size
      if (isMergeKey(pair.key)) {
        if (again === 'replaces') inherit(merged(value, at), new Set())
        else inherited.push(...merged(value, at))
        continue
      }
      const key = keyOf(pair, at)
      if (again === 'refused' && entries.has(key)) {
        throw new ConfigRefused(`The key \`${key.slice(0, 80)}\` stands here a second time.`, at)
      }
      entries.set(key, { line: at, value })
    }
    inherit(inherited, new Set(entries.keys()))
    return { kind: 'map', line, entries, size }
  }

  const convert = (node: YamlNode | null, otherwise: number): Tree => {
    const line = lineOf(node, otherwise)
    if (isAlias(node)) {
      const named = anchors.get(node.source)
      const name = node.source.slice(0, 80)
      if (!named) throw new ConfigRefused(`No anchor &${name} stands before this alias.`, line)
      if (named === 'open') throw new ConfigRefused(`The anchor &${name} contains itself.`, line)
      count(named.size, line)
      return named
    }
    count(1, line)
    const anchor = node && 'anchor' in node ? node.anchor : undefined
    if (anchor) anchors.set(anchor, 'open')
    const made = collectionOf(node, line)
    if (anchor) anchors.set(anchor, made)
    return made
  }

  const collectionOf = (node: YamlNode | null, line: number): Tree => {
    if (isMap(node)) return mapping(node, line)
    if (isSeq(node)) {
      const items = node.items.map((item) => convert(item as YamlNode | null, line))
      const size = items.reduce((sum, item) => sum + item.size, 1)
      return {
        kind: 'seq',
        line,
        items,
        size,
        ...(node.tag?.startsWith('!r') && { tag: node.tag }),
      }
    }
    return scalarOf(node, line)
  }

  return convert(root, 1)
}

/** `<<`, also with its tag written out, as tools that write YAML anew leave it: `!!merge <<`. */
const isMergeKey = (key: unknown) =>
  isScalar(key) && key.type === 'PLAIN' && textOfScalar(key) === '<<'

type AnyScalar = {
  readonly source?: string | undefined
  readonly type?: string
  readonly value: unknown
}

function textOfScalar({ type, source, value }: AnyScalar): string {
  // Before its value, which of a tagged merge key is a symbol.
  if (type === 'PLAIN' && source !== undefined) return source
  return typeof value === 'string' ? value : `${(value as number | boolean | null) ?? ''}`
}

function scalarOf(node: YamlNode | null, line: number): Scalar {
  if (!isScalar(node)) return { kind: 'scalar', line, text: '', value: null, size: 1 }
  const { value } = node
  const typed =
    typeof value === 'boolean' || typeof value === 'number' || value === null
      ? value
      : textOfScalar(node)
  return { kind: 'scalar', line, text: textOfScalar(node), value: typed, size: 1 }
}
