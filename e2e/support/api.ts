import { signInHeadless } from '../../src/server/dev/idp/headless.ts'
import type { Server } from './server.ts'
import type { Persona } from './test.ts'

type Json = Record<string, unknown>
/** One call of the API as somebody signed in; throws what was refused. */
export type Api = (
  method: string,
  path: string,
  body?: unknown,
  headers?: Record<string, string>,
) => Promise<Json>

/** Signs in by plain HTTP, as `npm run token` does, and calls with a proof of its own each time. */
export async function apiAs({ url }: Server, persona: Persona, userAgent = 'e2e'): Promise<Api> {
  const idp = new URL(url)
  idp.port = String(Number(idp.port) + 1)
  const session = await signInHeadless({
    issuer: idp.origin,
    clientId: 'sallyport-console',
    redirectUri: `${url}/auth/callback`,
    persona,
  })
  const call: Api = async (method, path, body, headers = {}) => {
    const target = `${url}/api/v1${path}`
    const answer = await fetch(target, {
      method,
      headers: {
        ...(await session.headers(method, target)),
        'user-agent': userAgent,
        ...(body !== undefined && { 'content-type': 'application/json' }),
        ...headers,
      },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    })
    const text = await answer.text()
    if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${text}`)
    return text ? (JSON.parse(text) as Json) : {}
  }
  await call('POST', '/sessions')
  return call
}
