import { once } from 'node:events'
import type { ServerResponse } from 'node:http'
import { printableJson } from '../../contract/printable.ts'
import { inTransaction } from '../db/transaction.ts'
import type { Asked } from './asked.ts'
import { authenticate } from './authenticate/authenticate.ts'
import type { Credential } from './authenticate/identity.ts'
import { firstOfMinute, writeEvent } from './events.ts'
import { demandCalm, knowing } from './limits.ts'
import { makeScope, silent } from './make-scope.ts'
import { problem } from './problem.ts'
import { refuse } from './refusal.ts'
import type { StreamItem, StreamScope } from './scope.ts'
import { stand, type DoorParts, type Trail } from './standing.ts'

export type StreamHandle = (scope: StreamScope, input: never) => AsyncIterable<StreamItem<unknown>>

/** How often an idle stream shows that it lives; proxies close what is silent for a minute. */
const heartbeatMs = 15_000
/** Streams of one person on this server (C8). */
const mostPerActor = 5

/**
 * Answers with server-sent events, after the same questions as any other operation. A stream must not outlive what
 * permitted it (P41): it ends by itself before long, and its reader comes back with `Last-Event-ID` to be asked anew.
 */
export function createStreams(parts: DoorParts) {
  const open = new Map<string, number>()
  const live = new Set<AbortController>()

  const begin = async (asked: Asked, credential: Credential, trail: Trail) => {
    const readOnly = !asked.spec.audits
    return inTransaction(parts.db, { readOnly, eager: true }, async (db, transaction) => {
      const standing = await stand(parts, transaction, asked, credential, trail)
      const { actor } = standing
      if (asked.spec.audits && (await firstOfMinute(db, actor.id, asked.id))) {
        const { request, id } = asked
        writeEvent(transaction, { actor, request, action: id, outcome: 'permitted' })
      }
      return standing
    })
  }

  const serve = async (
    asked: Asked,
    handle: StreamHandle,
    response: ServerResponse,
    headers: Readonly<Record<string, string>>,
  ): Promise<void> => {
    const trail: Trail = {}
    const { request } = asked
    const controller = new AbortController()
    let counted: string | undefined
    // From the first moment: a reader who goes while it is asked who they are has gone as well.
    response.on('close', () => controller.abort())
    try {
      const credential = await knowing(
        parts.limits,
        request.ip,
        authenticate(
          { method: request.method, path: request.path, headers: asked.headers },
          parts.authenticate,
        ),
      )
      demandCalm(parts.limits, credential, request.ip, false)
      const standing = await begin(asked, credential, trail)
      const { actor } = standing
      if (controller.signal.aborted) return
      if ((open.get(actor.id) ?? 0) >= mostPerActor) {
        const sentence = `You follow ${mostPerActor} streams already. Close one first.`
        throw problem('too_many_requests', sentence, { headers: { 'retry-after': '5' } })
      }
      counted = actor.id
      open.set(counted, (open.get(counted) ?? 0) + 1)
      // The handler reads by single statements: a stream holds no transaction open.
      const scope = makeScope(parts, parts.db, asked, standing, silent)
      const [lastEventId] = asked.headers['last-event-id'] ?? []
      live.add(controller)
      response.writeHead(200, {
        ...headers,
        'content-type': 'text/event-stream',
        'x-accel-buffering': 'no',
      })
      response.write(': open\n\n')
      const beat = setInterval(() => response.write(': alive\n\n'), heartbeatMs)
      const end = setTimeout(() => controller.abort(), parts.standingMs)
      try {
        const items = handle(
          {
            ...scope,
            signal: controller.signal,
            ...(lastEventId && { lastEventId }),
          },
          standing.input as never,
        )
        for await (const { id, data } of items) {
          const answer: unknown = data && asked.spec.returns.parse(data)
          const text = `${id === undefined ? '' : `id: ${id}\n`}${answer ? `data: ${printableJson(answer)}\n` : ''}\n`
          // A reader that does not read must not fill our memory.
          if (!response.write(text)) await once(response, 'drain', { signal: controller.signal })
        }
      } finally {
        clearInterval(beat)
        clearTimeout(end)
      }
    } catch (error) {
      if (response.headersSent) return
      const refusal = await refuse(parts, asked, trail, error)
      response.writeHead(refusal.status, { ...headers, ...refusal.headers }).end(refusal.body)
    } finally {
      live.delete(controller)
      if (counted) open.set(counted, (open.get(counted) ?? 1) - 1)
      response.end()
    }
  }

  return {
    serve,
    /** Ends every stream, so that the server can close. */
    end() {
      for (const controller of live) controller.abort()
    },
  }
}
