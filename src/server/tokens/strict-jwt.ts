/** A compact JWS taken apart without verifying it; only what may be looked at before the signature is checked. */
export interface StrictJwt {
  readonly header: Readonly<Record<string, unknown>>
  readonly payload: Readonly<Record<string, unknown>>
}

const part = /^[A-Za-z0-9_-]+$/

/** base64url has one spelling per value here: a different tail of the last character is a different text (C4, P5). */
function decode(text: string): string | undefined {
  if (!part.test(text)) return undefined
  const bytes = Buffer.from(text, 'base64url')
  if (bytes.toString('base64url') !== text) return undefined
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes)
  } catch {
    return undefined
  }
}

/** Text that no database keeps and no two readers read alike: a NUL, or half of a surrogate pair. */
const isOdd = (literal: string) => {
  if (!literal.includes('\\u')) return false
  const text = String(JSON.parse(literal))
  return text.includes('\0') || !text.isWellFormed()
}

/**
 * True if an object names a member twice at any depth, or a text is odd. RFC 7519 §4 lets a parser refuse duplicate claims;
 * JSON.parse keeps the last one, another reader may keep the first.
 */
function isAmbiguous(json: string): boolean {
  const open: (Set<string> | null)[] = []
  let expectsName = false
  for (let i = 0; i < json.length; i += 1) {
    const c = json[i]
    if (c === '{') {
      open.push(new Set())
      expectsName = true
    } else if (c === '[') {
      open.push(null)
      expectsName = false
    } else if (c === '}' || c === ']') {
      open.pop()
      expectsName = false
    } else if (c === ',') {
      expectsName = open.at(-1) instanceof Set
    } else if (c === '"') {
      const start = i
      i += 1
      while (i < json.length && json[i] !== '"') i += json[i] === '\\' ? 2 : 1
      if (isOdd(json.slice(start, i + 1))) return true
      const names = open.at(-1)
      if (expectsName && names) {
        const name = String(JSON.parse(json.slice(start, i + 1)))
        if (names.has(name)) return true
        names.add(name)
        expectsName = false
      }
    }
  }
  return false
}

function object(text: string | undefined): Record<string, unknown> | undefined {
  if (text === undefined) return undefined
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    return undefined
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return undefined
  return isAmbiguous(text) ? undefined : (value as Record<string, unknown>)
}

/** Parses strictly: three canonical parts, JSON objects without duplicate names or odd text. `undefined` when it is anything else. */
export function parseStrictJwt(token: string): StrictJwt | undefined {
  const parts = token.split('.')
  const [head, body, signature] = parts
  if (parts.length !== 3 || !head || !body || !signature) return undefined
  if (!part.test(signature)) return undefined
  if (Buffer.from(signature, 'base64url').toString('base64url') !== signature) return undefined
  const header = object(decode(head))
  const payload = object(decode(body))
  return header && payload ? { header, payload } : undefined
}
