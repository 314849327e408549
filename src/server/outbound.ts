import { lookup as resolveName } from 'node:dns'
import { request as httpRequest, type IncomingMessage, type RequestOptions } from 'node:http'
import { request as httpsRequest } from 'node:https'
import { BlockList, isIP } from 'node:net'

/** What the server may reach by itself: discovery documents, key sets, Vault. Everything else is refused (P47). */
export interface OutboundRules {
  /** Plain http to this machine: evaluation mode alone. */
  readonly loopbackHttp: boolean
  /** Private ranges that may be reached all the same (CIDR): where an organization keeps its Vault or its GitLab. */
  readonly privateRanges: readonly string[]
}

export interface OutboundRequest {
  readonly method?: 'GET' | 'POST'
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: string
  /** Most bytes of the answer. */
  readonly maxBytes: number
  /** For the whole exchange, the name's resolution included. */
  readonly timeoutMs?: number
}

interface OutboundAnswer {
  readonly status: number
  readonly body: Buffer
}

/** Why nothing was fetched: the address may not be reached, or what is there did not answer as it must. */
export class OutboundError extends Error {
  readonly kind: 'refused' | 'failed'
  constructor(kind: 'refused' | 'failed', message: string, cause?: unknown) {
    super(message, { cause })
    this.name = 'OutboundError'
    this.kind = kind
  }
}

/** The one way out. Throws an `OutboundError`, whatever goes wrong. */
export type Outbound = (url: string, request: OutboundRequest) => Promise<OutboundAnswer>

type Family = 'ipv4' | 'ipv6'
const familyOf = (address: string): Family => (isIP(address) === 4 ? 'ipv4' : 'ipv6')

function rangesOf(cidrs: readonly string[]): BlockList {
  const list = new BlockList()
  for (const cidr of cidrs) {
    const [network = '', bits] = cidr.split('/')
    list.addSubnet(network, Number(bits ?? (isIP(network) === 4 ? 32 : 128)), familyOf(network))
  }
  return list
}

const loopback = rangesOf(['127.0.0.0/8', '::1/128'])
/** Addresses that are nobody's on the internet (IANA special-purpose registries, RFC 6890). */
const special = rangesOf([
  '0.0.0.0/8',
  '10.0.0.0/8',
  '100.64.0.0/10',
  '127.0.0.0/8',
  '169.254.0.0/16',
  '172.16.0.0/12',
  '192.0.0.0/24',
  '192.0.2.0/24',
  '192.168.0.0/16',
  '198.18.0.0/15',
  '198.51.100.0/24',
  '203.0.113.0/24',
  '224.0.0.0/4',
  '240.0.0.0/4',
  '::/128',
  '::1/128',
  '64:ff9b::/96',
  '64:ff9b:1::/48',
  '100::/64',
  '2001::/23',
  '2001:db8::/32',
  '2002::/16',
  'fc00::/7',
  'fe80::/10',
  'ff00::/8',
])

/** An IPv4 address in the clothes of IPv6 (RFC 4291 §2.5.5.2) is the IPv4 address. */
function plain(address: string): string {
  const bare = address.replace(/^\[|\]$/g, '')
  const mapped = /^::ffff:(?:0:)?(\d+\.\d+\.\d+\.\d+)$/i.exec(bare)?.[1]
  if (mapped) return mapped
  const hex = /^::ffff:([0-9a-f]{1,4}):([0-9a-f]{1,4})$/i.exec(bare)
  if (!hex) return bare
  const [high, low] = [Number.parseInt(hex[1] ?? '', 16), Number.parseInt(hex[2] ?? '', 16)]
  return [high >> 8, high & 255, low >> 8, low & 255].join('.')
}

const contains = (list: BlockList, address: string) => list.check(address, familyOf(address))

/** Node's `lookup`, as a socket calls it. */
type Lookup = NonNullable<RequestOptions['lookup']>

type Resolve = typeof resolveName

/** Makes the one client by which the server reaches out: https, no redirects, pinned addresses, limits of size and time. */
export function createOutbound(rules: OutboundRules, resolve: Resolve = resolveName): Outbound {
  const allowed = rangesOf(rules.privateRanges)
  const mayReach = (address: string, secure: boolean): boolean => {
    const ip = plain(address)
    if (isIP(ip) === 0) return false
    if (contains(loopback, ip)) return rules.loopbackHttp || (secure && contains(allowed, ip))
    return !contains(special, ip) || contains(allowed, ip)
  }
  /** Resolves, looks at every address, and connects to what it looked at: a second answer cannot be another (rebinding). */
  const pinned =
    (secure: boolean): Lookup =>
    (host, options, done) => {
      resolve(host, { ...options, all: true }, (error, found) => {
        if (error) return done(error, '', 4)
        const addresses = found.map(({ address, family }) => ({ address, family }))
        const [first] = addresses
        if (!first || addresses.some(({ address }) => !mayReach(address, secure))) {
          const sentence = `${host} is at an address that this server may not reach`
          return done(new OutboundError('refused', sentence), '', 4)
        }
        if (options.all) return done(null, addresses)
        return done(null, first.address, first.family)
      })
    }

  const check = (text: string): URL => {
    const url = URL.canParse(text) ? new URL(text) : undefined
    if (!url) throw new OutboundError('refused', `${text} is no address`)
    if (url.username || url.password) {
      throw new OutboundError('refused', `${url.host} is named with credentials in the address`)
    }
    const secure = url.protocol === 'https:'
    const host = plain(url.hostname)
    if (!secure) {
      const local = host === 'localhost' || (isIP(host) !== 0 && contains(loopback, host))
      if (url.protocol !== 'http:' || !rules.loopbackHttp || !local) {
        throw new OutboundError('refused', `${url.origin} is not https`)
      }
    }
    if (isIP(host) !== 0 && !mayReach(host, secure)) {
      throw new OutboundError('refused', `${host} is an address that this server may not reach`)
    }
    return url
  }

  return async (text, request) => {
    const url = check(text)
    const secure = url.protocol === 'https:'
    const signal = AbortSignal.timeout(request.timeoutMs ?? 5_000)
    try {
      const answer = await send(url, request, { lookup: pinned(secure), signal })
      const status = answer.statusCode ?? 0
      if (status >= 300 && status < 400) {
        answer.destroy()
        throw new OutboundError(
          'failed',
          `${url.origin} redirects elsewhere, which is not followed`,
        )
      }
      return { status, body: await readAll(answer, request.maxBytes, url.origin) }
    } catch (error) {
      if (error instanceof OutboundError) throw error
      const late = signal.aborted
      const why = late ? 'did not answer in time' : `cannot be asked (${reasonOf(error)})`
      throw new OutboundError('failed', `${url.origin} ${why}`, error)
    }
  }
}

const reasonOf = (error: unknown): string =>
  (error as { code?: string }).code ?? (error instanceof Error ? error.message : 'unknown')

function send(
  url: URL,
  { method = 'GET', headers, body }: OutboundRequest,
  how: { lookup: Lookup; signal: AbortSignal },
): Promise<IncomingMessage> {
  const ask = url.protocol === 'https:' ? httpsRequest : httpRequest
  return new Promise((answered, reject) => {
    // An own agent-less connection: nothing pooled outlives the addresses that were looked at.
    const sent = ask(url, { method, ...how, agent: false, headers: { ...headers } }, answered)
    sent.once('error', reject)
    sent.end(body)
  })
}

async function readAll(answer: IncomingMessage, most: number, from: string): Promise<Buffer> {
  const chunks: Buffer[] = []
  let size = 0
  for await (const chunk of answer as AsyncIterable<Buffer>) {
    size += chunk.byteLength
    if (size > most) {
      answer.destroy()
      throw new OutboundError('failed', `${from} answered more than ${most} bytes`)
    }
    chunks.push(chunk)
  }
  return Buffer.concat(chunks)
}

/** The same, for a JSON object that must be there. */
export async function readObject(
  outbound: Outbound,
  url: string,
  request: OutboundRequest,
): Promise<Record<string, unknown>> {
  const { status, body } = await outbound(url, {
    ...request,
    headers: { accept: 'application/json', ...request.headers },
  })
  if (status !== 200) throw new OutboundError('failed', `${url} answered ${status}`)
  let value: unknown
  try {
    value = JSON.parse(body.toString('utf8'))
  } catch {
    throw new OutboundError('failed', `${url} did not answer with JSON`)
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw new OutboundError('failed', `${url} is not a JSON object`)
  }
  return value as Record<string, unknown>
}
