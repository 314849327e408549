/** A statement by its text and its values: what is sent again and again is prepared once a connection, by its text. */
export interface Statement {
  readonly sql: string
  readonly parameters: readonly unknown[]
  /** Carried out once for any number of rows: see `each`. */
  readonly rows?: true
  /** What is carried out instead for one row alone: see `eachOr`. */
  readonly one?: Statement
}

const texts = new WeakMap<TemplateStringsArray, string>()
const names = new Map<string, string>()

/**
 * A statement of the hot path, written like `sql` and with every value a parameter; nothing is built or planned when it
 * is sent again. It goes to the database as it stands here: name columns in its own spelling.
 */
export function statement(parts: TemplateStringsArray, ...parameters: unknown[]): Statement {
  const known = texts.get(parts)
  if (known !== undefined) return { sql: known, parameters }
  const sql = parts.reduce((text, part, at) => `${text}$${at}${part}`)
  texts.set(parts, sql)
  return { sql, parameters }
}

/**
 * One row of a statement that is carried out for as many as there are at once: every value is this row's, and its place
 * in the text is the array of all of them, as in `unnest(${id}::uuid[])`. What is asked so answers with `nth`: whose
 * answer it is, counted from 1 (`with ordinality`). No value is itself an array.
 */
export const each = (parts: TemplateStringsArray, ...parameters: unknown[]): Statement => ({
  ...statement(parts, ...parameters),
  rows: true,
})

/** The same, with what does it for one row alone: a text without arrays, whose plan costs less. */
export const eachOr = (rows: Statement, one: Statement): Statement => ({ ...rows, one })

/** As the driver takes it, for all rows of the same text. The few texts that come here are fixed, so that their names are few. */
export function prepared(
  first: Statement,
  ...others: readonly Statement[]
): { name: string; text: string; values: unknown[] } {
  if (first.one && others.length === 0) return prepared(first.one)
  const { sql, parameters, rows } = first
  const name = names.get(sql) ?? `prepared-${names.size}`
  names.set(sql, name)
  const values = rows
    ? parameters.map((value, at) => [value, ...others.map((other) => other.parameters[at])])
    : [...parameters]
  return { name, text: sql, values }
}

/** What is said together: all rows of one text, where the first of them stood; whatever else, each by itself. */
export function together<T>(said: readonly T[], of: (one: T) => Statement): [T, ...T[]][] {
  const groups = new Map<unknown, [T, ...T[]]>()
  for (const one of said) {
    const { rows, sql } = of(one)
    const key = rows ? sql : one
    const known = groups.get(key)
    if (known) known.push(one)
    else groups.set(key, [one])
  }
  return [...groups.values()]
}
