import { createHash } from 'node:crypto'
import { compactVerify, errors, UnsecuredJWT } from 'jose'
import { IssuerAlgorithm } from '../../contract/issuers.ts'
import type { Claims, IssuerKind } from '../../contract/trust.ts'
import { IssuerUnavailable, UnknownKey, type IssuerKeys } from '../tokens/jwks.ts'
import { parseStrictJwt } from '../tokens/strict-jwt.ts'

/** What the tokens of one CI system must be like. */
export interface IssuerRules {
  readonly id: string
  readonly name: string
  readonly kind: IssuerKind
  /** The `iss` of its tokens, exactly. */
  readonly url: string
  readonly audience: string
  readonly algorithms: readonly string[]
  readonly leewaySeconds: number
  /** Older tokens are refused, though they have not expired. */
  readonly maxAgeSeconds: number
  readonly bindAddress: boolean
}

/** A token that its issuer has signed. Whether it is still one, and one for us, is asked with the database's clock. */
export interface SignedToken {
  readonly text: string
  readonly header: { readonly alg?: string; readonly typ?: string }
  readonly issuerUrl: string
  readonly subject: string
}

/** A token whose signature, issuer, audience and age hold. Whose run it is, trust rules say. */
export interface CiToken {
  readonly issuer: IssuerRules
  readonly subject: string
  readonly claims: Claims
  /** What it is known by when it comes again (P5). */
  readonly replayKey: Buffer
  readonly expiresAt: Date
}

/** Why a token is not one: `clause` was asked, and this is what was found. */
export class CiTokenError extends Error {
  readonly kind: 'malformed' | 'untrusted' | 'refused' | 'unavailable'
  readonly expected: string | undefined
  readonly actual: string | undefined
  constructor(
    kind: CiTokenError['kind'],
    message: string,
    found: { expected?: string; actual?: string; cause?: unknown } = {},
  ) {
    super(message, { cause: found.cause })
    this.name = 'CiTokenError'
    this.kind = kind
    this.expected = found.expected
    this.actual = found.actual
  }
}

const maxLength = 16 * 1024
/** A header that brings or points to its own key is never a token of the issuer (RFC 8725 §3.10). */
const refusedHeaders = ['crit', 'jwk', 'jku', 'x5u', 'x5c', 'enc', 'zip', 'b64']

/** The issuer that a token names, before anything of it is believed: only to choose by which rules it is verified. */
export function issuerNamed(token: string): string {
  const parsed = token.length <= maxLength ? parseStrictJwt(token) : undefined
  if (!parsed) {
    const found = token.length > maxLength ? `${token.length} characters` : 'something else'
    throw new CiTokenError('malformed', 'The subject token is not a well-formed JWT.', {
      expected: `a JWT of at most ${maxLength} characters`,
      actual: found,
    })
  }
  const bad = refusedHeaders.find((name) => name in parsed.header)
  if (bad) {
    throw new CiTokenError('malformed', `The subject token has the header \`${bad}\`.`, {
      expected: 'a key named by `kid` in the issuer’s own set',
      actual: `a header \`${bad}\``,
    })
  }
  const { iss } = parsed.payload
  if (typeof iss !== 'string') {
    throw new CiTokenError('malformed', 'The subject token names no issuer.', {
      expected: 'a claim iss',
      actual: 'none',
    })
  }
  return iss
}

export const untrusted = (url: string) =>
  new CiTokenError('untrusted', 'The subject token comes from an issuer that is not trusted.', {
    expected: 'the token of a trusted CI system',
    actual: url.slice(0, 300),
  })

/**
 * Verifies that the issuer which it names has signed a token: before the transaction, since keys may have to be fetched.
 * Any algorithm of a key pair will do here; which of them are admitted is asked in the transaction, by the rules of then.
 */
export async function verifySignature(
  token: string,
  issuer: IssuerRules,
  keys: IssuerKeys,
): Promise<SignedToken> {
  try {
    const algorithms = [...IssuerAlgorithm.options]
    const { payload, protectedHeader } = await compactVerify(token, keys.key, { algorithms })
    const { sub } = JSON.parse(Buffer.from(payload).toString()) as { sub?: unknown }
    const subject = typeof sub === 'string' ? sub : ''
    return { text: token, header: protectedHeader, issuerUrl: issuer.url, subject }
  } catch (error) {
    throw told(error, issuer)
  }
}

/** The head of a token whose claims alone are asked, by jose's own rules: its signature was verified before. */
const unsigned = Buffer.from('{"alg":"none"}').toString('base64url')

/**
 * Asks a signed token what the rules of its issuer demand. `now` is the database's clock, the only one that decides about
 * expiry (P7). Throws a `CiTokenError`.
 */
export function admitToken(signed: SignedToken, issuer: IssuerRules, now: Date): CiToken {
  const { text, header } = signed
  try {
    if (!issuer.algorithms.includes(header.alg ?? '')) throw new errors.JOSEAlgNotAllowed()
    const { payload } = UnsecuredJWT.decode(`${unsigned}.${text.split('.')[1]}.`, {
      issuer: issuer.url,
      audience: issuer.audience,
      clockTolerance: issuer.leewaySeconds,
      maxTokenAge: issuer.maxAgeSeconds,
      requiredClaims: ['exp', 'iat', 'sub'],
      currentDate: now,
    })
    // ID tokens are of type JWT or say nothing; an access token of the same issuer is not one (RFC 8725 §3.11).
    const { typ } = header
    if (typ !== undefined && typ.toUpperCase() !== 'JWT') {
      throw new CiTokenError('refused', 'The subject token is of another type.', {
        expected: 'typ JWT',
        actual: `typ ${typ}`,
      })
    }
    const { sub = '', exp = 0, jti } = payload
    return {
      issuer,
      subject: sub,
      claims: payload,
      replayKey: replayKeyOf(issuer, text, jti),
      expiresAt: new Date((exp + issuer.leewaySeconds) * 1000),
    }
  } catch (error) {
    throw told(error, issuer, now)
  }
}

/**
 * `jti` where there is one; else issuer and signing input. Never the whole token: an ECDSA signature has a twin, and
 * base64url more than one spelling (P5).
 */
function replayKeyOf(issuer: IssuerRules, token: string, jti: unknown): Buffer {
  const signed = token.slice(0, token.lastIndexOf('.'))
  const [kind, text] = typeof jti === 'string' && jti !== '' ? ['jti', jti] : ['signed', signed]
  return createHash('sha256').update(`${issuer.url}\0${kind}\0${text}`).digest()
}

const shown = (value: unknown): string => {
  if (value === undefined) return 'nothing'
  return (typeof value === 'string' ? value : JSON.stringify(value)).slice(0, 300)
}
const moment = (seconds: unknown) =>
  typeof seconds === 'number' && Number.isFinite(seconds) && Math.abs(seconds) < 8e12
    ? new Date(seconds * 1000).toISOString()
    : shown(seconds)

function told(error: unknown, issuer: IssuerRules, now = new Date()): CiTokenError {
  if (error instanceof CiTokenError) return error
  if (error instanceof IssuerUnavailable) {
    const sentence = `The keys of ${issuer.name} cannot be fetched now, so that nothing is known of this token. Try again in half a minute.`
    return new CiTokenError('unavailable', sentence, { cause: error })
  }
  if (error instanceof UnknownKey) {
    const sentence = `The subject token is signed by a key that ${issuer.name} does not publish.`
    return new CiTokenError('refused', sentence)
  }
  if (error instanceof errors.JWTExpired) {
    const aged = error.claim === 'iat'
    return new CiTokenError(
      'refused',
      aged
        ? `The subject token is older than ${issuer.maxAgeSeconds} seconds.`
        : 'The subject token has expired.',
      {
        expected: aged
          ? `iat after ${new Date(now.getTime() - issuer.maxAgeSeconds * 1000).toISOString()}`
          : `exp after ${now.toISOString()}`,
        actual: moment(error.payload[aged ? 'iat' : 'exp']),
      },
    )
  }
  if (error instanceof errors.JWTClaimValidationFailed) {
    const { claim, payload } = error
    const wanted: Record<string, string> = {
      aud: issuer.audience,
      iss: issuer.url,
      nbf: `before ${now.toISOString()}`,
      iat: `before ${now.toISOString()}`,
    }
    const time = claim === 'nbf' || claim === 'iat' || claim === 'exp'
    return new CiTokenError(
      'refused',
      `The subject token's \`${claim}\` is not as ${issuer.name} is trusted for.`,
      {
        expected: `${claim} ${wanted[claim] ?? 'as the issuer’s rules say'}`,
        actual: time ? moment(payload[claim]) : shown(payload[claim]),
      },
    )
  }
  if (error instanceof errors.JOSEAlgNotAllowed) {
    return new CiTokenError('refused', 'The subject token is signed by another algorithm.', {
      expected: issuer.algorithms.join(' or '),
    })
  }
  return new CiTokenError('refused', 'The signature of the subject token does not hold.')
}
