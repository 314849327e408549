import type { OutputOf } from '../../../contract/index.ts'
import type { Db } from '../../db/connect.ts'
import type { Outbound } from '../../outbound.ts'
import { CiTokenError, issuerNamed, verifyCiToken, type CiToken } from '../../pipelines/ci-token.ts'
import { IssuerKeys, staleFor } from '../../tokens/jwks.ts'
import { rulesFor } from './store.ts'

type Health = OutputOf<'issuers.health'>

export interface IssuerKeyring {
  /** Verifies a CI's token by the issuers that are trusted now. Throws a `CiTokenError`. */
  verify(token: string): Promise<CiToken>
  health(url: string): Health
  /** Asks an address for its keys, and remembers nothing. */
  probe(url: string): Promise<OutputOf<'issuers.probe'>>
}

export interface KeyringParts {
  readonly db: Db
  readonly outbound: Outbound
  readonly onFailure: (url: string, error: Error) => void
}

/** The keys of every CI system that is trusted, fetched when they are first needed, one set an issuer. */
export function createKeyring({ db, outbound, onFailure }: KeyringParts): IssuerKeyring {
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
      const found = await rulesFor(db, url)
      if (!found) {
        throw new CiTokenError(
          'untrusted',
          'The subject token comes from an issuer that is not trusted.',
          {
            expected: 'the token of a trusted CI system',
            actual: url.slice(0, 300),
          },
        )
      }
      const { now, ...rules } = found
      return verifyCiToken(token, rules, keysOf(url), now)
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
