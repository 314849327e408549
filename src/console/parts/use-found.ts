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
  project: (q?: string) => query('projects.list', { limit, ...(q && { q }) }),
  context: (q?: string) => query('contexts.list', { limit, ...(q && { q }) }),
}

interface Choices {
  /** Undefined until they were told. */
  readonly items: readonly Named[] | undefined
  /** Whether the server was asked for what fits, as there are more than are listed at once. */
  readonly searching: boolean
}

/** What of a kind can be chosen: the first of them, or what fits what was typed where there are more. */
export function useFound(kind: Kind, typed: string): Choices {
  const first = useQuery(listed(lists[kind]())).data
  const asked = useSettled(typed.trim(), 250)
  const searching = first?.next !== undefined && asked !== ''
  const fitting = useQuery({ ...listed(lists[kind](asked)), enabled: searching }).data
  return { items: (searching ? fitting : first)?.items, searching }
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
