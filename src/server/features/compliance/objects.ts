import { sql, type RawBuilder } from 'kysely'
import { daysBefore, organizationId } from '../findings/service.ts'
import type { Setting } from './check.ts'

type Objects = (setting: Setting) => RawBuilder<unknown>

const named = (what: string, kind: string, from: RawBuilder<unknown>): RawBuilder<unknown> =>
  sql`select ${sql.lit(what)} as what, ${sql.lit(kind)} as kind, x.id, x.name, x.created_at as at from ${from}`

/** The objects that detections look at, as `ofFindings` counts them. */
export const objects = {
  organization: () =>
    sql`select 'Organization' as what, null as kind, ${organizationId}::uuid as id, 'The organization' as name, null as at`,
  contexts: () => named('Context', 'context', sql`context x`),
  productionContexts: () =>
    named(
      'Context',
      'context',
      sql`context x join segment g on g.id = x.segment_id and g.tier = 'production'`,
    ),
  contextsWithSecrets: () =>
    named(
      'Context',
      'context',
      sql`context x where exists (select from secret s where s.context_id = x.id)`,
    ),
  projects: () => named('Project', 'project', sql`project x`),
  checkedProjects: () =>
    named(
      'Project',
      'project',
      sql`project x where exists (select from pipeline_check k where k.project_id = x.id)`,
    ),
  productionSegments: () => named('Segment', 'segment', sql`segment x where x.tier = 'production'`),
  policies: () => named('Policy', 'policy', sql`policy x where x.mode <> 'draft'`),
  issuers: () => named('Issuer', 'issuer', sql`issuer x`),
  trustRules: () => named('Trust rule', 'trustRule', sql`trust_rule x`),
  tokens: ({ now }) => sql`
    select 'API token' as what, 'apiToken' as kind, k.id, k.name || ' of ' || p.name as name, k.created_at as at
    from api_token k join person p on p.id = k.person_id where k.revoked_at is null and k.expires_at > ${now}`,
  leases: ({ now }) => sql`
    select 'Lease' as what, 'lease' as kind, l.id, 'Lease of ' || l.project_name as name, l.issued_at as at
    from lease l where l.issued_at > ${daysBefore(now, 30)}`,
} as const satisfies Readonly<Record<string, Objects>>
