/** A statement by its text and its values: what is sent again and again is prepared once a connection, by its text. */
export interface Statement {
  readonly sql: string
  readonly parameters: readonly unknown[]
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

/** As the driver takes it. The few texts that come here are fixed, so that their names are few. */
export function prepared({ sql, parameters }: Statement) {
  const name = names.get(sql) ?? `prepared-${names.size}`
  names.set(sql, name)
  return { name, text: sql, values: [...parameters] }
}
