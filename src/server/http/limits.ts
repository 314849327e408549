import { overfull, type BacklogWatch } from '../ledger/backlog.ts'
import type { Credential } from './authenticate/identity.ts'
import { problem, ProblemError } from './problem.ts'

interface Rate {
  /** Requests a second that go on for ever. */
  readonly perSecond: number
  /** Requests at once, after a pause. */
  readonly burst: number
}

export interface RateLimits {
  /** Of one address whose credentials are missing or wrong. */
  readonly stranger: Rate
  /** Of one sign-in or API token. */
  readonly reads: Rate
  readonly changes: Rate
  /** Of the runs of one subject of a CI system. */
  readonly runs: Rate
  /** Of whoever shows one lease: more than once is a replay, each of which is an event. */
  readonly leases: Rate
}

/** The defaults of `security.md` C8, for one server. A burst is what a page and its prefetches ask at once. */
export const rateLimits: RateLimits = {
  stranger: { perSecond: 20, burst: 40 },
  reads: { perSecond: 50, burst: 150 },
  changes: { perSecond: 10, burst: 30 },
  runs: { perSecond: 10, burst: 100 },
  leases: { perSecond: 20, burst: 1_000 },
}

/** Most buckets that are kept; beyond it all begin anew, which only ever permits more. */
const mostBuckets = 50_000

export interface Limits {
  /** Takes one request from the bucket; answers how many seconds to wait, 0 when none. */
  take(kind: keyof RateLimits, key: string): number
}

/** Token buckets in this process: cheap, and fail open by server only. Nobody is ever locked out by another's requests. */
export function createLimits(rates: RateLimits, now = () => performance.now()): Limits {
  const buckets = new Map<string, { left: number; at: number }>()
  return {
    take(kind, key) {
      const { perSecond, burst } = rates[kind]
      const name = `${kind} ${key}`
      const at = now()
      if (buckets.size > mostBuckets) buckets.clear()
      const bucket = buckets.get(name) ?? { left: burst, at }
      const left = Math.min(burst, bucket.left + ((at - bucket.at) / 1000) * perSecond)
      const enough = left >= 1
      buckets.set(name, { left: enough ? left - 1 : left, at })
      return enough ? 0 : Math.ceil((1 - left) / perSecond)
    },
  }
}

/** Authenticates; whoever fails at it again and again from one address is told to wait. */
export async function knowing(
  limits: Limits,
  ip: string,
  authenticating: Promise<Credential>,
): Promise<Credential> {
  try {
    return await authenticating
  } catch (error) {
    // Whoever lacks a nonce alone has shown token and key already.
    const challenged = error instanceof ProblemError && error.code === 'use_dpop_nonce'
    if (!challenged) demandCalm(limits, { kind: 'none' }, ip, false)
    throw error
  }
}

const kinds: Partial<Record<Credential['kind'], keyof RateLimits>> = {
  none: 'stranger',
  workload: 'runs',
  lease: 'leases',
}

/** Throws the 429 for whoever asks faster than the limits allow. */
export function demandCalm(
  limits: Limits,
  credential: Credential,
  ip: string,
  changes: boolean,
): void {
  const kind = kinds[credential.kind] ?? (changes ? 'changes' : 'reads')
  const seconds = limits.take(kind, keyOf(credential, ip))
  if (seconds === 0) return
  throw problem('too_many_requests', `Too many requests. Try again in ${seconds} s.`, {
    headers: { 'retry-after': String(seconds) },
  })
}

/** Throws the 503 while more waits for its place in the record than may: a change would only make it worse. */
export async function demandRoom(backlog: BacklogWatch): Promise<void> {
  if (!overfull(await backlog.recent())) return
  throw problem(
    'unavailable',
    'The audit trail is too far behind, so nothing can be changed now. Reading goes on; try again in a while.',
    { headers: { 'retry-after': '10' } },
  )
}

function keyOf(credential: Credential, ip: string): string {
  if (credential.kind === 'none') return ip
  if (credential.kind === 'api-token') return credential.hash.toString('base64')
  if (credential.kind === 'lease') return credential.lease.hash.toString('base64')
  if (credential.kind === 'workload') {
    const { issuerUrl, subject } = credential.signed
    return `${issuerUrl} ${subject}`
  }
  return `${credential.identity.issuer} ${credential.identity.subject}`
}
