import type { InputOf } from '../../../contract/index.ts'
import { problem } from '../../http/problem.ts'
import type { Scope } from '../../http/scope.ts'
import { revokeTokensOfPerson } from '../api-tokens/service.ts'
import { keepingAnAdministrator } from '../grants/service.ts'
import { endSessionsOfPerson } from '../sessions/service.ts'
import { changePerson, demandPerson } from './service.ts'

/**
 * Marks a person as having left, or as returned. Whoever leaves is out at once and for good: what they signed in and the
 * API tokens they made end, and do not come back with them. Their grants stay, to be seen and revoked.
 */
export async function changeState(
  scope: Scope,
  { personId, state }: InputOf<'people.update'>,
): Promise<void> {
  const { db, now } = scope
  const before = await demandPerson(db, personId)
  if (before.erasedAt) {
    throw problem('conflict', 'Nobody knows any more who they were: they cannot come back.')
  }
  await keepingAnAdministrator(scope, () =>
    changePerson(scope, before, {
      state,
      leftAt: state === 'left' ? (before.leftAt ?? now) : null,
    }),
  )
  scope.record({ before: { state: before.state }, after: { state } })
  if (state !== 'left') return
  const reason = `${before.name} has left`
  await endSessionsOfPerson(scope, before, reason)
  await revokeTokensOfPerson(scope, before, reason)
}
