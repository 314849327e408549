import { Select, type SelectProps } from '@mantine/core'
import { useQuery, type UseQueryOptions } from '@tanstack/react-query'
import { useState } from 'react'
import { query } from '../api/client.ts'
import { useSettled } from '../ui/use-settled.ts'

type Kind = 'person' | 'team' | 'segment' | 'project' | 'context'

interface Named {
  readonly id: string
  readonly name: string
}
interface Found {
  readonly items: readonly Named[]
  readonly next?: string | undefined
}

const limit = 200
/** Of what is asked here, only ids and names are looked at, which all kinds have. */
const listed = (options: unknown) => ({ ...(options as UseQueryOptions<Found>), retry: false })
const named = (options: unknown) => ({ ...(options as UseQueryOptions<Named>), retry: false })

/** How each kind is listed and found by a text. */
const lists = {
  person: (search?: string) => query('people.list', { limit, ...(search && { search }) }),
  team: (search?: string) => query('teams.list', { limit, ...(search && { search }) }),
  segment: (q?: string) => query('segments.list', { limit, ...(q && { q }) }),
  project: (q?: string) => query('projects.list', { limit, ...(q && { q }) }),
  context: (q?: string) => query('contexts.list', { limit, ...(q && { q }) }),
}
const one = {
  person: (personId: string) => query('people.view', { personId }),
  team: (teamId: string) => query('teams.view', { teamId }),
  segment: (segmentId: string) => query('segments.view', { segmentId }),
  project: (projectId: string) => query('projects.view', { projectId }),
  context: (contextId: string) => query('contexts.view', { contextId }),
}

interface Props extends Omit<SelectProps, 'data' | 'value' | 'onChange' | 'searchable'> {
  readonly kind: Kind
  readonly value: string | null
  readonly onChange: (id: string | null) => void
  /** Which of them cannot be chosen. */
  readonly but?: string
}

/**
 * A field for one person, team, segment, project or context. Where there are more than are listed at once, the server is
 * asked for what fits what was typed; what is chosen keeps its name, also where it comes from the address or has gone.
 */
export function PickOne({ kind, value, onChange, but, ...field }: Props) {
  const [typed, setTyped] = useState('')
  const [chosen, setChosen] = useState<Named>()
  const first = useQuery(listed(lists[kind]())).data
  const many = first?.next !== undefined
  const known = value === chosen?.id ? chosen : first?.items.find(({ id }) => id === value)
  const looked = useQuery({
    ...named(one[kind](value ?? '')),
    enabled: value !== null && first !== undefined && known === undefined,
  }).data
  const current = known ?? (looked?.id === value ? looked : undefined)
  const asked = useSettled(typed === current?.name ? '' : typed.trim(), 250)
  const searching = many && asked !== ''
  const fitting = useQuery({
    ...listed(lists[kind](asked)),
    enabled: searching,
  }).data
  const offered = ((searching ? fitting : first)?.items ?? []).filter(({ id }) => id !== but)
  const unlisted = !searching && current && !offered.some(({ id }) => id === current.id)
  const options = [...offered, ...(unlisted ? [current] : [])]
  return (
    <Select
      {...field}
      searchable
      onSearchChange={setTyped}
      // What the server found may fit by another name of it, such as an e-mail address.
      {...(searching && { filter: ({ options: all }) => all })}
      data={[
        ...options.map(({ id, name }) => ({ value: id, label: name })),
        // As an option: a list without any is none to whoever is read the page.
        ...(searching && options.length === 0
          ? [{ value: '', label: fitting ? 'Nothing fits' : 'Looking …', disabled: true }]
          : []),
      ]}
      value={value}
      onChange={(id) => {
        setChosen(options.find((each) => each.id === id))
        onChange(id)
      }}
    />
  )
}
