import { NativeSelect } from '@mantine/core'
import { evaluateDays } from '../../../contract/policy-limits.ts'

const choices = [7, 14, evaluateDays.usual, 90, evaluateDays.most]

interface Props {
  readonly value: number
  readonly onChange: (days: number) => void
}

/** For how long a policy is tried, before somebody looks at it again. */
export function EvaluateDays({ value, onChange }: Props) {
  return (
    <NativeSelect
      label="Try it for"
      data={choices.map((days) => ({ value: String(days), label: `${days} days` }))}
      value={String(value)}
      onChange={(event) => onChange(Number(event.currentTarget.value))}
    />
  )
}
