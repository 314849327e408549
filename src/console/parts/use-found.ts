import { useQuery, type UseQueryOptions } from '@tanstack/react-query'
import type { Named } from '../../contract/id.ts'
import { query } from '../api/client.ts'
import { useSettled } from '../ui/use-settled.ts'

export type Kind = 'person' | 'team' | 'role' | 'segment' | 'project' | 'context'

interface Found {
  readonly items: readonly Named[]
  readonly next?: string | undefined
}

const limit = 200
/** Of what is asked here, only ids and names are looked at, which all kinds have. */
const listed = (options: unknown) => ({ ...(options as UseQueryOptions<Found>), retry: false })

/** How each kind is listed and found by a text. */
const lists = {
  person: (search?: string) => query('people.list', { limit, ...(search && { search }) }),
  team: (search?: string) => query('teams.list', { limit, ...(search && { search }) }),
  role: (search?: string) => query('roles.list', { limit, ...(search && { search }) }),
  segment: (q?: string) => query('segments.list', { limit, ...(q && { q }) }),
  project: (q?: string, segmentId?: string) =>
    query('projects.list', { limit, ...(q && { q }), ...(segmentId && { segmentId }) }),
  context: (q?: string, segmentId?: string) =>
    query('contexts.list', { limit, ...(q && { q }), ...(segmentId && { segmentId }) }),
}

/** Who or what an id names; of the answers only that is looked at. */
const views = {
  person: (personId: string) => query('people.view', { personId }),
  team: (teamId: string) => query('teams.view', { teamId }),
  role: (roleId: string) => query('roles.view', { roleId }),
  segment: (segmentId: string) => query('segments.view', { segmentId }),
  project: (projectId: string) => query('projects.view', { projectId }),
  context: (contextId: string) => query('contexts.view', { contextId }),
}
const viewed = (options: unknown) => ({ ...(options as UseQueryOptions<Named>), retry: false })

/** What an id names, asked for where none of those `known` has it; undefined until it is told, null where nobody tells. */
export function useNamed(
  kind: Kind,
  id: string | null,
  known: readonly (Named | undefined)[] | undefined,
): Named | undefined | null {
  const own = known?.find((each) => each?.id === id)
  const enabled = id !== null && known !== undefined && own === undefined
  const { data, isError } = useQuery({ ...viewed(views[kind](id ?? '')), enabled })
  return own ?? (data?.id === id ? data : isError ? null : undefined)
}

interface Choices {
  /** Undefined until they were told; none where they may not be. */
  readonly items: readonly Named[] | undefined
  /** Whether the server was asked for what fits, as there are more than are listed at once. */
  readonly searching: boolean
}

/**
 * What of a kind can be chosen, of a segment's projects and contexts if it is given: the first of them, or what fits what was
 * typed where there are more.
 */
export function useFound(kind: Kind, typed: string, segmentId?: string): Choices {
  const first = useQuery(listed(lists[kind](undefined, segmentId)))
  const asked = useSettled(typed.trim(), 250)
  const searching = first.data?.next !== undefined && asked !== ''
  const fitting = useQuery({ ...listed(lists[kind](asked, segmentId)), enabled: searching })
  const { data, isError } = searching ? fitting : first
  return { items: data?.items ?? (isError ? [] : undefined), searching }
}

/** As a field's `data` and `filter`: the choices, with what else is to be named. */
export function offer({ items, searching }: Choices, others: readonly Named[] = []) {
  const listedAll = [...(items ?? []), ...others]
  const data = listedAll.map(({ id, name }) => ({ value: id, label: name }))
  if (!searching) return { data }
  // As an option: a list without any is none to whoever is read the page.
  const says = items ? 'Nothing fits' : 'Looking …'
  const nothing = { value: '', label: says, disabled: true }
  return {
    data: items?.length ? data : [...data, nothing],
    // What the server found may fit by another name of it, such as an e-mail address.
    filter: <O>({ options }: { options: O }) => options,
  }
}
