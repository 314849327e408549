import { SegmentedControl, TextInput } from '@mantine/core'
import { field, type FormError } from '../../ui/Form.tsx'

const day = 86_400_000

const choices = [
  { value: '7', label: '7 days' },
  { value: '30', label: '30 days' },
  { value: '90', label: '90 days' },
  { value: '365', label: '1 year' },
]

export const untilAfter = (days: string): string =>
  new Date(Date.now() + Number(days) * day).toISOString()

interface Props {
  readonly days: string
  readonly onDays: (days: string) => void
  readonly reason: string
  readonly onReason: (reason: string) => void
  readonly errors: readonly FormError[]
}

/** For how long, and why: what every decision about a finding says. */
export function UntilField({ days, onDays, reason, onReason, errors }: Props) {
  return (
    <div style={{ display: 'flex', flexDirection: 'column', gap: 'var(--sp-3)' }}>
      <SegmentedControl aria-label="For how long" data={choices} value={days} onChange={onDays} />
      <TextInput
        {...field('reason', errors)}
        label="Reason"
        description="For the record: whoever sees it again knows why."
        maxLength={500}
        value={reason}
        onChange={(event) => onReason(event.currentTarget.value)}
      />
    </div>
  )
}
