import { configLimits, ConfigRefused } from '../refused.ts'
import { at, entriesOf, itemsOf, textOf, type Entry, type Tree } from '../tree.ts'
import { resolve, type Scope } from './template.ts'

export interface Instance {
  /** The arguments of this one, beside those that all share. */
  readonly given: ReadonlyMap<string, Entry>
  /** What `<< matrix.x >>` says in it. */
  readonly scope: Scope
  readonly suffix: string
}

/** What is excluded is named in full: part of a combination excludes none. */
const same = (one: ReadonlyMap<string, Entry>, other: ReadonlyMap<string, Entry>): boolean =>
  one.size === other.size &&
  [...one].every(([name, { value }]) => equal(value, other.get(name)?.value))

function equal(one: Tree, other: Tree | undefined): boolean {
  if (one.kind === 'map') return other?.kind === 'map' && same(one.entries, other.entries)
  if (one.kind === 'scalar') return other?.kind === 'scalar' && one.text === other.text
  return (
    other?.kind === 'seq' &&
    one.items.length === other.items.length &&
    one.items.every((item, index) => equal(item, other.items[index]))
  )
}

/** Every combination of a matrix but those excluded; one instance where there is none. */
export function instancesOf(matrix: Tree | undefined, outer: Scope, line: number): Instance[] {
  let combinations: Map<string, Entry>[] = [new Map()]
  for (const [name, { line: at, value }] of entriesOf(entriesOf(matrix).get('parameters')?.value)) {
    const values = itemsOf(resolve(value, outer))
    if (combinations.length * values.length > configLimits.facts) {
      throw new ConfigRefused('The matrix has too many combinations.', line)
    }
    combinations = combinations.flatMap((known) =>
      values.map((one) => new Map([...known, [name, { line: at, value: one }]])),
    )
  }
  const excluded = itemsOf(at(matrix, 'exclude')).map((one) => entriesOf(one))
  return combinations
    .filter((known) => !excluded.some((exclude) => same(exclude, known)))
    .map((given) => ({
      given,
      scope: new Map([
        ...outer,
        ...[...given].map(([name, { value }]) => [`matrix.${name}`, value] as const),
      ]),
      suffix: [...given.values()].map(({ value }) => textOf(value) ?? '').join('-'),
    }))
}
