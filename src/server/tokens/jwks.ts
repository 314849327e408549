import {
  createLocalJWKSet,
  type CryptoKey,
  type JSONWebKeySet,
  type JWSHeaderParameters,
} from 'jose'
import { readObject, type Outbound } from '../outbound.ts'

const maxKeys = 100
const limits = { maxBytes: 256 * 1024, timeoutMs: 5_000 }
/** For `staleForMs`. */
export const staleFor = { people: 24 * 60 * 60_000, pipelines: 10 * 60_000 } as const
const refreshAfterMs = 5 * 60_000
const unknownKidEveryMs = 30_000
const breakerFailures = 5
const breakerOpenMs = 30_000

/** What an issuer announces of itself (OpenID Connect Discovery 1.0 §3), as far as the API needs it. */
export interface IssuerMetadata {
  readonly issuer: string
  readonly jwksUri: string
  readonly dpopAlgorithms: readonly string[]
}

export interface IssuerKeysOptions {
  readonly issuer: string
  readonly outbound: Outbound
  /**
   * How old a set may grow while the issuer cannot be asked: a day for people, who would all be locked out; ten minutes
   * for CI systems, whose keys open secrets.
   */
  readonly staleForMs: number
  readonly now?: () => number
  /** Told of every change of the set and of every failed refresh: for the log. */
  readonly onChange?: (kids: readonly string[]) => void
  readonly onFailure?: (error: Error) => void
  /** Told whenever a set has been fetched. */
  readonly onFetched?: () => void
}

/** The issuer could not be asked and no known key fits: the caller answers 503, never "signed in". */
export class IssuerUnavailable extends Error {}
/** The issuer answered, now or within its budget, and has no such key. */
export class UnknownKey extends Error {}

interface Loaded {
  readonly metadata: IssuerMetadata
  readonly keys: JSONWebKeySet
  readonly resolve: ReturnType<typeof createLocalJWKSet>
  /** On the clock of lapses. */
  readonly at: number
  readonly fetchedAt: Date
}

/**
 * One issuer's signing keys. jose's remote set throws once a refresh fails after ten minutes; this one refreshes in the
 * background, goes on with the last good set for as long as it is told for keys it knows, and asks for unknown keys at most once in 30 s (C4, P23, P24).
 */
export class IssuerKeys {
  readonly issuer: string
  readonly #now: () => number
  readonly #options: IssuerKeysOptions
  #loaded: Loaded | undefined
  #loading: Promise<Loaded> | undefined
  #askedForUnknownAt = -Infinity
  #failures = 0
  #closedUntil = -Infinity

  constructor(options: IssuerKeysOptions) {
    this.issuer = options.issuer
    this.#now = options.now ?? (() => performance.now())
    this.#options = options
  }

  /** What is at hand now, without asking anybody. */
  get state():
    | { kids: readonly string[]; algorithms: readonly string[]; fetchedAt: Date }
    | undefined {
    if (!this.#loaded) return undefined
    const { keys } = this.#loaded.keys
    return {
      kids: keys.map(({ kid }) => kid ?? ''),
      algorithms: keys.flatMap(({ alg }) => alg ?? []),
      fetchedAt: this.#loaded.fetchedAt,
    }
  }

  async metadata(): Promise<IssuerMetadata> {
    return (this.#loaded ?? (await this.#refresh())).metadata
  }

  /** For `jwtVerify`: the key that the header names. */
  readonly key = async (header: JWSHeaderParameters): Promise<CryptoKey> => {
    const loaded = this.#loaded ?? (await this.#refresh())
    const age = this.#now() - loaded.at
    if (age > this.#options.staleForMs) return this.#pick(await this.#refresh(), header)
    // Nobody waits for a refresh while a good set is at hand.
    if (age > refreshAfterMs && !this.#loading) this.#refresh().catch(() => {})
    if (this.#knows(loaded, header)) return this.#pick(loaded, header)
    if (!this.#loading && this.#now() - this.#askedForUnknownAt < unknownKidEveryMs) {
      // Of an issuer that did not answer when it was asked last, nobody knows which keys it has.
      throw this.#failures > 0 ? new IssuerUnavailable() : new UnknownKey()
    }
    // Whoever comes while it is asked waits for the same answer.
    if (!this.#loading) this.#askedForUnknownAt = this.#now()
    return this.#pick(await this.#refresh(), header)
  }

  #knows(loaded: Loaded, header: JWSHeaderParameters): boolean {
    return header.kid === undefined || loaded.keys.keys.some((key) => key.kid === header.kid)
  }

  async #pick(loaded: Loaded, header: JWSHeaderParameters): Promise<CryptoKey> {
    try {
      return await loaded.resolve(header)
    } catch {
      throw new UnknownKey()
    }
  }

  #refresh(): Promise<Loaded> {
    if (this.#loading) return this.#loading
    if (this.#now() < this.#closedUntil) return Promise.reject(new IssuerUnavailable())
    this.#loading = this.#load()
      .then((loaded) => {
        this.#failures = 0
        this.#loaded = loaded
        this.#options.onFetched?.()
        return loaded
      })
      .catch((error: unknown) => {
        this.#failures += 1
        if (this.#failures >= breakerFailures) this.#closedUntil = this.#now() + breakerOpenMs
        const cause = error instanceof Error ? error : new Error(String(error))
        this.#options.onFailure?.(cause)
        throw new IssuerUnavailable(cause.message, { cause })
      })
      .finally(() => {
        this.#loading = undefined
      })
    return this.#loading
  }

  async #load(): Promise<Loaded> {
    const at = `${this.issuer.replace(/\/$/, '')}/.well-known/openid-configuration`
    const found = await readObject(this.#options.outbound, at, limits)
    // Exactly as configured: a mix-up begins with an issuer that is "nearly" ours (RFC 9207, P25).
    if (found['issuer'] !== this.issuer) throw new Error(`${at} names another issuer`)
    const jwksUri = found['jwks_uri']
    if (typeof jwksUri !== 'string') throw new Error(`${at} has no jwks_uri`)
    const set = await readObject(this.#options.outbound, jwksUri, limits)
    const keys = set['keys']
    if (!Array.isArray(keys) || keys.length > maxKeys) {
      throw new Error(`${jwksUri} has no list of at most ${maxKeys} keys`)
    }
    // Symmetric keys have no place in a published set (HS256 confusion).
    const asymmetric: JSONWebKeySet = {
      keys: keys.filter((key) => key?.kty && key.kty !== 'oct'),
    }
    const kids = asymmetric.keys.map((key) => key.kid ?? '')
    const before = this.#loaded?.keys.keys.map((key) => key.kid ?? '').join()
    if (before !== kids.join()) this.#options.onChange?.(kids)
    const algs = found['dpop_signing_alg_values_supported']
    return {
      metadata: {
        issuer: this.issuer,
        jwksUri,
        dpopAlgorithms: Array.isArray(algs) ? algs.filter((a) => typeof a === 'string') : [],
      },
      keys: asymmetric,
      resolve: createLocalJWKSet(asymmetric),
      at: this.#now(),
      fetchedAt: new Date(),
    }
  }
}
