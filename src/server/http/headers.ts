import { randomBytes } from 'node:crypto'

type Headers = Readonly<Record<string, string>>

const everywhere: Headers = {
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
  // The window of a step-up must be able to answer the page that opened it.
  'cross-origin-opener-policy': 'same-origin-allow-popups',
  'cross-origin-resource-policy': 'same-origin',
  'permissions-policy': 'camera=(), microphone=(), geolocation=(), usb=(), payment=()',
}

const strict = (secure: boolean): Headers =>
  secure ? { 'strict-transport-security': 'max-age=63072000; includeSubDomains' } : {}

/** Every answer of the API (C7): data, never a document. */
export function apiHeaders(publicUrl: string): Headers {
  return {
    ...everywhere,
    ...strict(publicUrl.startsWith('https:')),
    'content-security-policy': "default-src 'none'; frame-ancestors 'none'; sandbox",
    'cache-control': 'no-store',
  }
}

export const newNonce = (): string => randomBytes(18).toString('base64')

/** The console's page (C7): scripts by nonce, nothing inline, nothing framed, and only our issuer besides ourselves. */
export function pageHeaders(publicUrl: string, issuer: string, nonce: string): Headers {
  const secure = publicUrl.startsWith('https:')
  const policy = [
    "default-src 'none'",
    `script-src 'nonce-${nonce}' 'strict-dynamic'`,
    `style-src 'self' 'nonce-${nonce}'`,
    "img-src 'self'",
    "font-src 'self'",
    `connect-src 'self' ${new URL(issuer).origin}`,
    "worker-src 'self'",
    "manifest-src 'self'",
    "frame-src 'none'",
    "object-src 'none'",
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
    "require-trusted-types-for 'script'",
    'trusted-types sallyport-worker',
    ...(secure ? ['upgrade-insecure-requests'] : []),
    // Where both stand browsers follow `report-to` alone, which sends nothing from a page without TLS (Reporting API).
    'report-uri /api/v1/csp-reports',
    ...(secure ? ['report-to csp'] : []),
  ]
  return {
    ...everywhere,
    ...strict(secure),
    'content-security-policy': policy.join('; '),
    'reporting-endpoints': 'csp="/api/v1/csp-reports"',
    'cache-control': 'no-store',
  }
}

/** A file of the console; a worker runs the policy engine, which is WebAssembly, under a policy of its own. */
export function fileHeaders(publicUrl: string, name: string): Headers {
  const worker = /worker[^/]{0,80}\.js$/.test(name)
  return {
    ...everywhere,
    ...strict(publicUrl.startsWith('https:')),
    'content-security-policy': worker
      ? "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; connect-src 'self'"
      : "default-src 'none'; frame-ancestors 'none'",
    'cache-control': name.startsWith('/assets/')
      ? 'public, max-age=31536000, immutable'
      : 'public, max-age=3600',
  }
}
