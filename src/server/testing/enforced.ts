import { unique } from './unique.ts'
import type { WorldPerson } from './world.ts'

interface Draft {
  readonly name?: string
  readonly text: string
}

/** A policy in force, as it takes two people: the first writes it and asks for it, the second approves. */
export async function enforced(
  [asks, approves]: readonly [WorldPerson, WorldPerson],
  { name = unique('policy'), text }: Draft,
) {
  const { id: policyId, version } = await asks.call('policies.create', { name, text })
  const tried = await asks.call('policies.setMode', { policyId, mode: 'evaluate' }, { version })
  const asked = await asks.call(
    'policies.askEnforcement',
    { policyId, reason: 'for a test' },
    tried,
  )
  return approves.call('policies.approveEnforcement', { policyId }, asked)
}
