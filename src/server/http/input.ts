import { z } from 'zod'
import type { OperationSpec } from '../../contract/operation.ts'
import { nothingHere, problem } from './problem.ts'

/** Deepest nesting of a JSON body. */
const deepest = 32

/** A body that is one text: UTF-8, or the 400 that says so. */
export function parseText(bytes: Buffer): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes)
  } catch {
    throw problem('bad_request', 'The body is not UTF-8.')
  }
}

/** Parses a JSON body: UTF-8, at most 32 levels deep, an object; throws the 400 that says where it went wrong. */
export function parseJson(bytes: Buffer): unknown {
  let text: string
  try {
    text = new TextDecoder('utf-8', { fatal: true }).decode(bytes)
  } catch {
    throw problem('invalid_json', 'The body is not UTF-8.')
  }
  if (nesting(text) > deepest) {
    throw problem('invalid_json', `The body is nested deeper than ${deepest} levels.`)
  }
  try {
    return JSON.parse(text)
  } catch (error) {
    // The parser's own words quote the body, which may hold a secret: only the place is told (P31).
    const at = /position \d+/.exec((error as Error).message)?.[0]
    throw problem('invalid_json', `The body is not JSON${at ? ` from ${at} on` : ''}.`)
  }
}

/** The depth of brackets outside strings, without building anything. */
function nesting(text: string): number {
  let depth = 0
  let most = 0
  let quoted = false
  for (let at = 0; at < text.length; at++) {
    const char = text.charCodeAt(at)
    if (quoted) {
      if (char === 0x5c) at++
      else if (char === 0x22) quoted = false
    } else if (char === 0x22) quoted = true
    else if (char === 0x7b || char === 0x5b) most = Math.max(most, ++depth)
    else if (char === 0x7d || char === 0x5d) depth--
  }
  return most
}

export interface RawInput {
  readonly params: Readonly<Record<string, string>>
  readonly query: Readonly<Record<string, unknown>>
  readonly body: unknown
}

const pathIds = new Map<string, z.ZodObject>()

/** The schema of a path's ids where the operation names none of its own: every `:name` is a UUID. */
function paramsOf(spec: OperationSpec): z.ZodObject {
  if (spec.params) return spec.params
  let schema = pathIds.get(spec.path)
  if (!schema) {
    const names = [...spec.path.matchAll(/:(\w+)/g)].map(([, name = '']) => [name, z.uuid()])
    schema = z.strictObject(Object.fromEntries(names) as Record<string, z.ZodUUID>)
    pathIds.set(spec.path, schema)
  }
  return schema
}

const nothing = z.strictObject({})

const isId = (issue: z.core.$ZodIssue): boolean =>
  issue.code === 'invalid_format' && issue.format === 'uuid'

/**
 * Path, query and body, parsed and laid flat; throws one 400 with every faulty field. An id of no UUID's shape is a 404, and
 * so is a name that nothing can have, except where it is to be given: then it is said what it must be.
 */
export function parseInput(spec: OperationSpec, raw: RawInput): Record<string, unknown> {
  const params = paramsOf(spec).safeParse(raw.params)
  const names = params.error?.issues ?? []
  if (!params.success && (spec.method !== 'PUT' || names.some(isId))) throw nothingHere()
  const query = (spec.query ?? nothing).safeParse(raw.query)
  const body = spec.body ? spec.body.safeParse(raw.body ?? {}) : nothing.safeParse(raw.body ?? {})
  const faults = [
    ...names.map((issue) => ({ issue, of: raw.params as unknown })),
    ...(query.error?.issues ?? []).map((issue) => ({ issue, of: raw.query as unknown })),
    ...(body.error?.issues ?? []).map((issue) => ({ issue, of: raw.body })),
  ]
  if (faults.length > 0) {
    const fields = faults.slice(0, 50).flatMap(({ issue, of }) => fieldsOf(issue, of))
    const first = fields[0]
    throw problem(
      'invalid_input',
      first ? `${first.path ? `\`${first.path}\` ` : ''}${first.message}.` : 'The input is wrong.',
      { fields },
    )
  }
  return { ...query.data, ...body.data, ...params.data }
}

const isThere = (value: unknown, path: readonly PropertyKey[]): boolean =>
  path.reduce(
    (within, key) =>
      typeof within === 'object' && within !== null && Object.hasOwn(within, key)
        ? (within as Record<PropertyKey, unknown>)[key]
        : undefined,
    value,
  ) !== undefined

function fieldsOf(issue: z.core.$ZodIssue, of: unknown): { path: string; message: string }[] {
  const path = issue.path.map(String)
  if (issue.code === 'unrecognized_keys') {
    return issue.keys.map((key) => ({
      path: [...path, key].join('.'),
      message: 'is not a known field',
    }))
  }
  // What Zod says of a field that is missing and of one of another type differs in nothing but its words.
  if (issue.code === 'invalid_type' && issue.expected !== 'undefined' && !isThere(of, issue.path)) {
    return [{ path: path.join('.'), message: 'is missing' }]
  }
  return [{ path: path.join('.'), message: sentence(issue) }]
}

/** What Zod says of a union that says nothing itself. */
const unworded = 'Invalid input'

const oneOf = (values: readonly unknown[]) => `must be one of ${values.map(String).join(', ')}`

/** Zod's message in the product's words: what the field must be. */
function sentence(issue: z.core.$ZodIssue): string {
  switch (issue.code) {
    case 'invalid_type':
      // What must not be given says why in its own words.
      if (issue.expected === 'undefined') return issue.message
      return issue.expected === 'int'
        ? 'must be a whole number'
        : `must be of type ${issue.expected}`
    case 'too_big':
      return issue.origin === 'string'
        ? `must be at most ${issue.maximum} characters long`
        : `must be at most ${issue.maximum}`
    case 'too_small':
      if (issue.origin === 'string') {
        return issue.minimum === 1
          ? 'must not be empty'
          : `must be at least ${issue.minimum} characters long`
      }
      return `must be at least ${issue.minimum}`
    case 'invalid_value':
      return oneOf(issue.values)
    case 'invalid_format':
      // A pattern says in its own words what it is of.
      return issue.format === 'regex' ? issue.message : `must be a valid ${issue.format}`
    case 'invalid_union': {
      if ('options' in issue && issue.options) return oneOf(issue.options)
      // Said in words of its own, or of several forms the one that was meant: the others have another type from the start.
      if (issue.message !== unworded) return issue.message
      const meant = issue.errors.flat().find(({ code }) => code !== 'invalid_type')
      return meant ? sentence(meant) : 'has none of the forms that are known'
    }
    default:
      return issue.message
  }
}
