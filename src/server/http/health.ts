import { createHash, timingSafeEqual } from 'node:crypto'
import type { FastifyInstance } from 'fastify'
import { collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client'
import { behindSeconds, type BacklogWatch } from '../ledger/backlog.ts'

const local = new Set(['127.0.0.1', '::1', '::ffff:127.0.0.1'])
/** What a proxy adds; one on this machine would make everybody look as if they were here. */
const forwarding = ['x-forwarded-for', 'forwarded', 'x-real-ip', 'via']

const same = (given: string, wanted: string) =>
  timingSafeEqual(
    createHash('sha256').update(given).digest(),
    createHash('sha256').update(wanted).digest(),
  )

/** `/healthz`: the process lives. `/readyz`: it can do its work. `/metrics`: counts, to this machine or whoever has the scrape token. */
export function serveHealth(
  app: FastifyInstance,
  {
    backlog,
    closing,
    metricsToken,
  }: { backlog: BacklogWatch; closing: () => boolean; metricsToken?: string },
): { registry: Registry } {
  const registry = new Registry()
  collectDefaultMetrics({ register: registry })
  const duration = new Histogram({
    name: 'sallyport_request_duration_seconds',
    help: 'Time to answer, by operation and status class',
    labelNames: ['operation', 'status'],
    buckets: [0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5],
    registers: [registry],
  })
  const pending = new Gauge({
    name: 'sallyport_audit_pending_events',
    help: 'Events that wait for their place in the signed record',
    registers: [registry],
    async collect() {
      // Without its database the process still says how it fares.
      const found = await backlog.measure().catch(() => undefined)
      pending.set(found?.pending ?? Number.NaN)
    },
  })
  const oldest = new Gauge({
    name: 'sallyport_audit_oldest_pending_seconds',
    help: `How long the oldest of them has waited: alert above ${behindSeconds}; above 60 no change is taken`,
    registers: [registry],
    async collect() {
      oldest.set((await backlog.measure()).oldestSeconds)
    },
  })
  app.addHook('onResponse', async (request, reply) => {
    const { operation } = request.routeOptions.config
    if (!operation) return
    const status = `${Math.floor(reply.statusCode / 100)}xx`
    duration.observe({ operation, status }, reply.elapsedTime / 1000)
  })
  const open = { config: { open: 'says whether the server works, and nothing else' } }
  const scraped = { config: { open: 'answers this machine, or who has the scrape token' } }
  app.get('/healthz', open, () => ({ status: 'ok' }))
  app.get('/readyz', open, async (_request, reply) => {
    const waiting = closing() ? undefined : await backlog.measure().catch(() => undefined)
    if (!waiting) return reply.code(503).send({ status: 'not ready' })
    // Reads are answered also while the sealer is behind: no reason to take the server out.
    const sealer = waiting.oldestSeconds > behindSeconds ? 'behind' : 'in step'
    return reply.send({ status: 'ready', sealer })
  })
  app.get('/metrics', scraped, async (request, reply) => {
    const { authorization } = request.headers
    const permitted = metricsToken
      ? same(authorization ?? '', `Bearer ${metricsToken}`)
      : local.has(request.socket.remoteAddress ?? '') &&
        !forwarding.some((name) => name in request.headers)
    if (!permitted) return reply.callNotFound()
    return reply.type(registry.contentType).send(await registry.metrics())
  })
  return { registry }
}
