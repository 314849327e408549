import { MultiSelect, type MultiSelectProps } from '@mantine/core'
import { useState } from 'react'
import type { Named } from '../../contract/id.ts'
import { offer, useFound, type Kind } from './use-found.ts'

interface Props extends Omit<MultiSelectProps, 'data' | 'value' | 'onChange' | 'searchable'> {
  readonly kind: Kind
  readonly value: readonly Named[]
  readonly onChange: (chosen: Named[]) => void
}

/** A field for several of them, as `PickOne` is for one. */
export function PickSeveral({ kind, value, onChange, ...field }: Props) {
  const [typed, setTyped] = useState('')
  const found = useFound(kind, typed)
  const unlisted = value.filter(({ id }) => !found.items?.some((each) => each.id === id))
  return (
    <MultiSelect
      {...field}
      {...offer(found, unlisted)}
      searchable
      hidePickedOptions
      onSearchChange={setTyped}
      value={value.map(({ id }) => id)}
      onChange={(ids) => {
        const known = new Map([...(found.items ?? []), ...value].map((each) => [each.id, each]))
        onChange(ids.flatMap((id) => known.get(id) ?? []))
      }}
    />
  )
}
