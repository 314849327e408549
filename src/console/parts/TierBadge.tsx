import type { Tier } from '../../contract/segments.ts'
import { Status } from '../ui/Status.tsx'

export const tiers: { value: Tier; label: string }[] = [
  { value: 'production', label: 'Production' },
  { value: 'staging', label: 'Staging' },
  { value: 'build', label: 'Build' },
  { value: 'sandbox', label: 'Sandbox' },
]

const looks = { production: 'high', staging: 'medium', build: 'low', sandbox: 'unknown' } as const

export function TierBadge({ tier }: { readonly tier: Tier }) {
  return (
    <Status is={looks[tier]}>{tiers.find(({ value }) => value === tier)?.label ?? tier}</Status>
  )
}
