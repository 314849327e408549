/*
 * What a token says, read where it was pasted. Nothing here verifies a signature or sends anything: whoever shows a token
 * to a debugger must be able to trust that it goes nowhere.
 */

export interface TokenRead {
  readonly header: Readonly<Record<string, unknown>>
  readonly claims: Readonly<Record<string, unknown>>
  readonly characters: number
  /** Names that are given twice: the exchange refuses such a token, for readers differ about which counts. */
  readonly duplicates: readonly string[]
}

export type TokenText = { readonly token: TokenRead } | { readonly fault: string }

/** More is pasted by mistake, and is not even looked at; the exchange takes a quarter of it. */
const mostCharacters = 65_536
export const exchangeCharacters = 16_384

const fault = (text: string): TokenText => ({ fault: text })

/** Reads a JWT (RFC 7519, compact) without believing it. */
export function readToken(pasted: string): TokenText {
  const text = pasted.trim().replace(/^(authorization:\s*)?(bearer|dpop)\s+/i, '')
  if (text.length > mostCharacters) {
    return fault(
      `It has ${text.length.toLocaleString('en')} characters; no CI system’s token has more than 65,536.`,
    )
  }
  if (text.startsWith('sp_lease_')) {
    return fault(
      'This is a lease, not a CI system’s token. It is as good as the secrets: revoke it.',
    )
  }
  const parts = text.split('.')
  if (parts.length === 5) {
    return fault(
      'It is encrypted (five parts, a JWE): only its recipient can read it. CI systems issue signed tokens, of three parts.',
    )
  }
  if (parts.length !== 3) {
    return fault(
      `A token has three parts with dots between; this has ${parts.length}. Paste all of it, and nothing else.`,
    )
  }
  const [header, claims] = [jsonOf(parts[0] ?? ''), jsonOf(parts[1] ?? '')]
  if ('fault' in header) return fault(`Its first part, the header, ${header.fault}.`)
  if ('fault' in claims) return fault(`Its second part, the claims, ${claims.fault}.`)
  const duplicates = [...namesTwice(header.text), ...namesTwice(claims.text)]
  return {
    token: {
      header: header.value,
      claims: claims.value,
      characters: text.length,
      duplicates,
    },
  }
}

type Part = { value: Record<string, unknown>; text: string } | { fault: string }

function jsonOf(part: string): Part {
  if (!/^[\w-]+$/.test(part)) return { fault: 'is not base64url' }
  let text: string
  try {
    const bytes = Uint8Array.from(atob(part.replaceAll('-', '+').replaceAll('_', '/')), (char) =>
      char.charCodeAt(0),
    )
    text = new TextDecoder('utf-8', { fatal: true }).decode(bytes)
  } catch {
    return { fault: 'is not UTF-8 in base64url' }
  }
  try {
    const value: unknown = JSON.parse(text)
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) {
      return { value: value as Record<string, unknown>, text }
    }
  } catch {
    // Told below.
  }
  return { fault: 'is not a JSON object' }
}

/** Names that stand twice in the outermost object: `JSON.parse` keeps the last and says nothing. */
function namesTwice(json: string): string[] {
  const seen = new Set<string>()
  const twice = new Set<string>()
  let depth = 0
  for (const [token] of json.matchAll(/"(?:[^"\\]|\\.)*"\s*:?|[{}[\]]/g)) {
    if (token === '{' || token === '[') depth++
    else if (token === '}' || token === ']') depth--
    else if (depth === 1 && token.endsWith(':')) {
      const name = JSON.parse(token.replace(/\s*:$/, '')) as string
      if (seen.has(name)) twice.add(name)
      seen.add(name)
    }
  }
  return [...twice]
}
