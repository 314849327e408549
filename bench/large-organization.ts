import { sql } from 'kysely'
import type { Db } from '../src/server/db/connect.ts'

/** A large organization, whole or at a scale of it. */
export function sizesOf(scale: number) {
  const of = (count: number) => Math.max(20, Math.round(count * scale))
  return {
    people: of(10_000),
    teams: of(2_000),
    grants: of(50_000),
    contexts: of(5_000),
    projects: of(5_000),
    decisions: of(1_000_000),
  }
}
export type Sizes = ReturnType<typeof sizesOf>

/** A UUID of one's own making (RFC 9562 §5.8), so that the server's answers may hold it. */
export const id = (kind: string, n: string) =>
  sql.raw(
    `overlay(overlay(md5('${kind}' || (${n})) placing '8' from 13 for 1) placing '8' from 17 for 1)::uuid`,
  )
const series = (count: number) => sql.raw(`generate_series(1, ${count}) n`)
const ago = (days: string) => sql.raw(`now() - make_interval(days => (${days})::int)`)

/** Built below the door: what is measured is what is done with it. */
export async function furnishOrganization(owner: Db, sizes: Sizes): Promise<void> {
  await owner.connection().execute(async (db) => {
    await sql`set session_replication_role = replica`.execute(db)
    await furnish(db, sizes)
    await sql`set session_replication_role = default`.execute(db)
  })
  const tables =
    'person team team_member access_grant context secret restriction project decision decision_rollup'
  for (const table of tables.split(' ')) {
    await sql`vacuum analyze ${sql.table(table)}`.execute(owner)
  }
}

async function furnish(db: Db, sizes: Sizes): Promise<void> {
  const { people, teams, grants, contexts, projects, decisions } = sizes
  const run = (statement: ReturnType<typeof sql>) => statement.execute(db)
  await run(sql`insert into person (id, email, name, source, created_at, last_seen_at, state, left_at)
    select ${id('person', 'n')}, 'p' || n || '@meridian.example', 'Person ' || n, 'import', ${ago('400')},
      case when n % 20 <> 0 then ${ago('n % 60')} end, case when n % 200 = 0 then 'left' else 'active' end,
      case when n % 200 = 0 then ${ago('30')} end from ${series(people)}`)
  await run(
    sql`insert into team (id, name, slug) select ${id('team', 'n')}, 'Team ' || n, 'team-' || n from ${series(teams)}`,
  )
  await run(sql`insert into team_member (team_id, person_id, lead, source)
    select ${id('team', `1 + n % ${teams}`)}, ${id('person', 'n')}, n <= ${teams}, 'import' from ${series(people)}`)
  await run(sql`insert into segment (id, name, tier, cidrs) select ${id('segment', 'n')}, 'Segment ' || n,
    case n % 4 when 0 then 'production' when 1 then 'staging' else 'build' end, array[('10.' || n || '.0.0/16')::cidr] from generate_series(1, 40) n`)
  await run(sql`insert into project (id, name, slug, provider, repository, segment_id, team_id, created_at)
    select ${id('project', 'n')}, 'project-' || n, 'meridian/project-' || n, 'circleci', 'github.com/meridian/p' || n,
      ${id('segment', '1 + n % 40')}, ${id('team', `1 + n % ${teams}`)}, ${ago('n % 60')} from ${series(projects)}`)
  await run(sql`insert into context (id, name, segment_id, team_id) select ${id('context', 'n')}, 'context-' || n,
    ${id('segment', '1 + n % 40')}, ${id('team', `1 + n % ${teams}`)} from ${series(contexts)}`)
  await run(sql`insert into secret (id, context_id, name, current_version, token, fingerprint, updated_at, last_used_at)
    select ${id('secret', 'n')}, ${id('context', `1 + n % ${contexts}`)}, 'SECRET_' || n, 1, 'sp_tok_' || n,
      decode(md5((n % 30000)::text), 'hex'), ${ago('n % 120')}, ${ago('n % 40')} from ${series(contexts * 6)}`)
  // Most contexts admit three projects; one in a hundred a whole segment.
  await run(sql`insert into restriction (id, context_id, kind, project_id, segment_id)
    select ${id('restriction', 'n')}, ${id('context', `1 + n % ${contexts}`)}, case when n % 100 = 0 then 'segment' else 'project' end,
      case when n % 100 <> 0 then ${id('project', `1 + n % ${projects}`)} end,
      case when n % 100 = 0 then ${id('segment', '1 + n % 40')} end from ${series(contexts * 3)}
    on conflict do nothing`)
  await run(sql`insert into access_grant (id, role_id, subject_kind, person_id, team_id, scope_kind, project_id, scope_name, granted_by, granted_at, expires_at)
    select ${id('grant', 'n')}, ('00000000-0000-7000-8000-00000000000' || case when n % 10 = 0 then 2 else 4 end)::uuid,
      case when n % 5 = 0 then 'team' else 'person' end,
      case when n % 5 <> 0 then ${id('person', `1 + n % ${people}`)} end,
      case when n % 5 = 0 then ${id('team', `1 + n % ${teams}`)} end, 'project', ${id('project', `1 + (n * 7) % ${projects}`)},
      'project', ${id('person', '1')}, ${ago('n % 300')}, case when n % 4 <> 0 then now() + interval '90 days' end
    from ${series(grants)} on conflict do nothing`)
  await run(
    sql`insert into grant_used select id, ${ago('20')}, 3 from access_grant where abs(hashtext(id::text)) % 2 = 0`,
  )
  await run(sql`insert into decision (id, at, actor_kind, actor_id, actor_name, action, resource_kind, resource_id, resource_name,
      project_id, context_id, outcome, layers, sentence)
    select ${id('decision', 'n')}, now() - make_interval(secs => n * 7), 'workload', 'w' || n % 5000, 'a run', 'context:use', 'context',
      ${id('context', `1 + n % ${contexts}`)}, 'context', ${id('project', `1 + (n * 3) % ${projects}`)}, ${id('context', `1 + n % ${contexts}`)},
      case when n % 11 = 0 then 'denied' else 'permitted' end, '[]', 'A sentence.' from ${series(decisions)}`)
  await run(sql`insert into decision_rollup (hour, outcome, project_id, context_id, count)
    select date_trunc('hour', at), outcome, project_id, context_id, count(*) from decision group by 1, 2, 3, 4`)
}
