import { z } from 'zod'
import { operations } from './index.ts'
import type { Method } from './operation.ts'

/** How a search param is read: a flag, an id, a moment, one of a few words, a text by its length or a whole number by its size. */
type ParamKind =
  | 'flag'
  | 'id'
  | 'moment'
  | readonly string[]
  | { readonly text: readonly [least: number, most: number] }
  | { readonly whole: readonly [least: number, most: number] }

/** What a caller must know of an operation to send it: no schema, so the browser needs none. */
export interface CallShape {
  readonly method: Method
  readonly path: string
  readonly query: Readonly<Record<string, ParamKind>>
  readonly body: boolean
  /** May be kept while the person confirms on another page, and finished after: nothing of it is or answers a secret. */
  readonly kept?: true
}

interface Json {
  readonly type?: string
  readonly format?: string
  readonly pattern?: string
  readonly enum?: readonly string[]
  readonly const?: string
  readonly anyOf?: readonly Json[]
  readonly minLength?: number
  readonly maxLength?: number
  readonly minimum?: number
  readonly maximum?: number
}

const formats: Readonly<Record<string, ParamKind>> = { uuid: 'id', 'date-time': 'moment' }

/** Every word that a schema of words admits, also as a choice of several such schemas. */
function wordsOf(schema: Json): readonly string[] | undefined {
  if (schema.enum) return schema.enum
  if (schema.const !== undefined) return [schema.const]
  const parts = schema.anyOf?.map(wordsOf)
  return parts?.every((part) => part !== undefined) ? parts.flat() : undefined
}

function kindOf(schema: Json, name: string): ParamKind {
  if (schema.anyOf?.some(({ type }) => type === 'boolean')) return 'flag'
  const words = wordsOf(schema)
  if (words) return words
  const { type, format = '', pattern, minimum, maximum, minLength, maxLength } = schema
  const known = formats[format]
  if (known) return known
  if (type === 'integer' && minimum !== undefined && maximum !== undefined) {
    return { whole: [minimum, maximum] }
  }
  if (type === 'string' && pattern === undefined && maxLength !== undefined) {
    return { text: [minLength ?? 0, maxLength] }
  }
  throw new Error(`${name} is declared in a way that cannot be read from a URL: say it plainer`)
}

/** The shapes of all calls, derived from the contract while the console is built. */
export function callShapes(): Record<string, CallShape> {
  return Object.fromEntries(
    operations().map(({ id, spec }) => {
      const query = Object.entries(spec.query?.shape ?? {}).map(([name, field]) => {
        const schema = z.toJSONSchema(field as z.ZodType, { io: 'input', unrepresentable: 'any' })
        return [name, kindOf(schema as Json, `${id} ${name}`)] as const
      })
      const { method, path, body } = spec
      const kept = spec.stepUp && !spec.secretInput && !spec.revealsOnce && !spec.media
      const shape = { method, path, query: Object.fromEntries(query), body: body !== undefined }
      return [id, { ...shape, ...(kept && { kept }) }]
    }),
  )
}
