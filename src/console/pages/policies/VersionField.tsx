import { NativeSelect } from '@mantine/core'

interface Props {
  readonly newest: number
  readonly value: number
  readonly onChange: (number: number) => void
}

/** Which version of a policy is put into a mode. */
export function VersionField({ newest, value, onChange }: Props) {
  const numbers = Array.from({ length: newest }, (_, at) => String(newest - at))
  return (
    <NativeSelect
      label="Version"
      data={numbers.map((number) => ({
        value: number,
        label: number === String(newest) ? `Version ${number}, the newest` : `Version ${number}`,
      }))}
      value={String(value)}
      onChange={(event) => onChange(Number(event.currentTarget.value))}
    />
  )
}
