import type { RequestRule, RequestStep } from '../../../contract/requests.ts'

export interface Standing {
  /** Leads a team of the requester's, or the team that owns the place, and may decide on requests somewhere. */
  readonly lead: boolean
  /** May decide on requests of the whole organization. */
  readonly security: boolean
  /** May decide there, and holds everything that the role gives there: nobody grants what they do not hold. */
  readonly holds: boolean
}

export type Needs = Pick<RequestRule, 'leadApprovals' | 'securityApprovals'>
export type Given = Readonly<Record<RequestStep, number>>

export const givenBy = (approvals: readonly { readonly step: RequestStep }[]): Given => ({
  lead: approvals.filter(({ step }) => step === 'lead').length,
  security: approvals.filter(({ step }) => step === 'security').length,
})

export const met = (needs: Needs, given: Given): boolean =>
  given.lead >= needs.leadApprovals && given.security >= needs.securityApprovals

/**
 * As what an approval would count now; nothing when it would not count. Steps come one after the other; whoever decides
 * everywhere may stand in for a lead. When every step is full and nobody who approved holds what the role gives, one more
 * approval is needed, by somebody who does.
 */
export function stepFor(needs: Needs, given: Given, standing: Standing): RequestStep | undefined {
  const { lead, security, holds } = standing
  if (given.lead < needs.leadApprovals) return lead || security ? 'lead' : undefined
  if (given.security < needs.securityApprovals) return security ? 'security' : undefined
  if (!holds) return undefined
  return security ? 'security' : lead ? 'lead' : undefined
}

/** The steps as they are shown: while it waits, a full last step still waits for one who holds what is asked for. */
export function stepsShown(needs: Needs, given: Given, waits: boolean) {
  const more = waits && met(needs, given) ? 1 : 0
  const needed: Given = {
    lead: Math.max(needs.leadApprovals, given.lead),
    security: Math.max(needs.securityApprovals, given.security + more),
  }
  return (['lead', 'security'] as const)
    .map((step) => ({ step, needed: needed[step], given: given[step] }))
    .filter((one) => one.needed > 0)
}
