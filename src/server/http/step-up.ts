import type { Actor } from '../decision/types.ts'
import { problem } from './problem.ts'

/** A sign-in that is yet to come would stay recent for as long as somebody likes. */
const clockToleranceSeconds = 30

interface StepUpRules {
  readonly stepUpMaxAgeSeconds: number
  readonly stepUpAcr?: readonly string[]
}

/**
 * Throws the RFC 9470 challenge unless the actor authenticated recently, and as strongly as wanted. An identity provider
 * that conveys no `auth_time`, or no `acr` where one is wanted, cannot prove it, so its people are refused and told why.
 * API tokens pass if they were made for it.
 */
export function demandFreshness(actor: Actor, now: Date, rules: StepUpRules): void {
  if (actor.kind === 'token') {
    if (actor.allowSensitive) return
    throw problem(
      'forbidden',
      'This API token may not do what needs a recent sign-in of a person. Create one that allows sensitive operations.',
    )
  }
  const { stepUpMaxAgeSeconds: most, stepUpAcr: wanted } = rules
  const { authenticatedAt: at, acr } = actor
  const age = at ? (now.getTime() - at.getTime()) / 1000 : undefined
  const strong = !wanted || (acr !== undefined && wanted.includes(acr))
  const fresh = age !== undefined && age <= most && age >= -clockToleranceSeconds
  if (strong && fresh) return
  const acrValues = wanted ? `, acr_values="${wanted.join(' ')}"` : ''
  throw problem('step_up_required', sentence(), {
    headers: {
      'www-authenticate': `DPoP error="insufficient_user_authentication", error_description="A more recent or stronger sign-in is required", max_age="${most}"${acrValues}`,
    },
  })

  function sentence(): string {
    if (age === undefined) {
      return 'This needs a recent sign-in, and your identity provider does not convey when you signed in (auth_time).'
    }
    if (strong) {
      return `This needs a sign-in of the last ${lastOf(most)}. Confirm that it is you, and it goes on.`
    }
    return acr === undefined
      ? 'This needs a stronger sign-in, and your identity provider does not convey how you signed in (acr).'
      : 'This needs a stronger sign-in than yours. Confirm that it is you, and it goes on.'
  }
}

const lastOf = (seconds: number) =>
  seconds % 60 === 0 ? `${seconds / 60} minutes` : `${seconds} seconds`
