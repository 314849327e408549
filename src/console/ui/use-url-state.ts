import { useCallback, useMemo } from 'react'
import { useSearchParams } from 'react-router'

/** How a search param is read: as text, a number, a flag, or one of a few words. */
export type Param = 'text' | 'number' | 'flag' | readonly string[]

function read(kind: Param, given: string): string | number | boolean | undefined {
  if (kind === 'number') return Number.isFinite(Number(given)) ? Number(given) : undefined
  if (kind === 'flag') return given === 'true' ? true : given === 'false' ? false : undefined
  if (kind === 'text') return given.slice(0, 2_000)
  return kind.includes(given) ? given : undefined
}

/** Search params, param by param: what does not read is dropped, never a broken page. */
export function readParams(
  params: Readonly<Record<string, Param>>,
  search: URLSearchParams,
): Record<string, string | number | boolean> {
  const out: Record<string, string | number | boolean> = {}
  for (const [key, kind] of Object.entries(params)) {
    const given = search.get(key)
    const value = given === null || given === '' ? undefined : read(kind, given)
    if (value !== undefined) out[key] = value
  }
  return out
}

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
