import { createHash } from 'node:crypto'
import { errors, jwtVerify, type JWTPayload } from 'jose'
import { isPrintable } from '../../../contract/printable.ts'
import { problem } from '../problem.ts'
import { invalidToken } from './challenge.ts'
import type { Identity } from './identity.ts'
import { IssuerUnavailable, UnknownKey, type IssuerKeys } from '../../tokens/jwks.ts'
import { parseStrictJwt } from '../../tokens/strict-jwt.ts'

/** Signatures that people's issuers may use; `none` and the symmetric ones are not among them (RFC 8725 §3.1). */
const algorithms = ['ES256', 'ES384', 'EdDSA', 'PS256', 'RS256']
const maxLength = 16 * 1024
const clockToleranceSeconds = 30
/** A header that brings or points to its own key is never a token of our issuer (RFC 8725 §3.10). */
const refusedHeaders = ['crit', 'jwk', 'jku', 'x5u', 'x5c', 'enc', 'zip', 'b64']

export interface AccessTokenRules {
  readonly keys: IssuerKeys
  readonly audience: string
  readonly now?: () => Date
}

const text = (value: unknown) => (typeof value === 'string' && value !== '' ? value : undefined)
/** Longest claim by which somebody or something is known. */
const longestClaim = 500
const isPlain = (value: string) => value.length <= longestClaim && isPrintable(value)
/** What cannot be read or kept as it is, is left out of a list: one odd group keeps nobody out. */
const texts = (value: unknown) =>
  Array.isArray(value)
    ? value.filter((item): item is string => typeof item === 'string' && isPlain(item))
    : undefined
/** The 22nd century at the latest: what is beyond is no time that a database or a clock knows. */
const moment = (seconds: unknown) =>
  typeof seconds === 'number' && seconds >= 0 && seconds < 4_102_444_800
    ? new Date(seconds * 1000)
    : undefined

function identityFrom(issuer: string, claims: JWTPayload): Identity {
  const subject = text(claims.sub)
  if (!subject || typeof claims.exp !== 'number') {
    throw invalidToken('The access token names no subject or no expiry.')
  }
  const confirmation = claims['cnf']
  const jkt =
    typeof confirmation === 'object' && confirmation !== null && 'jkt' in confirmation
      ? text(confirmation.jkt)
      : undefined
  // A token bound in a way that we cannot check (RFC 8705 x5t#S256) must not pass as unbound.
  if (confirmation !== undefined && !jkt) {
    throw invalidToken(
      'The access token is bound to a key in a way that this server does not know.',
    )
  }
  const authenticatedAt = moment(claims['auth_time'])
  const sid = text(claims['sid'])
  const [acr, email, name] = [text(claims['acr']), text(claims['email']), text(claims['name'])]
  const [amr, groups] = [texts(claims['amr']), texts(claims['groups'])]
  const clientId = text(claims['client_id'])
  const known = [subject, jkt, sid, acr, email, clientId]
  if (!known.every((claim) => claim === undefined || isPlain(claim))) {
    throw invalidToken('The access token names somebody or something in a way that cannot be read.')
  }
  return {
    issuer,
    subject,
    sessionKey:
      sid ??
      jkt ??
      createHash('sha256')
        .update(`${authenticatedAt ? authenticatedAt.getTime() / 1000 : ''}\n${subject}`)
        .digest('base64url'),
    ...(jkt && { jkt }),
    ...(authenticatedAt && { authenticatedAt }),
    ...(acr && { acr }),
    ...(amr && { amr }),
    ...(email && { email }),
    ...(typeof claims['email_verified'] === 'boolean' && {
      emailVerified: claims['email_verified'],
    }),
    ...(name && { name }),
    ...(groups && { groups }),
    ...(clientId && { clientId }),
    expiresAt: new Date(claims.exp * 1000),
  }
}

function sentenceFor(error: unknown): string {
  if (error instanceof errors.JWTExpired) return 'The access token has expired. Sign in again.'
  if (error instanceof errors.JWTClaimValidationFailed) {
    return `The access token is not meant for this API: its ${error.claim} is not as it must be.`
  }
  if (error instanceof UnknownKey)
    return 'The access token is signed by a key that its issuer does not publish.'
  return 'The access token is not valid.'
}

/** Verifies a JWT access token (RFC 9068 §4) of the one issuer we trust for people. Throws the 401, or 503 when no key can be had. */
export async function verifyAccessToken(token: string, rules: AccessTokenRules): Promise<Identity> {
  const parsed = token.length <= maxLength ? parseStrictJwt(token) : undefined
  if (!parsed) throw invalidToken('The access token is not a well-formed JWT.')
  if (refusedHeaders.some((name) => name in parsed.header)) {
    throw invalidToken('The access token has a header that is not allowed.')
  }
  // Before any key is looked up: only our issuer's tokens may cause work.
  if (parsed.payload['iss'] !== rules.keys.issuer) {
    throw invalidToken('The access token comes from an issuer that is not trusted here.')
  }
  try {
    const { payload } = await jwtVerify(token, rules.keys.key, {
      algorithms,
      typ: 'at+jwt',
      issuer: rules.keys.issuer,
      audience: rules.audience,
      clockTolerance: clockToleranceSeconds,
      requiredClaims: ['exp', 'iat', 'sub'],
      ...(rules.now && { currentDate: rules.now() }),
    })
    return identityFrom(rules.keys.issuer, payload)
  } catch (error) {
    if (error instanceof IssuerUnavailable) {
      throw problem(
        'unavailable',
        'The identity provider cannot be reached to check your sign-in. Try again in half a minute.',
        { headers: { 'retry-after': '30' } },
      )
    }
    if (error instanceof Error && error.name === 'ProblemError') throw error
    throw invalidToken(sentenceFor(error))
  }
}
