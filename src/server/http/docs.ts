import type { FastifyInstance } from 'fastify'
import { openapi } from '../../contract/openapi.ts'

type Json = { [key: string]: unknown }

const escapes: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' }
const text = (value: unknown) => String(value).replace(/[&<>"]/g, (char) => escapes[char] ?? char)

const style = `:root{color-scheme:light dark;font:15px/1.5 Inter,system-ui,sans-serif}body{max-width:960px;margin:32px auto;padding:0 16px}
h1{font-size:24px}h2{margin-top:40px;font-size:18px;text-transform:capitalize}details{border:1px solid #8885;border-radius:6px;margin:8px 0;padding:8px 12px}
summary{cursor:pointer}code,pre{font:13px/1.5 'JetBrains Mono',ui-monospace,monospace}pre{overflow:auto;background:#8881;padding:12px;border-radius:6px}.m{display:inline-block;min-width:64px;font-weight:600}`

/** The API's documentation: one static page made of the contract, without a script. */
function docsPage(document: Json): string {
  const byNoun = new Map<string, string[]>()
  for (const [path, methods] of Object.entries(document['paths'] as Record<string, Json>)) {
    for (const [method, found] of Object.entries(methods)) {
      const operation = found as Json
      const [noun = ''] = operation['tags'] as string[]
      const more = { ...operation }
      for (const shown of ['tags', 'summary', 'operationId', 'description']) delete more[shown]
      const entry = `<details id="${text(operation['operationId'])}"><summary><code><span class="m">${method.toUpperCase()}</span> ${text(path)}</code><br>${text(operation['summary'])}</summary><p><code>${text(operation['operationId'])}</code>. ${text(operation['description'])}</p><pre>${text(JSON.stringify(more, null, 2))}</pre></details>`
      byNoun.set(noun, [...(byNoun.get(noun) ?? []), entry])
    }
  }
  const body = [...byNoun].map(([noun, all]) => `<h2>${text(noun)}</h2>${all.join('')}`).join('')
  return `<!doctype html><html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1"><title>Sallyport API</title><link rel="stylesheet" href="/api/docs.css"></head><body><main><h1>Sallyport API</h1><p>Everything that the console does, it does through these operations. The same as a document: <a href="/api/v1/openapi.json">OpenAPI 3.1</a>. Errors are RFC 9457 problems with a stable <code>code</code>.</p>${body}</main></body></html>`
}

/** `/api/v1/openapi.json` and `/api/docs`: public, as they say nothing of what is stored here. */
export function serveDocs(app: FastifyInstance): void {
  /** Made when somebody asks for them: a start does not wait for what few read. */
  const made: { document?: Json; page?: string } = {}
  const document = () => (made.document ??= openapi())
  const page = () => (made.page ??= docsPage(document()))
  const policy = "default-src 'none'; style-src 'self'; frame-ancestors 'none'"
  const open = { config: { open: 'the contract, which says nothing of what is stored' } }
  app.get('/api/v1/openapi.json', open, (_request, reply) => reply.send(document()))
  app.get('/api/docs', open, (_request, reply) =>
    reply.header('content-security-policy', policy).type('text/html; charset=utf-8').send(page()),
  )
  app.get('/api/docs.css', open, (_request, reply) => reply.type('text/css').send(style))
}
