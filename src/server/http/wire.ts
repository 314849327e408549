import { STATUS_CODES } from 'node:http'
import type { Socket } from 'node:net'
import type { FastifyError, FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { newId } from '../db/new-id.ts'
import { apiHeaders } from './headers.ts'
import { nothingHere, problem, type ProblemError } from './problem.ts'
import { problemOf } from './refusal.ts'

/** How long a client may take, and how often that is looked at (C8); Node looks only every 30 s by itself. */
export interface Timeouts {
  readonly headersMs: number
  readonly requestMs: number
  readonly checkMs: number
  /** How long an answer goes on before it is asked anew whether its reader still may: below the 30 s of P41. */
  readonly standingMs: number
}
export const timeouts: Timeouts = {
  headersMs: 10_000,
  requestMs: 30_000,
  checkMs: 1_000,
  standingMs: 25_000,
}

/** Largest head of a request, and most fields in it (C8). */
export const headLimits = { bytes: 16 * 1024, fields: 100 }

/** What is no request at all, or comes too slowly, is told so and its connection closed: nothing more is read from it. */
function answerBroken(publicUrl: string) {
  return (error: Error & { code?: string }, socket: Socket): void => {
    if (error.code === 'ECONNRESET' || !socket.writable) {
      socket.destroy()
      return
    }
    const id = newId()
    const { status, headers, body = '' } = problemOf(brokenBy(error.code), id)
    const all = {
      ...apiHeaders(publicUrl),
      ...headers,
      'x-request-id': id,
      'content-length': String(Buffer.byteLength(body)),
      connection: 'close',
    }
    const lines = Object.entries(all).map(([name, value]) => `${name}: ${value}`)
    socket.end(
      [`HTTP/1.1 ${status} ${STATUS_CODES[status]}`, ...lines, '', body].join('\r\n'),
      // Whoever goes on sending would be read for as long as they like.
      () => socket.destroySoon(),
    )
  }
}

/** Longest part of a path, in characters: the longest name that a path takes. */
const longestPart = 300

/** An address that leads nowhere before any route is found: in the product's one shape, with the headers of all answers. */
function answerMisled(publicUrl: string) {
  return (error: FastifyError, request: FastifyRequest, reply: FastifyReply): void => {
    const told =
      error.code === 'FST_ERR_MAX_PARAM_LENGTH'
        ? nothingHere()
        : problem('bad_request', 'The address is not well-formed.')
    const { status, headers, body = '' } = problemOf(told, request.id)
    const all = { ...apiHeaders(publicUrl), ...headers, 'x-request-id': request.id }
    void reply.code(status).headers(all).send(body)
  }
}

/** How what reaches no route is answered; and which addresses reach none. */
export const unrouted = (publicUrl: string) => ({
  clientErrorHandler: answerBroken(publicUrl),
  frameworkErrors: answerMisled(publicUrl),
  routerOptions: { maxParamLength: longestPart },
})

function brokenBy(code: string | undefined): ProblemError {
  if (code === 'ERR_HTTP_REQUEST_TIMEOUT') {
    return problem('request_timeout', 'The request came too slowly. Send it again.')
  }
  if (code === 'HPE_HEADER_OVERFLOW') return tooManyHeaders()
  return problem('bad_request', 'The request is not well-formed HTTP.')
}

const tooManyHeaders = () =>
  problem(
    'headers_too_large',
    `The head of a request has at most ${headLimits.fields} fields in ${headLimits.bytes / 1024} KiB.`,
  )

/** What is wrong with a request before its body is read. */
function faultOf({ raw, headers, method }: FastifyRequest): ProblemError | undefined {
  if (raw.rawHeaders.length / 2 > headLimits.fields) return tooManyHeaders()
  const encoding = headers['content-encoding']
  // Never inflated, so that a few bytes cannot become gigabytes.
  if (encoding !== undefined && encoding !== 'identity') {
    return problem('unsupported_media_type', 'Send the body as it is, without Content-Encoding.')
  }
  const hasBody =
    headers['transfer-encoding'] !== undefined || Number(headers['content-length'] ?? 0) > 0
  if (hasBody && ['GET', 'HEAD', 'OPTIONS'].includes(method)) {
    // RFC 9110 §9.3.1: such a body means nothing, and serves to smuggle a second request past a proxy.
    return problem('bad_request', 'A request that reads has no body.')
  }
  return undefined
}

/** Refuses what nobody should read on: its connection is closed with the answer. */
export function guardWire(app: FastifyInstance): void {
  // Beyond a limit of its own Node drops fields without a word, perhaps the second DPoP among them.
  app.server.maxHeadersCount = 0
  app.addHook('onRequest', async (request, reply) => {
    const fault = faultOf(request)
    if (!fault) return
    const { status, headers, body } = problemOf(fault, request.id)
    await closing(reply).code(status).headers(headers).send(body)
  })
}

const closing = (reply: FastifyReply) => reply.header('connection', 'close')
