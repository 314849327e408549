import { z } from 'zod'
import { operations } from './index.ts'
import type { OperationSpec } from './operation.ts'
import { Nothing } from './page.ts'
import { Problem } from './problem.ts'

type Json = { [key: string]: unknown }

const schemaOf = (schema: z.ZodType, io: 'input' | 'output'): Json => {
  const { $schema: _, ...rest } = z.toJSONSchema(schema, { io, unrepresentable: 'any' }) as Json
  return rest
}

const parameters = (spec: OperationSpec): Json[] => {
  const named = [...spec.path.matchAll(/:(\w+)/g)].map(([, name = '']) => ({
    name,
    in: 'path',
    required: true,
    schema: spec.params
      ? schemaOf(spec.params.shape[name] as z.ZodType, 'input')
      : { type: 'string', format: 'uuid' },
  }))
  const query = spec.query ? schemaOf(spec.query, 'input') : undefined
  const required = new Set((query?.['required'] as string[] | undefined) ?? [])
  const asked = Object.entries((query?.['properties'] as Json | undefined) ?? {}).map(
    ([name, schema]) => ({ name, in: 'query', required: required.has(name), schema }),
  )
  const headers = [
    ...(spec.ifMatch
      ? [{ name: 'If-Match', in: 'header', required: true, schema: { type: 'string' } }]
      : []),
    ...(spec.method === 'POST' && !spec.readOnly
      ? [{ name: 'Idempotency-Key', in: 'header', required: false, schema: { type: 'string' } }]
      : []),
  ]
  return [...named, ...asked, ...headers]
}

const versioned = ({ returns }: OperationSpec) =>
  returns instanceof z.ZodObject && 'version' in returns.shape

const success = (id: string, spec: OperationSpec): Json => {
  if (spec.returns === Nothing) return { 204: { description: 'Done' } }
  const status = id.endsWith('.create') ? 201 : 200
  const media = spec.stream ? 'text/event-stream' : (spec.media ?? 'application/json')
  return {
    [status]: {
      description: spec.summary,
      ...(versioned(spec) && {
        headers: {
          ETag: { description: 'The version, for `If-Match`', schema: { type: 'string' } },
        },
      }),
      content: { [media]: { schema: schemaOf(spec.returns, 'output') } },
    },
  }
}

const describe = (id: string, noun: string, spec: OperationSpec): Json => ({
  operationId: id,
  tags: [noun],
  summary: spec.summary,
  description: [
    spec.may.includes(':') ? `Needs the permission \`${spec.may}\`.` : `Open to: ${spec.may}.`,
    spec.orWorkload ? 'Or send the OIDC token of a CI job, for the project that it is of.' : '',
    spec.stepUp ? 'Needs an authentication no older than five minutes (RFC 9470).' : '',
  ]
    .filter(Boolean)
    .join(' '),
  parameters: parameters(spec),
  ...(spec.body && {
    requestBody: {
      required: true,
      content: {
        'application/json': { schema: schemaOf(spec.body, 'input') },
        ...(spec.text && { 'text/yaml': { schema: { type: 'string' } } }),
      },
    },
  }),
  ...(spec.may === 'public' && { security: [] }),
  responses: {
    ...success(id, spec),
    default: {
      description: 'A problem (RFC 9457)',
      content: { 'application/problem+json': { schema: { $ref: '#/components/schemas/Problem' } } },
    },
  },
})

/** The OpenAPI 3.1 document, derived from the contract. */
export function openapi(): Json {
  const paths: { [path: string]: Json } = {}
  for (const { id, noun, spec } of operations()) {
    const path = `/api/v1${spec.path.replaceAll(/:(\w+)/g, '{$1}')}`
    paths[path] = { ...paths[path], [spec.method.toLowerCase()]: describe(id, noun, spec) }
  }
  return {
    openapi: '3.1.0',
    info: {
      title: 'Sallyport API',
      version: '1',
      description:
        'The API that the console itself uses. Errors are RFC 9457 problems with a stable `code`.',
    },
    servers: [{ url: '/' }],
    security: [{ token: [] }],
    paths,
    components: {
      schemas: { Problem: schemaOf(Problem, 'output') },
      securitySchemes: {
        token: {
          type: 'http',
          scheme: 'bearer',
          description:
            'An API token, or an access token of the identity provider (`DPoP` scheme where bound).',
        },
      },
    },
  }
}
