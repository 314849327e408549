/**
 * The language of the audit trail's query box: `actor:ada action:context.* outcome:denied "deploy prod"`. Different
 * fields narrow, the same field again widens; a word without a field is looked for in names.
 */
export const auditFields = [
  'actor',
  'action',
  'noun',
  'outcome',
  'kind',
  'resource',
  'project',
  'context',
  'session',
  'ip',
  'request',
] as const
export type AuditField = (typeof auditFields)[number] | 'name'

export interface AuditTerm {
  readonly field: AuditField
  readonly value: string
  /** `context.*`: everything that begins so. */
  readonly prefix: boolean
}

export type AuditQuery =
  | { readonly terms: readonly AuditTerm[] }
  | { readonly error: string; readonly at: number }

const token = /\s*(?:([a-z]+):)?(?:"([^"]*)"|([^\s"]+))/y

/** Reads a query; an unknown field or an open quote is told with its position. */
export function parseAuditQuery(text: string): AuditQuery {
  const terms: AuditTerm[] = []
  const end = text.trimEnd().length
  for (let at = 0; at < end;) {
    token.lastIndex = at
    const match = token.exec(text)
    if (!match) return { error: 'A quote or a value is missing here.', at }
    const [whole, field, quoted, bare = ''] = match
    if (field !== undefined && !(auditFields as readonly string[]).includes(field)) {
      return { error: `There is no field “${field}”; there are ${auditFields.join(', ')}.`, at }
    }
    const value = quoted ?? bare
    const prefix = quoted === undefined && value.endsWith('*')
    const term = {
      field: (field ?? 'name') as AuditField,
      value: prefix ? value.slice(0, -1) : value,
      prefix,
    }
    if (term.value !== '' || !prefix) terms.push(term)
    at += whole.length
  }
  if (terms.length > 20) return { error: 'A query has at most 20 terms.', at: 0 }
  return { terms }
}

/** Writes a term as it is typed. */
export function writeAuditTerm(field: string, value: string): string {
  return /[\s"*]/.test(value) ? `${field}:"${value.replaceAll('"', '')}"` : `${field}:${value}`
}

/** Adds a term to a query, or takes it away when it is there. */
export function toggleAuditTerm(query: string, field: string, value: string): string {
  const term = writeAuditTerm(field, value)
  const words: string[] = query.match(/(?:[a-z]+:)?(?:"[^"]*"|[^\s"]+)/g) ?? []
  return (words.includes(term) ? words.filter((word) => word !== term) : [...words, term]).join(' ')
}
