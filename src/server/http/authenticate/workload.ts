import { createHash } from 'node:crypto'
import { CiTokenError, issuerNamed, type CiToken } from '../../pipelines/ci-token.ts'
import { problem, type ProblemError } from '../problem.ts'
import type { AuthenticateOptions, AuthenticateRequest } from './authenticate.ts'
import { invalidToken, unauthenticated } from './challenge.ts'
import { verifyProof } from './dpop.ts'
import type { Credential } from './identity.ts'

/** Verifies a CI's token by the issuers that are trusted now. Throws a `CiTokenError`. */
export type VerifyCiToken = (token: string) => Promise<CiToken>

const leaseForm = /^sp_lease_[A-Za-z0-9_-]{43}$/

export const hashLease = (lease: string) => createHash('sha256').update(lease).digest()

/** A key of the run's own, proved by a DPoP header (RFC 9449); nothing where it brings none. */
async function proved(
  request: AuthenticateRequest,
  options: AuthenticateOptions,
  accessToken?: string,
): Promise<{ jkt?: string }> {
  const proofs = request.headers['dpop'] ?? []
  if (proofs.length === 0) return {}
  const jkt = await verifyProof({
    proofs,
    method: request.method,
    url: `${options.publicUrl}${request.path}`,
    seen: options.seenEverywhere,
    nonces: options.nonces,
    ...(accessToken !== undefined && { accessToken }),
    ...(options.now && { now: options.now() }),
  })
  return { jkt }
}

/** A JWT in `Authorization: Bearer` that names another issuer than the identity provider: what only a CI system can have issued. */
export function ciTokenIn(
  { headers }: AuthenticateRequest,
  { keys }: AuthenticateOptions,
): string | undefined {
  const [authorization, another] = headers['authorization'] ?? []
  const [, token] = /^Bearer ([^\s,]+)$/i.exec(authorization ?? '') ?? []
  if (token === undefined || another !== undefined) return undefined
  try {
    return issuerNamed(token) === keys.issuer ? undefined : token
  } catch {
    return undefined
  }
}

/** The pipeline run behind an exchange. Throws the 400, or 503 when its issuer's keys cannot be had. */
export async function authenticateWorkload(
  request: AuthenticateRequest,
  subjectToken: unknown,
  verify: VerifyCiToken,
  options: AuthenticateOptions,
): Promise<Credential> {
  if (typeof subjectToken !== 'string' || subjectToken === '') {
    const sentence = 'The parameter `subject_token` is missing: send the OIDC token of the CI job.'
    throw problem('invalid_subject_token', sentence, { error: 'invalid_request' })
  }
  try {
    const token = await verify(subjectToken)
    return { kind: 'workload', workload: { token, ...(await proved(request, options)) } }
  } catch (error) {
    throw error instanceof CiTokenError ? told(error) : error
  }
}

function told(error: CiTokenError): ProblemError {
  if (error.kind === 'unavailable') {
    return problem('unavailable', error.message, {
      error: 'temporarily_unavailable',
      headers: { 'retry-after': '30' },
    })
  }
  const { expected, actual } = error
  return problem('invalid_subject_token', error.message, {
    error: 'invalid_request',
    failed: [
      {
        layer: 'identity',
        clause: 'The subject token is one of a trusted issuer',
        ...(expected !== undefined && { expected }),
        ...(actual !== undefined && { actual }),
      },
    ],
  })
}

/** Whoever holds a lease, in `Authorization: Bearer` (or `DPoP`) or in the body. */
export async function authenticateLease(
  request: AuthenticateRequest,
  inBody: unknown,
  options: AuthenticateOptions,
): Promise<Credential> {
  const [authorization, another] = request.headers['authorization'] ?? []
  if (another !== undefined) throw invalidToken('Send exactly one Authorization header.')
  const [, inHeader] = /^(?:Bearer|DPoP) ([^\s,]+)$/i.exec(authorization ?? '') ?? []
  const lease = inHeader ?? (typeof inBody === 'string' ? inBody : undefined)
  if (lease === undefined) {
    throw unauthenticated('Send the lease: `Authorization: Bearer sp_lease_…`.')
  }
  if (!leaseForm.test(lease)) throw invalidToken('What was sent is no lease (`sp_lease_…`).')
  return {
    kind: 'lease',
    lease: { hash: hashLease(lease), ...(await proved(request, options, lease)) },
  }
}
