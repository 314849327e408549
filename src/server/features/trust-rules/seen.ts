import { sql } from 'kysely'
import { readCiRun, sameProject } from '../../../contract/ci-claims.ts'
import { impactDays } from '../../../contract/impact.ts'
import type { AnswerOf } from '../../../contract/index.ts'
import { askRule, claimsOfSafer, mostListed } from '../../../contract/trust.ts'
import type { Scope } from '../../http/scope.ts'
import { decisionsWithin } from '../decisions/service.ts'
import type { TrustRuleRow } from './store.ts'

/** Decisions that are read at most, the newest. */
const mostRead = 20_000

/** What the claims said of the runs that the rule admits, as the decisions about them recorded them. */
export async function claimsSeen(
  { db, now, reach }: Pick<Scope, 'db' | 'now' | 'reach'>,
  rule: TrustRuleRow,
): Promise<AnswerOf<'trustRules.seen'>> {
  const from = new Date(now.getTime() - impactDays * 86_400_000)
  const { rows } = await sql<{ claims: Readonly<Record<string, string>>; count: number }>`
    select claims -> 'claims' as claims, count(*)::int as count from (
      select claims from decision
      where at >= ${from} and at < ${now} and project_id = ${rule.projectId} and action = 'context:use'
        and claims ->> 'issuer' = ${rule.issuerId} and ${decisionsWithin(reach('decision:view'))}
      order by at desc limit ${mostRead}) newest
    group by 1`.execute(db)
  const { issuerKind: kind, projectExternalId, projectRepository } = rule
  const own = rows.filter(({ claims }) => {
    const run = readCiRun(kind, claims, projectRepository)
    return askRule(kind, rule, claims, run).matches && sameProject(projectExternalId, run)
  })
  return {
    days: impactDays,
    decisions: own.reduce((sum, { count }) => sum + count, 0),
    claims: claimsOfSafer(kind, rule).map((claim) => ({
      claim,
      values: [...new Set(own.flatMap(({ claims }) => claims[claim] ?? []))]
        .toSorted()
        .slice(0, mostListed + 1),
    })),
  }
}
