import { createHash } from 'node:crypto'
import { calculateJwkThumbprint, EmbeddedJWK, jwtVerify } from 'jose'
import { invalidProof, replayedProof, wantsNonce } from './challenge.ts'
import type { Nonces } from './nonce.ts'
import { parseStrictJwt } from '../../tokens/strict-jwt.ts'

const maxLength = 8 * 1024
const freshSeconds = 60
const privateMembers = ['d', 'p', 'q', 'dp', 'dq', 'qi', 'oth', 'k']

/** Remembers a proof; `false` when it was there already. Must be atomic across every server (P21). */
export type Seen = (hash: Buffer, expiresAt: Date) => Promise<boolean>

export interface ProofRequest {
  /** Every `DPoP` header of the request: exactly one may be there. */
  readonly proofs: readonly string[]
  readonly method: string
  /** The configured public origin and the request's path: never the `Host` header. */
  readonly url: string
  /** Absent where a token is only asked for (RFC 9449 §5). */
  readonly accessToken?: string
  /** The thumbprint that the access token is bound to; absent where it is about to be bound. */
  readonly jkt?: string
  readonly seen: Seen
  readonly nonces: Nonces
  readonly now?: Date
}

/** RFC 9449 §4.3 (9): compared after RFC 3986 normalization, without query and fragment. */
function target(url: unknown): string | undefined {
  if (typeof url !== 'string' || !URL.canParse(url)) return undefined
  const { protocol, host, pathname, username, password } = new URL(url)
  if (username || password) return undefined
  const path = pathname.replace(/%[0-9a-f]{2}/gi, (code) => {
    const char = String.fromCharCode(Number.parseInt(code.slice(1), 16))
    return /[A-Za-z0-9._~-]/.test(char) ? char : code.toUpperCase()
  })
  return `${protocol}//${host}${path}`
}

const sha256 = (text: string) => createHash('sha256').update(text).digest()

/** Every check of RFC 9449 §4.3, in its order, and single use besides. Answers the key's thumbprint. Throws the 401. */
export async function verifyProof(request: ProofRequest): Promise<string> {
  const [proof, another] = request.proofs
  if (!proof) throw invalidProof('The access token is bound to a key; send a DPoP proof with it.')
  if (another !== undefined) throw invalidProof('Send exactly one DPoP header.')
  const parsed = proof.length <= maxLength ? parseStrictJwt(proof) : undefined
  if (!parsed) throw invalidProof('The DPoP proof is not a well-formed JWT.')
  const { header, payload } = parsed
  if ('crit' in header || 'kid' in header || 'jku' in header || 'x5u' in header) {
    throw invalidProof('The DPoP proof has a header that is not allowed.')
  }
  const jwk = header['jwk']
  if (typeof jwk !== 'object' || jwk === null || privateMembers.some((name) => name in jwk)) {
    throw invalidProof('The DPoP proof must carry a public key, and only a public one.')
  }
  const now = request.now ?? new Date()
  await jwtVerify(proof, EmbeddedJWK, {
    algorithms: ['ES256', 'EdDSA'],
    typ: 'dpop+jwt',
    currentDate: now,
  }).catch(() => {
    throw invalidProof('The DPoP proof is not signed as it must be (ES256 or EdDSA, dpop+jwt).')
  })
  const { htm, htu, iat, jti, ath, nonce } = payload
  if (htm !== request.method) throw invalidProof('The DPoP proof is for another method.')
  const wanted = target(request.url)
  if (!wanted || target(htu) !== wanted) throw invalidProof('The DPoP proof is for another URL.')
  if (typeof iat !== 'number' || Math.abs(now.getTime() / 1000 - iat) > freshSeconds) {
    throw invalidProof(
      'The DPoP proof is too old or from the future. Check the clock of this device.',
    )
  }
  if (typeof jti !== 'string' || jti.length < 16 || jti.length > 64) {
    throw invalidProof('The DPoP proof needs an identifier (jti) of 16 to 64 characters.')
  }
  const { accessToken } = request
  if (accessToken !== undefined && ath !== sha256(accessToken).toString('base64url')) {
    throw invalidProof('The DPoP proof is for another access token.')
  }
  const thumbprint = await calculateJwkThumbprint(jwk)
  if (request.jkt !== undefined && thumbprint !== request.jkt) {
    throw invalidProof('The DPoP proof is signed by another key than the access token is bound to.')
  }
  // Every answer issues one, so a proof without one, or with an old one, may have been made in advance (P21).
  if (!request.nonces.knows(nonce)) throw wantsNonce()
  // Last, so that nobody can fill the store with proofs that would not have passed.
  const first = await request.seen(
    sha256(`${thumbprint}\n${jti}\n${wanted}`),
    new Date((iat + 2 * freshSeconds) * 1000),
  )
  if (!first) throw replayedProof()
  return thumbprint
}
