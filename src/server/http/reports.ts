import type { FastifyInstance } from 'fastify'
import type { Logger } from 'pino'
import { Counter, type Registry } from 'prom-client'
import type { Limits } from './limits.ts'

/** Longest report that is read (C8). */
const mostBytes = 8 * 1024

interface Reported {
  readonly body?: { readonly effectiveDirective?: unknown } | null
  readonly 'csp-report'?: { readonly 'effective-directive'?: unknown } | null
}

/** Which directive was violated; never the report itself, which holds addresses and samples of the page. */
function directivesOf(body: unknown): string[] {
  if (!(body instanceof Buffer)) return []
  try {
    const given: unknown = JSON.parse(body.toString())
    return (Array.isArray(given) ? given : [given]).flatMap((report: unknown) => {
      // As the Reporting API tells it, or as `report-uri` does (CSP 3 §5.3).
      const { body: told, 'csp-report': older } = (report ?? {}) as Reported
      const directive: unknown = told?.effectiveDirective ?? older?.['effective-directive']
      return typeof directive === 'string' && /^[a-z-]{1,40}$/.test(directive) ? [directive] : []
    })
  } catch {
    return []
  }
}

/** Where browsers report violations of the page's Content-Security-Policy: counted, told to the log, never stored. */
export function serveReports(
  app: FastifyInstance,
  { registry, limits, log }: { registry: Registry; limits: Limits; log: Logger },
): void {
  const counter = new Counter({
    name: 'sallyport_csp_reports_total',
    help: 'Violations of the Content-Security-Policy that browsers reported, by directive',
    labelNames: ['directive'],
    registers: [registry],
  })
  void app.register(async (inner) => {
    inner.removeAllContentTypeParsers()
    inner.addContentTypeParser(
      ['application/reports+json', 'application/csp-report'],
      { parseAs: 'buffer', bodyLimit: mostBytes },
      (_request, body, done) => done(null, body),
    )
    const config = { open: 'browsers report without credentials; only counted' }
    inner.post('/api/v1/csp-reports', { bodyLimit: mostBytes, config }, (request, reply) => {
      if (limits.take('stranger', `csp ${request.ip}`) === 0) {
        for (const directive of directivesOf(request.body)) {
          counter.inc({ directive })
          log.warn({ directive }, 'a browser reported a violation of the content security policy')
        }
      }
      return reply.code(204).send()
    })
  })
}
