// `npm run --silent token ada`: signs in at the evaluation identity provider as the console would, makes an API token, prints it.
import { builtInRoles, type BuiltInRole } from '../src/contract/built-in-roles.ts'
import { ConfigError, readConfig, type Config } from '../src/server/config.ts'
import { signInHeadless } from '../src/server/dev/idp/headless.ts'
import { personas } from '../src/server/dev/personas.ts'

/** An error that is told in its one sentence. */
class Told extends Error {}

const roleOf: Readonly<Record<string, BuiltInRole>> = {
  ada: builtInRoles.securityAdmin,
  ben: builtInRoles.securityAdmin,
  lin: builtInRoles.teamLead,
  noor: builtInRoles.auditor,
  sam: builtInRoles.developer,
}

async function read(answer: Response, what: string): Promise<Record<string, unknown>> {
  const body = (await answer.json().catch(() => ({}))) as Record<string, unknown>
  if (answer.ok) return body
  const title =
    typeof body['title'] === 'string' ? body['title'] : `The server answered ${answer.status}.`
  throw new Told(`${what} did not succeed: ${title}`)
}

async function makeToken(config: Config, persona: string, role: BuiltInRole): Promise<string> {
  const { oidc, publicUrl } = config
  await fetch(`${publicUrl}/healthz`, { signal: AbortSignal.timeout(5_000) }).catch(() => {
    throw new Told(
      `No Sallyport answers at ${publicUrl}. Start it with "npm start", then try again.`,
    )
  })
  const session = await signInHeadless({
    issuer: oidc.issuer,
    clientId: oidc.clientId,
    redirectUri: `${publicUrl}/auth/callback`,
    persona,
  })
  const post = async (path: string, body?: unknown) =>
    fetch(`${publicUrl}/api/v1${path}`, {
      method: 'POST',
      headers: {
        ...(await session.headers('POST', `${publicUrl}/api/v1${path}`)),
        ...(body !== undefined && { 'content-type': 'application/json' }),
      },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    })
  await read(await post('/sessions'), 'The sign-in')
  const made = await read(
    await post('/api-tokens', {
      name: `${persona}, from the command line`,
      roleId: role.id,
      expiresInDays: 7,
      allowSensitive: true,
    }),
    'Making the token',
  )
  return String(made['token'])
}

try {
  const [persona = ''] = process.argv.slice(2)
  const role = roleOf[persona]
  if (!role) {
    const keys = personas.map(({ key }) => key).join(', ')
    throw new Told(
      `Name one of the personas: npm run --silent token ${personas[0]?.key}. There are ${keys}.`,
    )
  }
  const config = readConfig(process.env)
  if (config.mode !== 'evaluation') {
    throw new Told(
      'Only evaluation mode has personas. In production, create API tokens in the console.',
    )
  }
  process.stdout.write(`${await makeToken(config, persona, role)}\n`)
} catch (error) {
  const plain = error instanceof Told || error instanceof ConfigError
  process.stderr.write(`${plain ? error.message : `No token was made: ${String(error)}`}\n`)
  process.exitCode = 1
}
