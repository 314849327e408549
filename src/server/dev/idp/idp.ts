import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { Provider } from 'oidc-provider'
import { Pool } from 'pg'
import { personas, type Persona } from '../personas.ts'
import { acr, configuration } from './configuration.ts'
import { faultPage, send, signInPage } from './pages.ts'
import { prepareStore } from './store.ts'

export interface IdpOptions {
  /** The database as its owner: the provider keeps a schema of its own there. */
  readonly databaseUrl: string
  /** 0 for any. */
  readonly port: number
  /** The console's origin. */
  readonly consoleUrl: string
  readonly clientId?: string
  readonly audience?: string
  readonly people?: readonly Persona[]
  readonly log: (message: string) => void
}

/** Failures that oidc-provider only tells its listeners of. */
const failures = [
  'server_error',
  'authorization.error',
  'grant.error',
  'end_session.error',
  'revocation.error',
]

async function formOf(request: IncomingMessage): Promise<URLSearchParams> {
  let body = ''
  for await (const chunk of request) {
    body += String(chunk)
    if (body.length > 4_096) break
  }
  return new URLSearchParams(body)
}

/** Starts the identity provider of evaluation mode, on an origin of its own and on loopback only (C11). */
export async function startIdp(
  options: IdpOptions,
): Promise<{ issuer: string; close(): Promise<void> }> {
  const { consoleUrl } = options
  const people = options.people ?? personas
  const pool = new Pool({ connectionString: options.databaseUrl, max: 4 })
  pool.on('error', (error) => {
    if (!pool.ending) options.log(`identity provider: ${error.message}`)
  })
  const keys = await prepareStore(pool)

  const server = createServer()
  await new Promise<void>((listening, failed) => {
    server.once('error', failed)
    server.listen(options.port, 'localhost', listening)
  })
  const issuer = `http://localhost:${(server.address() as AddressInfo).port}`
  const settings = {
    consoleUrl,
    people,
    clientId: options.clientId ?? 'sallyport-console',
    audience: options.audience ?? `${consoleUrl}/api`,
  }
  const provider: Provider = new Provider(
    issuer,
    configuration(settings, keys, pool, () => provider),
  )
  for (const event of failures) {
    provider.on(event, (_, error) => options.log(`identity provider: ${event}: ${error.message}`))
  }
  const protocol = provider.callback()

  const signIn = async (request: IncomingMessage, response: ServerResponse) => {
    const { uid, params, session } = await provider.interactionDetails(request, response)
    if (request.method !== 'POST') {
      send(response, 200, signInPage(uid, people, Boolean(session), consoleUrl))
      return
    }
    const chosen = (await formOf(request)).get('persona')
    const person = people.find(({ key }) => key === chosen)
    if (!person) {
      send(response, 400, faultPage('Nobody of that name signs in here.', consoleUrl))
      return
    }
    const stronger = (params['acr_values'] ?? '').split(' ').includes(acr.stepUp)
    await provider.interactionFinished(
      request,
      response,
      { login: { accountId: person.key, acr: stronger ? acr.stepUp : acr.basic, amr: ['user'] } },
      { mergeWithLastSubmission: false },
    )
  }

  server.on('request', (request, response) => {
    if (!request.url?.startsWith('/sign-in/')) {
      protocol(request, response)
      return
    }
    signIn(request, response).catch((error: unknown) => {
      options.log(`identity provider: ${error instanceof Error ? error.message : String(error)}`)
      if (response.headersSent) return
      send(response, 400, faultPage('This sign-in is over. Begin again in Sallyport.', consoleUrl))
    })
  })

  return {
    issuer,
    async close() {
      server.closeAllConnections()
      await new Promise((closed) => server.close(closed))
      await pool.end()
    },
  }
}
