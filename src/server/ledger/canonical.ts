/**
 * RFC 8785 (JCS): the one way to write a JSON value as bytes. Keys sort by UTF-16 code units, numbers and strings are
 * ECMAScript's, which RFC 8785 took them from. A lone surrogate, which RFC 8785 leaves undefined, stays escaped as
 * `\udXXX`: no string can keep its own event from being written (P3).
 */
export function canonical(value: unknown): string {
  if (value === null || typeof value === 'string' || typeof value === 'boolean') {
    return JSON.stringify(value)
  }
  if (typeof value === 'number')
    return Number.isFinite(value) ? JSON.stringify(value) : `"${value}"`
  if (typeof value === 'bigint') return `"${value}"`
  if (value instanceof Date) {
    return Number.isNaN(value.getTime()) ? '"Invalid Date"' : JSON.stringify(value.toISOString())
  }
  if (Array.isArray(value)) return `[${value.map((item) => canonical(item ?? null)).join(',')}]`
  if (typeof value === 'object') {
    const object = value as Readonly<Record<string, unknown>>
    let text = ''
    for (const key of Object.keys(object).sort()) {
      const item = object[key]
      if (item === undefined || typeof item === 'function') continue
      text += `${text && ','}${JSON.stringify(key)}:${canonical(item)}`
    }
    return `{${text}}`
  }
  return 'null'
}

/** The same value with long strings, long lists and deep nesting cut, each cut marked by an ellipsis. */
export function clipped(
  value: unknown,
  most: { text: number; items: number; depth: number },
): unknown {
  if (typeof value === 'string') {
    return value.length > most.text ? `${value.slice(0, most.text)}…` : value
  }
  if (typeof value !== 'object' || value === null || value instanceof Date) return value
  if (most.depth === 0) return '…'
  const inner = { ...most, depth: most.depth - 1 }
  if (Array.isArray(value)) {
    const kept = value.slice(0, most.items).map((item) => clipped(item, inner))
    return value.length > most.items ? [...kept, '…'] : kept
  }
  const entries = Object.entries(value)
    .slice(0, most.items)
    .map(([key, item]) => [key.slice(0, most.text), clipped(item, inner)] as const)
  return Object.fromEntries(entries)
}
