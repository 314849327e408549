import { MultiSelect } from '@mantine/core'

interface Props {
  readonly names: string[]
  readonly chosen: string[]
  readonly onChange: (names: string[]) => void
}

/** Which contexts a job asks for, in their order. */
export function ContextsChoice({ names, chosen, onChange }: Props) {
  return (
    <MultiSelect
      label="Contexts, in order: of a variable in several, the last one’s value holds"
      data={names}
      searchable
      maxValues={20}
      value={chosen}
      onChange={(next) => next.length > 0 && onChange(next)}
    />
  )
}
