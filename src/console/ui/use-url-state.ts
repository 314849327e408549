import { useCallback, useMemo } from 'react'
import { useSearchParams } from 'react-router'
import type { z } from 'zod'

/** Search params read by a schema, field by field: what does not parse is dropped, never a broken page. */
export function readParams<S extends z.ZodObject>(
  schema: S,
  params: URLSearchParams,
): Partial<z.output<S>> {
  const out: Record<string, unknown> = {}
  for (const [key, field] of Object.entries(schema.shape)) {
    const given = params.get(key)
    if (given === null || given === '') continue
    const parsed = (field as z.ZodType).safeParse(given)
    if (parsed.success) out[key] = parsed.data
  }
  return out as Partial<z.output<S>>
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

/**
 * The URL is the state: the list operation's query schema parses the search params, and a patch writes them back.
 * `const [query, setQuery] = useUrlState(contexts.list.query)`
 */
export function useUrlState<S extends z.ZodObject>(
  schema: S,
): [Partial<z.output<S>>, (patch: Patch, options?: { replace?: boolean }) => void] {
  const [params, setParams] = useSearchParams()
  const state = useMemo(() => readParams(schema, params), [schema, params])
  const set = useCallback(
    (patch: Patch, options?: { replace?: boolean }) => {
      setParams((before) => patchParams(before, patch), {
        replace: options?.replace ?? false,
        preventScrollReset: true,
      })
    },
    [setParams],
  )
  return [state, set]
}
