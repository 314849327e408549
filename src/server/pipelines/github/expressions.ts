import { unique } from '../facts-of.ts'
import { at, itemsOf, textOf, type Tree } from '../tree.ts'

/** More values than this are not followed. */
const most = 256

/** The values that a matrix key can have, from the lists and from `include`; nothing when an expression makes it. */
function matrixValues(matrix: Tree | undefined, path: readonly string[]): string[] | undefined {
  if (matrix?.kind !== 'map') return undefined
  const [key = '', ...inner] = path
  const listed = at(matrix, key)
  const include = at(matrix, 'include')
  // `${{ fromJSON(…) }}` in place of a list.
  if (listed?.kind === 'scalar' || include?.kind === 'scalar') return undefined
  const values = [
    ...itemsOf(listed).map((one) => textOf(at(one, ...inner))),
    ...itemsOf(include).flatMap((one) => (at(one, key) ? [textOf(at(one, key, ...inner))] : [])),
  ]
  const known = values.filter((value) => value !== undefined)
  return known.length > 0 && known.length === values.length ? unique(known) : undefined
}

/**
 * Every text that this one can become, as far as a static matrix says; an expression that stays is left as it is
 * written. Combinations that the matrix excludes are among them: more than can be, never less.
 */
export function expandMatrix(text: string, matrix: Tree | undefined): string[] {
  let made = [text]
  for (const { whole, inside } of expressionsOf(text)) {
    const [root, ...path] = inside.split('.')
    if (root !== 'matrix') continue
    const values = matrixValues(matrix, path)
    if (!values || values.length * made.length > most) continue
    made = made.flatMap((known) => values.map((value) => known.replaceAll(whole, () => value)))
  }
  return unique(made)
}

/** The expressions of a text, in order. Scans, and never goes back. */
export function expressionsOf(text: string): { whole: string; inside: string }[] {
  const found: { whole: string; inside: string }[] = []
  for (let from = 0; ;) {
    const open = text.indexOf('${{', from)
    const close = open === -1 ? -1 : text.indexOf('}}', open)
    if (close === -1) return found
    found.push({ whole: text.slice(open, close + 2), inside: text.slice(open + 3, close).trim() })
    from = close + 2
  }
}

/** Secrets named in a text; `*` for all of them at once. The run's own token is not counted. */
export function secretsIn(text: string): string[] {
  if (!/secrets/i.test(text)) return []
  const named = [...text.matchAll(/\bsecrets\.([A-Za-z_]\w{0,99})/gi)].map(([, name = '']) => name)
  const all = /\btoJSON\(\s{0,9}secrets\s{0,9}\)|\bsecrets\[|\bsecrets\.\*/i.test(text)
  return unique([
    ...named.filter((name) => name.toUpperCase() !== 'GITHUB_TOKEN'),
    ...(all ? ['*'] : []),
  ])
}

/**
 * What an `if` says, clause by clause, where all must hold; nothing where it is more than that. An expression with any text
 * beside it, were it the end of a line, is a text that is not empty: such a condition always holds.
 */
export function clausesOf(condition: string | undefined): readonly string[] {
  if (condition === undefined) return []
  const [only] = expressionsOf(condition)
  if (only && only.whole !== condition) return []
  return conjuncts(only ? only.inside : condition.trim())
}

/**
 * The parts between `&&`, as far as they are in no parentheses and no text: what is may be compared with anything. None where
 * there is an alternative beside them.
 */
function conjuncts(text: string): string[] {
  const found: string[] = []
  let depth = 0
  let quoted = false
  let from = 0
  for (let at = 0; at < text.length; at++) {
    const sign = text[at]
    if (sign === "'") quoted = !quoted
    else if (quoted) continue
    else if (sign === '(' || sign === '[') depth++
    else if (sign === ')' || sign === ']') depth--
    else if (depth === 0 && sign === '|') return []
    else if (depth === 0 && sign === '&' && text[at + 1] === '&') {
      found.push(text.slice(from, at).trim())
      from = at + 2
    }
  }
  return [...found, text.slice(from).trim()]
}

/**
 * `left == 'right'` → right, for the left side that is asked, where the clause is no more than that. Neither side's case is
 * of account to GitHub when it compares them.
 */
export function equalTo(clause: string, left: string, operator = '=='): string | undefined {
  const from = clause.indexOf(operator)
  if (from === -1 || clause.slice(0, from).trim().toLowerCase() !== left) return undefined
  const [, text] = /^'([^']*)'$/.exec(clause.slice(from + operator.length).trim()) ?? []
  return text
}
