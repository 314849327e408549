import type { Actor } from '../decision/types.ts'
import { problem } from './problem.ts'

/**
 * Throws the RFC 9470 challenge unless the actor authenticated within `maxAgeSeconds`. An identity provider that conveys no
 * `auth_time` cannot prove freshness, so its people are refused and told why. API tokens pass if they were made for it.
 */
export function demandFreshness(actor: Actor, now: Date, maxAgeSeconds: number): void {
  if (actor.kind === 'token') {
    if (actor.allowSensitive) return
    throw problem(
      'forbidden',
      'This API token may not do what needs a recent sign-in of a person. Create one that allows sensitive operations.',
    )
  }
  const at = actor.authenticatedAt
  const age = at ? (now.getTime() - at.getTime()) / 1000 : undefined
  if (age !== undefined && age <= maxAgeSeconds) return
  throw problem(
    'step_up_required',
    age === undefined
      ? 'This needs a recent sign-in, and your identity provider does not convey when you signed in (auth_time).'
      : `This needs a sign-in of the last ${lastOf(maxAgeSeconds)}. Confirm that it is you, and it goes on.`,
    {
      headers: {
        'www-authenticate': `DPoP error="insufficient_user_authentication", error_description="A more recent sign-in is required", max_age="${maxAgeSeconds}"`,
      },
    },
  )
}

const lastOf = (seconds: number) =>
  seconds % 60 === 0 ? `${seconds / 60} minutes` : `${seconds} seconds`
