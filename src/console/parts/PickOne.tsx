import { Select, type SelectProps } from '@mantine/core'
import { useState } from 'react'
import type { Named } from '../../contract/id.ts'
import { offer, useFound, useNamed, type Kind } from './use-found.ts'

interface Props extends Omit<SelectProps, 'data' | 'value' | 'onChange' | 'searchable'> {
  readonly kind: Kind
  readonly value: string | null
  readonly onChange: (id: string | null) => void
  /** Which of them cannot be chosen. */
  readonly but?: string
  /** Projects and contexts of this segment only. */
  readonly segmentId?: string | undefined
}

/**
 * A field for one person, team, role, segment, project or context. Where there are more than are listed at once, the server is
 * asked for what fits what was typed; what is chosen keeps its name, also where it comes from the address or has gone.
 */
export function PickOne({ kind, value, onChange, but, segmentId, ...field }: Props) {
  const [typed, setTyped] = useState('')
  const [chosen, setChosen] = useState<Named>()
  // What is chosen stands in the field: that is not looked for.
  const found = useFound(kind, typed === chosen?.name ? '' : typed, segmentId)
  const items = found.items?.filter(({ id }) => id !== but)
  const current = useNamed(kind, value, items && [chosen, ...items])
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
