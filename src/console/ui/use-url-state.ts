import { useCallback, useEffect, useMemo } from 'react'
import { useSearchParams } from 'react-router'
import { toast } from './toasts.ts'

/** How a search param is read: a flag, an id, a moment, one of a few words, a text by its length or a whole number by its size. */
export type Param =
  | 'flag'
  | 'id'
  | 'moment'
  | readonly string[]
  | { readonly text: readonly [least: number, most: number] }
  | { readonly whole: readonly [least: number, most: number] }

const hex = (digits: number) => `[0-9a-f]{${digits}}`
/** RFC 9562: every version, and the two that are all zeros and all ones. */
const uuid = new RegExp(
  `^(${hex(8)}-${hex(4)}-[1-8]${hex(3)}-[89ab]${hex(3)}-${hex(12)}|0{8}(-0{4}){3}-0{12}|f{8}(-f{4}){3}-f{12})$`,
  'i',
)
const clock =
  /^(\d{4}-\d\d-\d\d)T([01]\d|2[0-3])(:[0-5]\d){2}(\.\d+)?(Z|[+-]([01]\d|2[0-3]):[0-5]\d)$/

/** ISO 8601 with a zone, on a day that there is: 30 February is none, though a `Date` would be made of it. */
function isMoment(given: string): boolean {
  const day = clock.exec(given)?.[1]
  const date = new Date(`${day}T00:00:00Z`)
  return day !== undefined && !Number.isNaN(date.getTime()) && date.toISOString().startsWith(day)
}

export function readParam(kind: Param, given: string): string | number | boolean | undefined {
  if (kind === 'flag') return given === 'true' || (given === 'false' ? false : undefined)
  if (kind === 'id') return uuid.test(given) ? given : undefined
  if (kind === 'moment') return isMoment(given) ? given : undefined
  if ('text' in kind) {
    const [least, most] = kind.text
    return given.length >= least && given.length <= most ? given : undefined
  }
  if ('whole' in kind) {
    const [least, most] = kind.whole
    const value = Number(given)
    return Number.isSafeInteger(value) && value >= least && value <= most ? value : undefined
  }
  return kind.includes(given) ? given : undefined
}

/** The params that are there and do not read. */
export function unread(
  params: Readonly<Record<string, Param>>,
  search: URLSearchParams,
): readonly string[] {
  const known = readParams(params, search)
  return Object.keys(params).filter((key) => search.get(key) && known[key] === undefined)
}

/** Search params, param by param: what does not read is dropped, never a broken page. */
export function readParams(
  params: Readonly<Record<string, Param>>,
  search: URLSearchParams,
): Record<string, string | number | boolean> {
  const out: Record<string, string | number | boolean> = {}
  for (const [key, kind] of Object.entries(params)) {
    const given = search.get(key)
    const value = given === null || given === '' ? undefined : readParam(kind, given)
    if (value !== undefined) out[key] = value
  }
  return out
}

const said = { tone: 'failed' } as const

export type Patch = Readonly<Record<string, string | number | boolean | undefined>>

/** The params with a patch laid over them; empty values leave the URL, and paging starts again. */
export function patchParams(params: URLSearchParams, patch: Patch): URLSearchParams {
  const next = new URLSearchParams(params)
  next.delete('cursor')
  for (const [key, value] of Object.entries(patch)) {
    if (value === undefined || value === '') next.delete(key)
    else next.set(key, String(value))
  }
  next.sort()
  return next
}

/** The search params as state, and a patch that writes them back; `params` must be the same object at each render. */
export function useUrlState<State extends object>(
  params: Readonly<Record<string, Param>>,
): [State, (patch: Patch, options?: { replace?: boolean }) => void] {
  const [search, setSearch] = useSearchParams()
  const state = useMemo(() => readParams(params, search) as State, [params, search])
  const dropped = unread(params, search).join(' and ')
  // A list that is not narrowed as its address says must not pass for one that is.
  useEffect(() => {
    if (dropped) toast(`The address’s ${dropped} cannot be read, and narrows nothing.`, said)
  }, [dropped])
  const set = useCallback(
    (patch: Patch, options?: { replace?: boolean }) => {
      setSearch((before) => patchParams(before, patch), {
        replace: options?.replace ?? false,
        preventScrollReset: true,
      })
    },
    [setSearch],
  )
  return [state, set]
}
