import { sql } from 'kysely'
import type { contexts } from '../../../contract/contexts.ts'
import type { Answer } from '../../../contract/operation.ts'
import type { Scope } from '../../http/scope.ts'

/** What the forms of a context offer: only what the reader may see; segments with what may be done in each. */
export async function contextOptions(scope: Scope): Promise<Answer<typeof contexts.options>> {
  const segments = scope.reach('segment:view')
  const teams = scope.reach('team:view')
  const anyTeam = Object.values(teams).some(
    (held) => held === true || (held !== false && held.length > 0),
  )
  const seenSegments = await scope.db
    .selectFrom('segment')
    .$if(!segments.everywhere, (query) =>
      query.where(sql<boolean>`id = any(${sql.val([...segments.segments])}::uuid[])`),
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
    mayCreateOutside: scope.reach('context:create').everywhere,
  }
}
