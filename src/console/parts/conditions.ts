import type { TrustCondition } from '../../contract/trust.ts'

export const conditionOps = [
  { value: 'eq', label: 'is' },
  { value: 'in', label: 'is one of' },
  { value: 'glob', label: 'matches' },
] as const

/** “ref is refs/heads/main”: a condition in one line. */
export const conditionText = ({ claim, op, values }: TrustCondition): string =>
  `${claim} ${conditionOps.find(({ value }) => value === op)?.label ?? op} ${values.join(', ')}`
