import { same } from './same.ts'

export interface Change {
  readonly path: string
  readonly kind: 'added' | 'removed' | 'changed'
  readonly before?: unknown
  readonly after?: unknown
}

const isPlain = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
const isList = (value: unknown): value is unknown[] => Array.isArray(value)

/** What changed between two values, as a flat list of paths; lists of plain words are compared as sets. */
export function changes(before: unknown, after: unknown, path = ''): Change[] {
  if (same(before, after)) return []
  if (isPlain(before) && isPlain(after)) {
    return [...new Set([...Object.keys(before), ...Object.keys(after)])].flatMap((key) =>
      changes(before[key], after[key], path ? `${path}.${key}` : key),
    )
  }
  if (isList(before) && isList(after) && [...before, ...after].every((each) => !isPlain(each))) {
    return [
      ...before
        .filter((each) => !after.includes(each))
        .map((each) => ({ path, kind: 'removed' as const, before: each })),
      ...after
        .filter((each) => !before.includes(each))
        .map((each) => ({ path, kind: 'added' as const, after: each })),
    ]
  }
  if (before === undefined || before === null) {
    if (isPlain(after)) {
      return Object.entries(after).flatMap(([key, value]) =>
        changes(undefined, value, path ? `${path}.${key}` : key),
      )
    }
    return after === null || after === undefined ? [] : [{ path, kind: 'added', after }]
  }
  if (after === undefined || after === null) {
    if (isPlain(before)) {
      return Object.entries(before).flatMap(([key, value]) =>
        changes(value, undefined, path ? `${path}.${key}` : key),
      )
    }
    return [{ path, kind: 'removed', before }]
  }
  return [{ path, kind: 'changed', before, after }]
}

/** `runnerClasses` → "Runner classes". */
export function fieldName(path: string): string {
  const words = path.replace(
    /([a-z])([A-Z])/g,
    (_, a: string, b: string) => `${a} ${b.toLowerCase()}`,
  )
  return words.charAt(0).toUpperCase() + words.slice(1).replaceAll('.', ' › ')
}

export function valueText(value: unknown): string {
  if (value === null || value === undefined) return 'nothing'
  if (value === '') return '(empty)'
  if (typeof value === 'boolean') return value ? 'yes' : 'no'
  return typeof value === 'string' ? value : JSON.stringify(value)
}
