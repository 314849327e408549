import { createHash, randomBytes } from 'node:crypto'

/** `sp_api_` and 43 characters of base64url: 256 random bits; the prefix lets scanners find a leaked one. */
const format = /^sp_api_[A-Za-z0-9_-]{43}$/

export function isApiToken(text: string): boolean {
  return format.test(text)
}

/** What is stored of a token; 256 random bits need no salt and no slow hash. */
export function hashApiToken(token: string): Buffer {
  return createHash('sha256').update(token).digest()
}

/** A new token: the value is shown once, the hint tells tokens apart in a list. */
export function generateApiToken(): { token: string; hash: Buffer; hint: string } {
  const token = `sp_api_${randomBytes(32).toString('base64url')}`
  return { token, hash: hashApiToken(token), hint: token.slice(-4) }
}
