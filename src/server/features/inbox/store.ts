import { sql } from 'kysely'
import type { Db } from '../../db/connect.ts'

/** Enforcement that somebody else asked for and nobody decided on yet. */
export const enforcementAsked = (db: Db, personId: string) =>
  db
    .selectFrom('policyApproval as a')
    .innerJoin('policy', 'policy.id', 'a.policyId')
    .innerJoin('person as p', 'p.id', 'a.askedBy')
    .select(['policy.id', 'policy.name', 'a.number', 'a.reason', 'a.askedAt', 'a.askedBy'])
    .select('p.name as askedByName')
    .where('a.verdict', 'is', null)
    .where('a.askedBy', '<>', personId)
    .orderBy('a.askedAt')
    .limit(100)
    .execute()

/** One's own grants in the last fifth of their time, at most seven days before their end. */
export const endingGrants = (db: Db, personId: string, now: Date) =>
  db
    .selectFrom('accessGrant as g')
    .innerJoin('role', 'role.id', 'g.roleId')
    .select(['g.id', 'role.name as roleName', 'g.scopeName', 'g.reason', 'g.grantedAt'])
    .select(sql<Date>`g.expires_at`.as('expiresAt'))
    .where('g.personId', '=', personId)
    .where('g.endedAt', 'is', null)
    .where('g.expiresAt', '>', now)
    .where(sql<boolean>`coalesce(g.starts_at, g.granted_at) <= ${now}`)
    .where(
      sql<boolean>`g.expires_at - ${now}::timestamptz <= least(interval '7 days',
        (g.expires_at - coalesce(g.starts_at, g.granted_at)) / 5)`,
    )
    .orderBy('g.expiresAt')
    .limit(100)
    .execute()
