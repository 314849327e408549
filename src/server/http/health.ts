import type { FastifyInstance } from 'fastify'
import { sql } from 'kysely'
import { collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client'
import type { Db } from '../db/connect.ts'

const local = new Set(['127.0.0.1', '::1', '::ffff:127.0.0.1'])

/** `/healthz`: the process lives. `/readyz`: it can do its work. `/metrics`: counts, to this machine or whoever has the scrape token. */
export function serveHealth(
  app: FastifyInstance,
  { db, closing, metricsToken }: { db: Db; closing: () => boolean; metricsToken?: string },
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
      const { rows } = await sql<{ n: number }>`select count(*) as n from audit_queue`.execute(db)
      pending.set(rows[0]?.n ?? 0)
    },
  })
  app.addHook('onResponse', async (request, reply) => {
    const { operation } = request.routeOptions.config
    if (!operation) return
    const status = `${Math.floor(reply.statusCode / 100)}xx`
    duration.observe({ operation, status }, reply.elapsedTime / 1000)
  })
  app.get('/healthz', () => ({ status: 'ok' }))
  app.get('/readyz', async (_request, reply) => {
    const ready =
      !closing() &&
      (await sql`select 1`.execute(db).then(
        () => true,
        () => false,
      ))
    return reply.code(ready ? 200 : 503).send({ status: ready ? 'ready' : 'not ready' })
  })
  app.get('/metrics', async (request, reply) => {
    const { authorization } = request.headers
    const permitted = metricsToken
      ? authorization === `Bearer ${metricsToken}`
      : local.has(request.socket.remoteAddress ?? '')
    if (!permitted) return reply.callNotFound()
    return reply.type(registry.contentType).send(await registry.metrics())
  })
  return { registry }
}
