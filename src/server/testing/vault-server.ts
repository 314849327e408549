import { randomUUID } from 'node:crypto'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { createLocalJWKSet, jwtVerify, type JSONWebKeySet } from 'jose'

export interface VaultServerOptions {
  /** Whose tokens its JWT method verifies, as `bound_issuer` and `jwks_url` would say. */
  readonly issuer: string
  readonly keys: () => Promise<JSONWebKeySet>
  readonly audience: string
  readonly role: string
  /** `bound_claims` of the role. */
  readonly boundClaims?: Readonly<Record<string, string>>
}

type Engine = Record<string, Record<string, unknown>>

/** The part of Vault's and OpenBao's HTTP API that reading by a JWT takes: `auth/jwt/login`, KV version 2, `revoke-self`. */
export async function openVaultServer(options: VaultServerOptions) {
  const engine: Engine = {}
  const live = new Map<string, string>()
  const seen: { logins: number; refused: number; reads: string[] } = {
    logins: 0,
    refused: 0,
    reads: [],
  }

  const logIn = async (body: { role?: string; jwt?: string }) => {
    const keys = createLocalJWKSet(await options.keys())
    const { payload } = await jwtVerify(body.jwt ?? '', keys, {
      algorithms: ['RS256'],
      issuer: options.issuer,
      audience: options.audience,
    })
    if (body.role !== options.role) throw new Error('no such role')
    for (const [claim, value] of Object.entries(options.boundClaims ?? {})) {
      if (payload[claim] !== value) throw new Error(`claim ${claim} does not match`)
    }
    const token = `hvs.${randomUUID()}`
    live.set(token, String(payload.sub))
    seen.logins += 1
    return { auth: { client_token: token, lease_duration: 60 } }
  }

  const answer = (response: ServerResponse, status: number, body?: unknown) => {
    response.writeHead(status, { 'content-type': 'application/json' })
    response.end(body === undefined ? '' : JSON.stringify(body))
  }
  const serve = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const chunks: Buffer[] = []
    for await (const chunk of request as AsyncIterable<Buffer>) chunks.push(chunk)
    const path = request.url ?? '/'
    if (path === '/v1/auth/jwt/login') {
      answer(response, 200, await logIn(JSON.parse(Buffer.concat(chunks).toString()) as object))
      return
    }
    const token = String(request.headers['x-vault-token'])
    if (!live.has(token)) throw new Error('permission denied')
    if (path === '/v1/auth/token/revoke-self') {
      live.delete(token)
      answer(response, 204)
      return
    }
    const data = engine[path.replace(/^\/v1\//, '').replace('/data/', '/')]
    seen.reads.push(path)
    if (data) answer(response, 200, { data: { data, metadata: { version: 1 } } })
    else answer(response, 404, { errors: [] })
  }
  const server = createServer((request, response) => {
    serve(request, response).catch((error: Error) => {
      seen.refused += 1
      answer(response, 403, { errors: [error.message] })
    })
  })
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening))
  const close = () =>
    new Promise<void>((closed) => {
      server.closeAllConnections()
      server.close(() => closed())
    })
  return {
    url: `http://localhost:${(server.address() as AddressInfo).port}`,
    engine,
    seen,
    /** Client tokens that nobody gave back. */
    live,
    close,
    [Symbol.asyncDispose]: close,
  }
}
