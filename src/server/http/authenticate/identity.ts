import type { CiToken, SignedToken } from '../../pipelines/ci-token.ts'

/** What a verified access token says of who asks: nothing about what they may do. */
export interface Identity {
  readonly issuer: string
  readonly subject: string
  /** One sign-in: the `sid` claim, else the DPoP key's thumbprint, else a hash of `auth_time` and `sub`. */
  readonly sessionKey: string
  /** Thumbprint of the DPoP key that the token is bound to (RFC 9449 §6). */
  readonly jkt?: string
  readonly authenticatedAt?: Date
  readonly acr?: string
  readonly amr?: readonly string[]
  readonly email?: string
  readonly emailVerified?: boolean
  readonly name?: string
  readonly groups?: readonly string[]
  readonly clientId?: string
  readonly expiresAt: Date
}

/** A pipeline run: the CI's token, admitted, and the key of the run's own if it has one (RFC 9449). */
export interface Workload {
  readonly token: CiToken
  readonly jkt?: string
}

/** What the holder of a lease brings. */
export interface LeaseShown {
  /** SHA-256 of the lease. */
  readonly hash: Buffer
  readonly jkt?: string
}

/** How a request proves who sends it. */
export type Credential =
  | { readonly kind: 'none' }
  | { readonly kind: 'identity'; readonly identity: Identity }
  /** An API token of ours, by the SHA-256 of its value. */
  | { readonly kind: 'api-token'; readonly hash: Buffer }
  /** What is signed by a trusted CI system; whether it is a token still, the transaction asks. */
  | { readonly kind: 'workload'; readonly signed: SignedToken; readonly jkt?: string }
  | { readonly kind: 'lease'; readonly lease: LeaseShown }
