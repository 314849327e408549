import { sql, type SqlBool } from 'kysely'
import type { AnswerOf } from '../../../contract/index.ts'
import type { Scope } from '../../http/scope.ts'
import { previewImpact, refusedBeside } from '../decisions/service.ts'
import { recordedClaims } from './claims.ts'
import { matchAmong } from './match.ts'
import { rulesOf, type TrustRule, type TrustRuleRow } from './store.ts'

type Issuer = Pick<TrustRuleRow, 'issuerId' | 'issuerKind' | 'issuerName'>

/**
 * Which recorded runs of an issuer would be told to be somebody else's, or nobody's, if its rules were others. Tokens that
 * no rule bound to a project were never decided about, so that what would open for them cannot be told.
 */
export async function rulesImpact(
  scope: Scope,
  { issuerId, issuerKind, issuerName }: Issuer,
  turn: (rules: readonly TrustRule[]) => readonly TrustRule[],
): Promise<AnswerOf<'trustRules.impact'>> {
  const now = await rulesOf(scope.db, issuerId)
  const then = turn(now)
  const issuer = { id: issuerId, kind: issuerKind, name: issuerName }
  const read = [...new Set(then.flatMap(({ conditions }) => conditions.map(({ claim }) => claim)))]
  const before = new Set(now.flatMap(({ conditions }) => conditions.map(({ claim }) => claim)))
  const doubtful = read.filter(
    (claim) => !before.has(claim) && !recordedClaims[issuerKind].includes(claim),
  )
  const known = new Map<string, { was: string | undefined; is: string | undefined; why: string }>()
  const ask = (claims: Readonly<Record<string, string>>) => {
    const key = JSON.stringify(claims)
    let found = known.get(key)
    if (!found) {
      const seen = { issuer, subject: claims['sub'] ?? '', claims }
      const admits = (rules: readonly TrustRule[]) => {
        const { layer, project } = matchAmong(rules, seen)
        return { layer, project: layer.verdict === 'permitted' ? project?.id : undefined }
      }
      const [was, is] = [admits(now), admits(then)]
      const { clause, expected, actual } = is.layer
      const why = is.project
        ? `${clause}.`
        : `${clause}: expected ${expected ?? 'it to hold'}, was ${actual ?? 'unknown'}.`
      known.set(key, (found = { was: was.project, is: is.project, why }))
    }
    return found
  }
  const where = [
    sql<SqlBool>`decision.claims ->> 'issuer' = ${issuerId}`,
    sql<SqlBool>`not ${refusedBeside('identity')}`,
  ]
  return previewImpact(scope, { action: 'context:use', where }, ({ claims, projectId }) => {
    if (!claims || !projectId) return 'untold'
    // A claim that no rule read then may not have been kept: what is not there cannot be told from what was left out.
    const missing = doubtful.some((claim) => claims.claims[claim] === undefined)
    const { was, is, why } = ask(claims.claims)
    const [permitted, permits] = [was === projectId, is === projectId]
    if (permitted === permits) return 'same'
    if (missing) return 'untold'
    return permits
      ? { change: 'newly_permitted', sentence: `Permitted: ${why}` }
      : { change: 'newly_denied', sentence: `Denied: ${why}` }
  })
}
