import { Group, Select, TextInput } from '@mantine/core'
import { useState } from 'react'
import { field, type FormError } from '../ui/Form.tsx'
import { duration, unitOf, units, type Unit } from '../../contract/duration.ts'

interface Props {
  readonly label: string
  /** In minutes. */
  readonly value: number
  readonly most: number
  readonly errors?: readonly FormError[]
  readonly onChange: (minutes: number) => void
  readonly path?: string
}

/** How long, as a number and its unit; what is too long says so beside it. */
export function DurationField(props: Props) {
  const { label, value, most, errors, onChange, path = 'durationMinutes' } = props
  const [unit, setUnit] = useState<Unit>(unitOf(value))
  const [typed, setTyped] = useState(String(value / units[unit]))
  const put = (text: string, next: Unit) => {
    setTyped(text)
    setUnit(next)
    const minutes = Math.round(Number(text) * units[next])
    onChange(Number.isFinite(minutes) ? minutes : 0)
  }
  const wrong =
    value < 1 ? 'Say for how long.' : value > most ? `At most ${duration(most)}.` : undefined
  return (
    <Group gap={8} align="flex-start" wrap="nowrap">
      <TextInput
        {...field(path, errors)}
        {...(wrong && { error: wrong })}
        flex={1}
        label={label}
        description={`At most ${duration(most)}.`}
        type="number"
        min={1}
        value={typed}
        onChange={(event) => put(event.currentTarget.value, unit)}
      />
      <Select
        label="Unit"
        description={'\u00a0'}
        w={120}
        allowDeselect={false}
        data={Object.keys(units)}
        value={unit}
        onChange={(next) => put(typed, (next ?? unit) as Unit)}
      />
    </Group>
  )
}
