import type { OutputOf } from '../../../contract/index.ts'
import type { Db } from '../../db/connect.ts'
import type { Outbound } from '../../outbound.ts'
import {
  issuerNamed,
  untrusted,
  verifySignature,
  type IssuerRules,
  type SignedToken,
} from '../../pipelines/ci-token.ts'
import { IssuerKeys, staleFor } from '../../tokens/jwks.ts'
import { rulesFor } from './store.ts'

type Health = OutputOf<'issuers.health'>

export interface IssuerKeyring {
  /** Verifies who signed a CI's token, an issuer that is trusted. Throws a `CiTokenError`. */
  verify(token: string): Promise<SignedToken>
  health(url: string): Health
  /** Asks an address for its keys, and remembers nothing. */
  probe(url: string): Promise<OutputOf<'issuers.probe'>>
}

export interface KeyringParts {
  readonly db: Db
  /** What is known of an issuer without asking the database. */
  readonly known: (url: string) => IssuerRules | undefined
  readonly outbound: Outbound
  readonly onFailure: (url: string, error: Error) => void
}

/** The keys of every CI system that is trusted, fetched when they are first needed, one set an issuer. */
export function createKeyring({ db, known, outbound, onFailure }: KeyringParts): IssuerKeyring {
  const sets = new Map<string, IssuerKeys>()
  const faults = new Map<string, string>()
  const keysOf = (url: string): IssuerKeys => {
    const known = sets.get(url)
    if (known) return known
    const made = new IssuerKeys({
      issuer: url,
      outbound,
      staleForMs: staleFor.pipelines,
      onFailure(error) {
        faults.set(url, error.message)
        onFailure(url, error)
      },
      onFetched: () => faults.delete(url),
    })
    sets.set(url, made)
    return made
  }

  return {
    async verify(token) {
      const url = issuerNamed(token)
      const rules = known(url) ?? (await rulesFor(db, url))
      if (!rules) throw untrusted(url)
      return verifySignature(token, rules, keysOf(url))
    },
    health(url) {
      const state = sets.get(url)?.state
      const fault = faults.get(url) ?? null
      return {
        state: fault ? 'unreachable' : state ? 'reachable' : 'not_asked',
        fetchedAt: state?.fetchedAt.toISOString() ?? null,
        keys: state?.kids.length ?? 0,
        fault,
      }
    },
    async probe(url) {
      let fault: string | null = null
      const keys = new IssuerKeys({
        issuer: url,
        outbound,
        staleForMs: 0,
        onFailure: (error) => (fault = error.message),
      })
      await keys.metadata().catch(() => {})
      const { state } = keys
      return {
        reachable: state !== undefined,
        keys: state?.kids.length ?? 0,
        algorithms: [...new Set(state?.algorithms ?? [])],
        fault,
      }
    },
  }
}
