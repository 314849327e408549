import { z } from 'zod'

type Json = { readonly [key: string]: unknown }

/** Texts of which one satisfies every format that the contract asks for. */
const texts = [
  'example',
  'Example reason',
  'EXAMPLE',
  '2099-01-01T00:00:00Z',
  '192.0.2.0/24',
  '192.0.2.1',
  'ada@meridian.example',
  'https://issuer.example',
]

/** Where a UUID is wanted: the name of its field, so that a test can put an id of its choice there. */
export type IdFor = (field: string) => string

/**
 * The least that a schema takes: required members only unless `optional`, each UUID from `idFor`. Throws where no
 * sample fits, so that a new format is noticed.
 */
export function sampleInput(
  schema: z.ZodType,
  idFor: IdFor,
  { optional = false } = {},
): Record<string, unknown> {
  const json = z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' }) as Json
  return sample(json, '', idFor, optional) as Record<string, unknown>
}

function sample(schema: Json, field: string, idFor: IdFor, optional: boolean): unknown {
  if ('const' in schema) return schema['const']
  const choices = (schema['anyOf'] ?? schema['oneOf']) as Json[] | undefined
  if (choices) {
    const first = choices.find(({ type }) => type !== 'null')
    return sample(first ?? {}, field, idFor, optional)
  }
  const options = schema['enum'] as unknown[] | undefined
  if (options) return options[0]
  switch (schema['type']) {
    case 'object': {
      const properties = (schema['properties'] ?? {}) as Record<string, Json>
      const required = new Set(schema['required'] as string[] | undefined)
      return Object.fromEntries(
        Object.entries(properties)
          .filter(([name]) => optional || required.has(name))
          .map(([name, of]) => [name, sample(of, name === 'id' ? field : name, idFor, optional)]),
      )
    }
    case 'array':
      return [sample(schema['items'] as Json, field, idFor, optional)]
    case 'boolean':
      return false
    case 'integer':
    case 'number':
      return Math.max(1, Number(schema['minimum'] ?? 1))
    case 'string':
      return text(schema, field, idFor)
    default:
      return {}
  }
}

function text(schema: Json, field: string, idFor: IdFor): string {
  if (schema['format'] === 'uuid') return idFor(field)
  const patterns = [
    schema['pattern'],
    ...((schema['allOf'] ?? []) as Json[]).map((one) => one['pattern']),
  ]
  const fits = (one: string) =>
    one.length <= Number(schema['maxLength'] ?? Infinity) &&
    patterns.every((pattern) => typeof pattern !== 'string' || new RegExp(pattern, 'u').test(one))
  const found = texts.find(fits)
  if (found === undefined) throw new Error(`no sample for ${field}: ${JSON.stringify(schema)}`)
  return found
}
