import { createHash } from 'node:crypto'
import type { Transaction } from '../../db/transaction.ts'
import {
  CiTokenError,
  issuerNamed,
  type CiToken,
  type SignedToken,
} from '../../pipelines/ci-token.ts'
import { problem, type ProblemError } from '../problem.ts'
import type { AuthenticateOptions, AuthenticateRequest } from './authenticate.ts'
import { invalidToken, unauthenticated } from './challenge.ts'
import { verifyProof } from './dpop.ts'
import type { Credential, Workload } from './identity.ts'

/** CI systems' tokens, as the door asks of them. Each throws a `CiTokenError`. */
export interface CiTokens {
  /** Whether a trusted issuer has signed it: may have to fetch keys, and so is asked before the transaction. */
  verify(token: string): Promise<SignedToken>
  /** Whether it is a token for us now: by the rules and the clock of the transaction (P7). */
  admit(transaction: Transaction, signed: SignedToken): Promise<CiToken>
}

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
  tokens: CiTokens,
  options: AuthenticateOptions,
): Promise<Credential> {
  if (typeof subjectToken !== 'string' || subjectToken === '') {
    const sentence = 'The parameter `subject_token` is missing: send the OIDC token of the CI job.'
    throw problem('invalid_subject_token', sentence, { error: 'invalid_request' })
  }
  try {
    const signed = await tokens.verify(subjectToken)
    return { kind: 'workload', signed, ...(await proved(request, options)) }
  } catch (error) {
    throw error instanceof CiTokenError ? told(error) : error
  }
}

/** The run itself. Throws the 400 for what is no token of a trusted issuer any more. */
export async function admitWorkload(
  transaction: Transaction,
  { signed, jkt }: Extract<Credential, { kind: 'workload' }>,
  tokens: CiTokens,
): Promise<Workload> {
  try {
    return { token: await tokens.admit(transaction, signed), ...(jkt !== undefined && { jkt }) }
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
