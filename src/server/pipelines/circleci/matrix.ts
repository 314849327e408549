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
    .filter(
      (known) =>
        !excluded.some(
          (exclude) =>
            exclude.size > 0 &&
            [...exclude].every(
              ([name, { value }]) => textOf(value) === textOf(known.get(name)?.value),
            ),
        ),
    )
    .map((given) => ({
      given,
      scope: new Map([
        ...outer,
        ...[...given].map(([name, { value }]) => [`matrix.${name}`, value] as const),
      ]),
      suffix: [...given.values()].map(({ value }) => textOf(value) ?? '').join('-'),
    }))
}
