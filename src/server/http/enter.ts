import type { Transaction } from '../db/transaction.ts'
import type { Actor } from '../decision/types.ts'
import type { SignedToken } from '../pipelines/ci-token.ts'
import { invalidToken, unauthenticated } from './authenticate/challenge.ts'
import type { Credential, Identity } from './authenticate/identity.ts'
import { problem, type ProblemError } from './problem.ts'

/** A session is asked for before its transaction has begun: `now` is known once that was answered. */
type Begun = Pick<Transaction, 'planned' | 'now'>

/** What the door must know of people, sessions and tokens; `app.ts` answers it from the features that own them. */
export interface Doorkeeper {
  /** Whose session the sign-in began; `over` when it was revoked or has ended; nothing when none has begun. */
  session(
    transaction: Begun,
    identity: Identity,
  ): Promise<{ actor: Actor; over?: ProblemError } | undefined>
  /** Who a live API token acts for, and no more than its role permits. */
  token(transaction: Begun, hash: Buffer): Promise<Actor | undefined>
}

export const anonymous: Actor = Object.freeze({
  kind: 'anonymous',
  id: 'anonymous',
  name: 'Nobody',
  teams: [],
  grants: [],
})

/** Who came in; `refusal` when they are known and may still not go on. */
export interface Entered {
  readonly actor: Actor
  readonly identity?: Identity
  readonly refusal?: ProblemError
}

/** From credential to actor, in the request's own transaction: what was revoked before is gone. */
export async function enter(
  transaction: Begun,
  keeper: Doorkeeper,
  credential: Credential,
): Promise<Entered> {
  if (credential.kind === 'none') {
    return { actor: anonymous, refusal: unauthenticated('Sign in, or send an API token.') }
  }
  if (credential.kind === 'api-token') {
    const actor = await keeper.token(transaction, credential.hash)
    if (actor) return { actor }
    const sentence = 'The API token is unknown, has expired or was revoked. Create another.'
    return { actor: anonymous, refusal: invalidToken(sentence) }
  }
  if (credential.kind === 'workload') return { actor: runAs(credential.signed) }
  // Whose it is, the lease says.
  if (credential.kind === 'lease') return { actor: anonymous }
  const { identity } = credential
  const found = await keeper.session(transaction, identity)
  if (!found) {
    const sentence = 'No session has begun with this sign-in. Begin one with POST /api/v1/sessions.'
    return {
      actor: signedInAs(identity),
      identity,
      refusal: problem('session_required', sentence),
    }
  }
  const { actor, over } = found
  return { actor, identity, ...(over && { refusal: over }) }
}

/** A run of which no more is known than that a trusted issuer says so: holds nothing. */
function runAs({ issuerUrl: issuer, subject }: SignedToken): Actor {
  const id = `${issuer}#${subject}`
  return { ...anonymous, kind: 'workload', id, name: subject, issuer, subject }
}

/** Somebody whom the identity provider knows and we do not yet: holds nothing. */
function signedInAs(identity: Identity): Actor {
  const { issuer, subject, name, email } = identity
  return {
    ...anonymous,
    id: `${issuer}#${subject}`,
    name: name ?? email ?? subject,
    issuer,
    subject,
    ...(email && { email }),
  }
}
