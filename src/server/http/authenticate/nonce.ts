import { createHmac, hkdfSync, timingSafeEqual } from 'node:crypto'

const stepMs = 60_000
/** Steps either side of the server's clock: another server's may be off, and a page may rest for two minutes. */
const window = 2

/** The nonces of this deployment: every server makes and knows the same ones, and none is stored. */
export interface Nonces {
  /** The one to be used now, good for at least two minutes. */
  readonly current: () => string
  /** Whether it was issued within the window, by whichever server. */
  readonly knows: (nonce: unknown) => boolean
}

/**
 * Server nonces of DPoP proofs (RFC 9449 §9), so that none can be made in advance (§11.2): the HMAC of the minute under
 * a key derived from the master key (HKDF-SHA-256, RFC 5869). They are no secret, and tell nothing but the time.
 */
export function noncesOf(masterKey: Buffer, now: () => number = Date.now): Nonces {
  const key = Buffer.from(hkdfSync('sha256', masterKey, '', 'sallyport dpop nonce key v1', 32))
  const step = () => Math.floor(now() / stepMs)
  const made = new Map<number, string>()
  const at = (which: number): string => {
    const known = made.get(which)
    if (known !== undefined) return known
    const nonce = createHmac('sha256', key).update(String(which)).digest('base64url').slice(0, 32)
    made.set(which, nonce)
    for (const old of made.keys()) if (Math.abs(old - which) > 2 * window) made.delete(old)
    return nonce
  }
  return {
    current: () => at(step()),
    knows(nonce) {
      if (typeof nonce !== 'string' || !/^[A-Za-z0-9_-]{32}$/.test(nonce)) return false
      const middle = step()
      const given = Buffer.from(nonce)
      for (let which = middle - window; which <= middle + window; which += 1) {
        if (timingSafeEqual(given, Buffer.from(at(which)))) return true
      }
      return false
    },
  }
}
