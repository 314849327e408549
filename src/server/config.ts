import { isIP } from 'node:net'
import { resolve } from 'node:path'
import { z } from 'zod'

/** The settings of the process, typed; made once, at its start. */
export interface Config {
  readonly mode: 'evaluation' | 'production'
  readonly host: string
  readonly port: number
  /** The origin that browsers and DPoP proofs see, without a trailing slash. */
  readonly publicUrl: string
  /** Absent in evaluation mode, where the database is embedded. */
  readonly databaseUrl?: string
  /** Where the embedded database, generated keys and the newest checkpoint live. */
  readonly dataDir: string
  readonly oidc: {
    readonly issuer: string
    readonly clientId: string
    readonly audience: string
  }
  /** 32 bytes that wrap every key of the vault. Absent in evaluation mode, where a file in `dataDir` holds them. */
  readonly masterKey?: Buffer
  /** Who becomes the first administrator at sign-in: an e-mail, or `group:<name>`. Nobody, when absent. */
  readonly admin?: string
  /** What evaluation mode begins with: the sample company with 90 days of history, with 5, or nothing. */
  readonly sample: 'full' | 'small' | 'off'
  /** Oldest authentication that a sensitive operation accepts, in seconds. */
  readonly stepUpMaxAgeSeconds: number
  /** After how much time without use, and how long after its beginning at the latest, a session ends. */
  readonly session: { readonly idleSeconds: number; readonly maxAgeSeconds: number }
  /** The only authentication contexts (`acr`) that a sensitive operation accepts, best first; any, when absent. */
  readonly stepUpAcr?: readonly string[]
  /** What a scraper of `/metrics` sends as its bearer token; without it only this machine is answered. */
  readonly metricsToken?: string
  /** How many proxies in front may be believed about the client's address. */
  readonly trustedProxies: number
  /** Private ranges (CIDR) that discovery and Vault may be asked in. */
  readonly outboundPrivate: readonly string[]
  readonly logLevel: 'fatal' | 'error' | 'warn' | 'info' | 'debug'
}

/** Thrown with every setting that is missing or wrong, so that one start tells all. */
export class ConfigError extends Error {
  readonly errors: readonly string[]
  constructor(errors: readonly string[]) {
    super(`The settings are not complete:\n${errors.map((error) => `  - ${error}`).join('\n')}`)
    this.name = 'ConfigError'
    this.errors = errors
  }
}

type Environment = Readonly<Record<string, string | undefined>>

const loopback = (host: string) =>
  host === 'localhost' || host === '::1' || (isIP(host) === 4 && host.startsWith('127.'))

/** Anybody between could read and change what is sent otherwise, and browsers keep cryptography from such pages. */
const secure = (url: string) =>
  !URL.canParse(url) ||
  new URL(url).protocol === 'https:' ||
  loopback(new URL(url).hostname.replace(/^\[|\]$/g, ''))
const insecure = 'must begin with https:// (http:// on this machine alone)'

const origin = z
  .url({ protocol: /^https?$/ })
  .refine(secure, insecure)
  .refine((url) => ['/', ''].includes(new URL(url).pathname), 'must be an origin, without a path')
  .transform((url) => new URL(url).origin)

const masterKey = z
  .string()
  .transform((text) => Buffer.from(text, 'base64'))
  .refine((key) => key.length === 32, 'must be 32 bytes in base64 (openssl rand -base64 32)')

const setting = {
  port: z.coerce.number().int().min(0).max(65_535),
  sample: z.enum(['full', 'small', 'off']),
  seconds: z.coerce.number().int().min(1).max(900),
  // Last use is known to the minute, so that less than five would end what is in use.
  sessionSeconds: z.coerce.number().int().min(300).max(86_400),
  proxies: z.coerce.number().int().min(0).max(10),
  level: z.enum(['fatal', 'error', 'warn', 'info', 'debug']),
  database: z.string().regex(/^postgres(ql)?:\/\//, 'must begin with postgres://'),
  ranges: z
    .string()
    .transform((text) => text.split(',').map((each) => each.trim()))
    .pipe(
      z.array(z.union([z.cidrv4(), z.cidrv6()], 'must be ranges such as 10.0.0.0/8, with commas')),
    ),
  issuer: z.url({ protocol: /^https?$/ }).refine(secure, insecure),
  text: z.string().min(1),
  // RFC 9470 §3: in the challenge they stand in quotes, separated by spaces.
  acr: z
    .string()
    .regex(/^[\x21\x23-\x5b\x5d-\x7e ]{1,500}$/, 'must be acr values separated by spaces')
    .transform((text) => text.split(' ').filter(Boolean)),
  admin: z.string().regex(/^(group:.+|[^@\s]+@[^@\s]+)$/, 'must be an e-mail or group:<name>'),
}

/** Reads the environment; throws a `ConfigError` that lists every fault. */
export function readConfig(env: Environment): Config {
  const errors: string[] = []
  const read = <T>(name: string, schema: z.ZodType<T>, fallback?: T): T => {
    const text = env[name]
    if (text === undefined || text === '') {
      if (fallback === undefined) errors.push(`${name} is missing`)
      return fallback as T
    }
    const parsed = schema.safeParse(text)
    if (!parsed.success) errors.push(`${name} ${parsed.error.issues[0]?.message ?? 'is wrong'}`)
    return parsed.data as T
  }
  const optional = <T>(name: string, schema: z.ZodType<T>): T | undefined =>
    env[name] ? read(name, schema) : undefined

  const production = env['NODE_ENV'] === 'production'
  const host = env['HOST'] || (production ? '0.0.0.0' : 'localhost')
  const port = read('PORT', setting.port, 4400)
  const common = {
    host,
    port,
    dataDir: resolve(env['SALLYPORT_DATA'] || '.data'),
    sample: read('SALLYPORT_SAMPLE', setting.sample, 'full' as const),
    stepUpMaxAgeSeconds: read('STEP_UP_MAX_AGE', setting.seconds, 300),
    session: {
      idleSeconds: read('SESSION_IDLE', setting.sessionSeconds, 1_800),
      maxAgeSeconds: read('SESSION_MAX_AGE', setting.sessionSeconds, 43_200),
    },
    ...(env['METRICS_TOKEN'] && { metricsToken: env['METRICS_TOKEN'] }),
    outboundPrivate: read('OUTBOUND_PRIVATE', setting.ranges, [] as string[]),
    trustedProxies: read('TRUST_PROXY', setting.proxies, 0),
    logLevel: read('LOG_LEVEL', setting.level, production ? ('info' as const) : ('warn' as const)),
  }
  const admin = optional('SALLYPORT_ADMIN', setting.admin)
  const stepUpAcr = optional('STEP_UP_ACR', setting.acr)
  const config: Config = production
    ? {
        ...common,
        ...(stepUpAcr && { stepUpAcr }),
        mode: 'production',
        publicUrl: read('PUBLIC_URL', origin),
        databaseUrl: read('DATABASE_URL', setting.database),
        oidc: {
          issuer: read('OIDC_ISSUER', setting.issuer),
          clientId: read('OIDC_CLIENT_ID', setting.text),
          audience: read('OIDC_AUDIENCE', setting.text),
        },
        masterKey: read('SALLYPORT_MASTER_KEY', masterKey),
        ...(admin && { admin }),
      }
    : {
        ...common,
        ...(stepUpAcr && { stepUpAcr }),
        mode: 'evaluation',
        publicUrl: `http://localhost:${port}`,
        oidc: {
          issuer: `http://localhost:${port + 1}`,
          clientId: 'sallyport-console',
          audience: `http://localhost:${port}/api`,
        },
        admin: admin ?? 'ada@meridian.example',
      }
  if (!production && !loopback(host)) {
    errors.push(
      `HOST is ${host}: evaluation mode has sample identities and listens on loopback only; set NODE_ENV=production for any other address`,
    )
  }
  if (errors.length > 0) throw new ConfigError(errors)
  return config
}
