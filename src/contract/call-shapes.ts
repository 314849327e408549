import { z } from 'zod'
import { operations } from './index.ts'
import type { Method } from './operation.ts'

/** How a search param is read: as text, a number, a flag, or one of a few words. */
export type ParamKind = 'text' | 'number' | 'flag' | readonly string[]

/** What a caller must know of an operation to send it: no schema, so the browser needs none. */
export interface CallShape {
  readonly method: Method
  readonly path: string
  readonly query: Readonly<Record<string, ParamKind>>
  readonly body: boolean
}

type Json = { [key: string]: unknown }

const jsonOf = (schema: z.ZodType, io: 'input' | 'output') =>
  z.toJSONSchema(schema, { io, unrepresentable: 'any' }) as Json

/** Every word that a schema of words admits, also as a choice of several such schemas. */
function wordsOf(schema: Json): readonly string[] | undefined {
  if (Array.isArray(schema['enum'])) return schema['enum'] as string[]
  if (typeof schema['const'] === 'string') return [schema['const']]
  if (!Array.isArray(schema['anyOf'])) return undefined
  const parts = (schema['anyOf'] as Json[]).map(wordsOf)
  return parts.every((part) => part !== undefined) ? parts.flat() : undefined
}

function kindOf(field: z.ZodType): ParamKind {
  const given = jsonOf(field, 'input')
  if (((given['anyOf'] as Json[] | undefined) ?? []).some(({ type }) => type === 'boolean'))
    return 'flag'
  const { type } = jsonOf(field, 'output')
  if (type === 'integer' || type === 'number') return 'number'
  return wordsOf(given) ?? 'text'
}

/** The shapes of all calls, derived from the contract while the console is built. */
export function callShapes(): Record<string, CallShape> {
  return Object.fromEntries(
    operations().map(({ id, spec }) => {
      const query = Object.entries(spec.query?.shape ?? {}).map(
        ([name, field]) => [name, kindOf(field as z.ZodType)] as const,
      )
      const { method, path, body } = spec
      return [id, { method, path, query: Object.fromEntries(query), body: body !== undefined }]
    }),
  )
}
