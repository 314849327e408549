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

/** How a request proves who sends it. */
export type Credential =
  | { readonly kind: 'none' }
  | { readonly kind: 'identity'; readonly identity: Identity }
  /** An API token of ours, by the SHA-256 of its value. */
  | { readonly kind: 'api-token'; readonly hash: Buffer }
