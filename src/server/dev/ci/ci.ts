import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { exportJWK, generateKeyPair, SignJWT } from 'jose'
import { z } from 'zod'
import { Provider } from '../../../contract/projects.ts'
import { circleOrganization, claimsOf, type CiProject } from './claims.ts'

export interface CiOptions {
  /** 0 for any. */
  readonly port: number
  /** The audience that tokens have unless another is asked for. */
  readonly audience: string
  /** A project by its name. */
  readonly find: (provider: Provider, name: string) => Promise<CiProject | undefined>
}

/** Where each CI system issues its tokens, below the one origin of evaluation mode. */
export const ciIssuers = (origin: string): Readonly<Record<Provider, string>> => ({
  circleci: `${origin}/circleci/org/${circleOrganization}`,
  github: `${origin}/github`,
  gitlab: `${origin}/gitlab`,
})

const Wish = z.strictObject({
  provider: Provider,
  project: z.string(),
  audience: z.string().optional(),
  branch: z.string().optional(),
  tag: z.string().optional(),
  environment: z.string().optional(),
  fork: z.boolean().optional(),
  sshRerun: z.boolean().optional(),
  actor: z.string().optional(),
  /** Claims to replace; null takes one away. */
  claims: z.record(z.string(), z.unknown()).default({}),
})

const lifetimeSeconds: Readonly<Record<Provider, number>> = {
  circleci: 3_600,
  github: 300,
  gitlab: 300,
}

async function bodyOf(request: IncomingMessage): Promise<unknown> {
  let text = ''
  for await (const chunk of request) {
    text += String(chunk)
    if (text.length > 65_536) throw new Error('the body is too long')
  }
  return JSON.parse(text)
}

function answer(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, { 'content-type': 'application/json', 'cache-control': 'no-store' })
  response.end(JSON.stringify(body))
}

/**
 * The CI systems of evaluation mode: three issuers that sign tokens as CircleCI, GitHub and GitLab do, for whoever asks on
 * this machine. `npm run --silent ci-token` asks.
 */
export async function startCi(
  options: CiOptions,
): Promise<{ origin: string; close(): Promise<void> }> {
  const { privateKey, publicKey } = await generateKeyPair('RS256', { extractable: true })
  const jwk = { ...(await exportJWK(publicKey)), kid: 'evaluation', alg: 'RS256', use: 'sig' }
  const server = createServer()
  await new Promise<void>((listening, failed) => {
    server.once('error', failed)
    server.listen(options.port, 'localhost', listening)
  })
  const origin = `http://localhost:${(server.address() as AddressInfo).port}`
  const issuers = ciIssuers(origin)

  const token = async (asked: unknown): Promise<{ status: number; body: unknown }> => {
    const wish = Wish.safeParse(asked)
    if (!wish.success) return { status: 400, body: { error: z.prettifyError(wish.error) } }
    const { provider, project: name, audience = options.audience, claims, ...given } = wish.data
    const project = await options.find(provider, name)
    if (!project) return { status: 404, body: { error: `${provider} has no project ${name}` } }
    const known = Object.entries(given).filter(([, value]) => value !== undefined)
    const now = Math.floor(Date.now() / 1000)
    const all: Record<string, unknown> = {
      iss: issuers[provider],
      aud: audience,
      iat: now,
      nbf: now,
      exp: now + lifetimeSeconds[provider],
      ...claimsOf[provider](project, Object.fromEntries(known)),
      ...claims,
    }
    for (const [claim, value] of Object.entries(all)) if (value === null) delete all[claim]
    const signed = new SignJWT(all).setProtectedHeader({ alg: 'RS256', kid: jwk.kid, typ: 'JWT' })
    return { status: 200, body: { token: await signed.sign(privateKey) } }
  }

  const serve = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const { pathname } = new URL(request.url ?? '/', origin)
    const issuer = Object.values(issuers).find((url) =>
      `${origin}${pathname}`.startsWith(`${url}/`),
    )
    const rest = issuer && `${origin}${pathname}`.slice(issuer.length)
    if (request.method === 'POST' && pathname === '/token') {
      const { status, body } = await token(await bodyOf(request))
      answer(response, status, body)
    } else if (rest === '/.well-known/openid-configuration') {
      answer(response, 200, {
        issuer,
        jwks_uri: `${issuer}/jwks`,
        response_types_supported: ['id_token'],
        subject_types_supported: ['public'],
        id_token_signing_alg_values_supported: ['RS256'],
      })
    } else if (rest === '/jwks') answer(response, 200, { keys: [jwk] })
    else answer(response, 404, { error: 'There is nothing at this address.' })
  }
  server.on('request', (request, response) => {
    serve(request, response).catch(() => answer(response, 400, { error: 'This cannot be read.' }))
  })
  return {
    origin,
    close: () =>
      new Promise((closed) => {
        server.closeAllConnections()
        server.close(() => closed())
      }),
  }
}
