import type { IncomingMessage } from 'node:http'
import type { FastifyError, FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { operations, type OperationId } from '../../contract/index.ts'
import type { OperationSpec } from '../../contract/operation.ts'
import type { ProblemCode } from '../../contract/problem.ts'
import type { Asked, Sent } from './asked.ts'
import { createDoor, type Handle } from './door.ts'
import { createDownloads } from './download.ts'
import { apiHeaders } from './headers.ts'
import { nothingHere, problem } from './problem.ts'
import { problemOf } from './refusal.ts'
import type { DoorParts } from './standing.ts'
import { createStreams, type StreamHandle } from './stream.ts'

/** Every value of each header by itself: a second `DPoP` header must be seen as a second one. */
function distinct(raw: IncomingMessage): Record<string, string[]> {
  const found: Record<string, string[]> = {}
  const pairs = raw.rawHeaders
  for (let at = 0; at + 1 < pairs.length; at += 2) {
    const name = pairs[at]?.toLowerCase() ?? ''
    ;(found[name] ??= []).push(pairs[at + 1] ?? '')
  }
  return found
}

function askedBy(request: FastifyRequest, id: OperationId, spec: OperationSpec): Asked {
  const agent = request.headers['user-agent']
  return {
    id,
    spec,
    request: {
      id: request.id,
      ip: request.ip,
      userAgent: agent ?? '',
      method: request.method,
      path: request.raw.url ?? '/',
    },
    headers: distinct(request.raw),
    params: request.params as Record<string, string>,
    query: request.query as Record<string, unknown>,
    body: request.body instanceof Buffer ? request.body : undefined,
  }
}

const send = (reply: FastifyReply, { status, headers, body }: Sent) =>
  reply.code(status).headers(headers).send(body)

/** Handlers by their operation's id, from the features' typed objects. */
function handlersBy(
  nouns: Readonly<Record<string, object>>,
): ReadonlyMap<OperationId, Handle & StreamHandle> {
  return new Map(
    Object.entries(nouns).flatMap(([noun, verbs]) =>
      Object.entries(verbs).map(
        ([verb, handle]) =>
          [`${noun}.${verb}` as OperationId, handle as Handle & StreamHandle] as const,
      ),
    ),
  )
}

/** Bodies that are read at all; what is no JSON, by the operations that say so. `curl` calls every file a form. */
const media = [
  'application/json',
  'application/yaml',
  'application/x-yaml',
  'text/yaml',
  'text/x-yaml',
  'text/plain',
  'application/x-www-form-urlencoded',
]
/** A text of 1 MiB as a JSON string. */
const textBytes = 2.5 * 1024 * 1024

/** Fastify's own refusals in the product's one shape. */
const codes: Readonly<Record<string, readonly [ProblemCode, string]>> = {
  FST_ERR_CTP_BODY_TOO_LARGE: ['too_large', 'The body is larger than 1 MiB.'],
  FST_ERR_CTP_INVALID_MEDIA_TYPE: [
    'unsupported_media_type',
    'Send the body as application/json, or as application/x-www-form-urlencoded where a form is taken.',
  ],
  FST_ERR_CTP_INVALID_CONTENT_LENGTH: [
    'bad_request',
    'The body is not as long as its Content-Length.',
  ],
}

/** Binds every operation of the contract to its address. There is no other way in. */
export function serveOperations(
  app: FastifyInstance,
  parts: DoorParts,
  nouns: Readonly<Record<string, object>>,
): { endStreams: () => void } {
  const handlers = handlersBy(nouns)
  const downloads = createDownloads(parts)
  const door = createDoor(parts, handlers, downloads)
  const streams = createStreams(parts)
  const headers = apiHeaders(parts.config.publicUrl)
  const headersOf = (requestId: string) => ({
    ...headers,
    'x-request-id': requestId,
    'dpop-nonce': parts.authenticate.nonces.current(),
  })
  const methods = new Map<string, Set<string>>()

  app.removeAllContentTypeParsers()
  app.addContentTypeParser(media, { parseAs: 'buffer' }, (_request, body, done) => {
    done(null, body)
  })
  app.addHook('onRequest', async (request, reply) => {
    reply.headers(headersOf(request.id))
  })
  app.setErrorHandler((error: FastifyError, request, reply) => {
    const known = codes[error.code]
    if (!known && (error.statusCode ?? 500) >= 500) parts.onError(error, request.id)
    const told = known
      ? problem(...known)
      : (error.statusCode ?? 500) < 500
        ? problem('bad_request', 'The request is not well-formed.')
        : problem('internal', 'The server failed at this, and nothing was changed. Try again.')
    return send(reply, problemOf(told, request.id))
  })
  app.setNotFoundHandler((request, reply) => {
    return send(reply, problemOf(nothingHere(), request.id))
  })

  for (const { id, spec } of operations()) {
    const url = `/api/v1${spec.path}`
    const handle = handlers.get(id)
    if (!methods.has(url)) methods.set(url, new Set())
    methods.get(url)?.add(spec.method)
    app.route({
      method: spec.method,
      url,
      config: { operation: id },
      ...(spec.text && { bodyLimit: textBytes }),
      handler: async (request, reply) => {
        const asked = askedBy(request, id, spec)
        if (!spec.stream) return send(reply, await door(asked))
        reply.hijack()
        if (handle) {
          await streams.serve(asked, handle, reply.raw, headersOf(request.id))
        }
        return reply
      },
    })
  }
  for (const [url, allowed] of methods) {
    const others = (['GET', 'POST', 'PUT', 'PATCH', 'DELETE'] as const).filter(
      (method) => !allowed.has(method),
    )
    const allow = [...allowed].join(', ')
    app.route({
      method: others,
      url,
      config: { open: 'names the methods that there are' },
      handler: (request, reply) => {
        const sentence = `This address takes ${allow} only.`
        const told = problem('method_not_allowed', sentence, { headers: { allow } })
        return send(reply, problemOf(told, request.id))
      },
    })
  }
  return {
    endStreams: () => {
      streams.end()
      downloads.end()
    },
  }
}

declare module 'fastify' {
  interface FastifyContextConfig {
    /** The contract's operation that a route carries out. */
    operation?: OperationId
  }
}
