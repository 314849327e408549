import { entriesOf, type Entry, type Scalar, type Tree } from '../tree.ts'

/** What `<< … >>` may name here, each with its value; `undefined`: it has one that this file does not tell. */
export type Scope = ReadonlyMap<string, Tree | undefined>

export const noScope: Scope = new Map()

export interface Expanded {
  readonly text: string
  /** An expression is left in it. */
  readonly dynamic: boolean
}

/**
 * Fills in the parameters that are known; what is not stays as it is written. A `<<` that a `<<` follows before the next
 * `>>` is the shell's. Scans, and never goes back.
 */
export function expand(text: string, scope: Scope): Expanded {
  if (!text.includes('<<')) return { text, dynamic: false }
  let made = ''
  let dynamic = false
  let from = 0
  for (;;) {
    const close = text.indexOf('>>', from)
    if (close === -1) break
    const before = text.slice(from, close)
    const open = before.lastIndexOf('<<')
    const escaped = before[open - 1] === '\\'
    const known = open !== -1 && !escaped
    const value = known ? scope.get(before.slice(open + 2).trim()) : undefined
    if (value?.kind === 'scalar') made += before.slice(0, open) + value.text
    else {
      made += text.slice(from, close + 2)
      dynamic ||= known
    }
    from = close + 2
  }
  return { text: made + text.slice(from), dynamic: dynamic || made.includes('<<') }
}

/** A value with its parameters filled in, where it is one parameter as a whole or a text. */
export function resolve(tree: Tree | undefined, scope: Scope): Tree | undefined {
  if (tree?.kind !== 'scalar' || !tree.text.includes('<<')) return tree
  const { text } = tree
  const whole = text.startsWith('<<') && text.endsWith('>>') && text.indexOf('<<', 2) === -1
  const named = whole ? scope.get(text.slice(2, -2).trim()) : undefined
  if (named) return named
  const expanded = expand(text, scope).text
  return { ...tree, text: expanded, value: expanded } satisfies Scalar
}

const ofCaller = (text: string) =>
  text.replaceAll(/<<\s*pipeline\.[\w.-]+\s*>>/g, '').includes('<<')

/** The scope inside of a job, command or executor: what it was given, else its own defaults. */
export function scopeFor(
  definition: Tree | undefined,
  given: ReadonlyMap<string, Entry>,
  outer: Scope,
): Scope {
  const scope = new Map<string, Tree | undefined>()
  for (const [name, { value }] of entriesOf(entriesOf(definition).get('parameters')?.value)) {
    const argument = given.get(name)?.value
    const usual = entriesOf(value).get('default')?.value
    const filled = resolve(argument ?? usual, outer)
    // What still holds an expression of the caller's is not known here; a pipeline's are the same everywhere.
    const known = filled && !(filled.kind === 'scalar' && ofCaller(filled.text))
    scope.set(`parameters.${name}`, known ? filled : undefined)
  }
  return scope
}
