import { builtInRoles } from '../../contract/built-in-roles.ts'
import type { Recipe } from './changes.ts'
import type { WorldPerson } from './world.ts'

interface Parts {
  readonly ada: WorldPerson
  readonly grantee: () => Promise<WorldPerson>
  readonly role: () => Promise<{ readonly id: string }>
}

/** Examples of every change of access requests: somebody who holds nothing asks, so that Ada decides. */
export function requestChanges({ ada, grantee, role }: Parts) {
  const body = {
    roleId: builtInRoles.developer.id,
    scope: { kind: 'organization' as const },
    reason: 'for a test',
    durationMinutes: 60,
  }
  const asked = async (state: 'pending' | 'asked_back' | 'approved' = 'pending') => {
    const who = await grantee()
    let now = await who.call('requests.create', body)
    const at = { requestId: now.id }
    if (state === 'asked_back') {
      now = await ada.call('requests.askBack', { ...at, question: 'why' }, now)
    } else if (state === 'approved') now = await ada.call('requests.approve', at, now)
    return { who, at, version: now.version }
  }
  const recipes: Readonly<Record<string, () => Promise<Recipe>>> = {
    'requests.create': async () => ({ who: await grantee(), body }),
    'requests.approve': async () => ({ ...(await asked()), who: ada, body: { reason: '' } }),
    'requests.deny': async () => ({ ...(await asked()), who: ada, body: { reason: 'no' } }),
    'requests.askBack': async () => ({ ...(await asked()), who: ada, body: { question: 'why' } }),
    'requests.answer': async () => ({ ...(await asked('asked_back')), body: { answer: 'so' } }),
    'requests.withdraw': async () => ({ ...(await asked()), body: {} }),
    'requests.end': async () => ({ ...(await asked('approved')), body: {} }),
    'requests.setRule': async () => ({
      at: { roleId: (await role()).id },
      version: 0,
      body: {
        requestable: true,
        maxMinutes: 60,
        leadApprovals: 1,
        securityApprovals: 0,
        answerMinutes: 60,
      },
    }),
  }
  return recipes
}
