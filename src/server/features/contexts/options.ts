import { sql } from 'kysely'
import type { contexts } from '../../../contract/contexts.ts'
import type { Answer } from '../../../contract/operation.ts'
import type { Scope } from '../../http/scope.ts'

/** What the forms of a context offer: only what the reader may see; segments with what may be done in each. */
export async function contextOptions(scope: Scope): Promise<Answer<typeof contexts.options>> {
  const segments = scope.reach('segment:view')
  const projects = scope.reach('project:view')
  const teams = scope.reach('team:view')
  const anyTeam = Object.values(teams).some(
    (held) => held === true || (held !== false && held.length > 0),
  )
  const among = (column: string, ids: readonly string[]) =>
    sql<boolean>`${sql.ref(column)} = any(${sql.val([...ids])}::uuid[])`
  const seenSegments = await scope.db
    .selectFrom('segment')
    .$if(!segments.everywhere, (query) => query.where(among('segment.id', segments.segments)))
    .select(['id', 'name'])
    .orderBy('name')
    .execute()
  const seenProjects = await scope.db
    .selectFrom('project')
    .$if(!projects.everywhere, (query) =>
      query.where((where) =>
        where.or([
          among('project.id', projects.projects),
          among('project.segmentId', projects.segments),
        ]),
      ),
    )
    .select(['id', 'name'])
    .orderBy('name')
    .execute()
  const seenTeams = anyTeam
    ? await scope.db.selectFrom('team').select(['id', 'name']).orderBy('name').execute()
    : []
  return {
    segments: seenSegments.map(({ id, name }) => ({
      id,
      name,
      mayCreate:
        scope.decide('context:create', { kind: 'segment', id, name, within: { segment: id } })
          .outcome === 'permitted',
    })),
    teams: seenTeams,
    projects: seenProjects,
    mayCreateOutside: scope.reach('context:create').everywhere,
  }
}
