/** What the server tells the page in `<script type="application/json" id="sallyport-settings">`. */
export interface Settings {
  readonly issuer: string
  readonly clientId: string
  readonly audience: string
  readonly evaluation: boolean
  /** What is asked of the identity provider in a step-up; one that does not know it goes by `max_age` alone. */
  readonly stepUpAcr: string
  /** Oldest authentication that a sensitive operation accepts, in seconds. */
  readonly stepUpMaxAge: number
  /** For the first proof of this page (RFC 9449 §9). */
  readonly dpopNonce: string
}

export function readSettings(): Settings {
  const found: unknown = JSON.parse(
    document.getElementById('sallyport-settings')?.textContent || '{}',
  )
  const of = (name: string): unknown =>
    typeof found === 'object' && found !== null ? Reflect.get(found, name) : undefined
  const [issuer, clientId, audience] = [of('issuer'), of('clientId'), of('audience')]
  if (typeof issuer !== 'string' || typeof clientId !== 'string' || typeof audience !== 'string') {
    throw new Error('The page was served without its settings.')
  }
  const [acr, maxAge, nonce] = [of('stepUpAcr'), of('stepUpMaxAge'), of('dpopNonce')]
  const stepUpAcr = typeof acr === 'string' ? acr : 'urn:sallyport:confirmed'
  return {
    issuer,
    clientId,
    audience,
    evaluation: of('evaluation') === true,
    stepUpAcr,
    stepUpMaxAge: typeof maxAge === 'number' ? maxAge : 300,
    dpopNonce: typeof nonce === 'string' ? nonce : '',
  }
}
