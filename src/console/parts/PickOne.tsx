import { Select, type SelectProps } from '@mantine/core'
import { useQuery, type UseQueryOptions } from '@tanstack/react-query'
import { useState } from 'react'
import type { Named } from '../../contract/id.ts'
import { query } from '../api/client.ts'
import { offer, useFound, type Kind } from './use-found.ts'

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

interface Props extends Omit<SelectProps, 'data' | 'value' | 'onChange' | 'searchable'> {
  readonly kind: Kind
  readonly value: string | null
  readonly onChange: (id: string | null) => void
  /** Which of them cannot be chosen. */
  readonly but?: string
}

/**
 * A field for one person, team, role, segment, project or context. Where there are more than are listed at once, the server is
 * asked for what fits what was typed; what is chosen keeps its name, also where it comes from the address or has gone.
 */
export function PickOne({ kind, value, onChange, but, ...field }: Props) {
  const [typed, setTyped] = useState('')
  const [chosen, setChosen] = useState<Named>()
  // What is chosen stands in the field: that is not looked for.
  const found = useFound(kind, typed === chosen?.name ? '' : typed)
  const items = found.items?.filter(({ id }) => id !== but)
  const known = [chosen, ...(items ?? [])].find((each) => each?.id === value)
  const looked = useQuery({
    ...viewed(views[kind](value ?? '')),
    enabled: value !== null && items !== undefined && known === undefined,
  }).data
  const current = known ?? (looked?.id === value ? looked : undefined)
  if (current && current.id !== chosen?.id) setChosen(current)
  const unlisted = !found.searching && current && !items?.some(({ id }) => id === current.id)
  return (
    <Select
      {...field}
      {...offer({ ...found, items }, unlisted ? [current] : [])}
      searchable
      onSearchChange={setTyped}
      value={value}
      onChange={onChange}
    />
  )
}
