import { manager } from './manager.ts'
import { currentUser, endSession } from './session.ts'
import { readSettings } from './settings.ts'

/** The newest nonce of the API (RFC 9449 §9), at first the page's own; the library keeps none for us. */
let nonce = readSettings().dpopNonce

async function send(path: string, init: RequestInit, force: boolean): Promise<Response> {
  const user = await currentUser(force)
  const oidc = await manager()
  const url = new URL(path, window.location.origin)
  // The library signs the URL verbatim, and `htu` is without query and fragment (RFC 9449 §4.2).
  const proof = oidc.settings.dpop
    ? await oidc.dpopProof(`${url.origin}${url.pathname}`, user, init.method ?? 'GET', nonce)
    : undefined
  const headers = new Headers(init.headers)
  headers.set('authorization', `${proof ? 'DPoP' : 'Bearer'} ${user.access_token}`)
  if (proof) headers.set('dpop', proof)
  const answer = await fetch(url, { ...init, headers })
  nonce = answer.headers.get('dpop-nonce') ?? nonce
  return answer
}

/**
 * `fetch` with the session's token and a proof of its own. An expired token or a wanted nonce costs one more request;
 * both are refused before anything has happened, so repeating is safe.
 */
export async function authorizedFetch(path: string, init: RequestInit = {}): Promise<Response> {
  const answer = await send(path, init, false)
  if (answer.status !== 401) return answer
  const challenge = answer.headers.get('www-authenticate') ?? ''
  if (challenge.includes('use_dpop_nonce')) return send(path, init, false)
  if (challenge.includes('error="invalid_token"')) return send(path, init, true)
  const told: unknown = await answer
    .clone()
    .json()
    .catch(() => null)
  const code: unknown =
    typeof told === 'object' && told !== null ? Reflect.get(told, 'code') : undefined
  if (code === 'session_revoked' || code === 'session_expired') {
    endSession(String(Reflect.get(told as object, 'title')))
  }
  return answer
}
