import { sql } from 'kysely'
import type { GrantCreate, ScopeKind } from '../../../contract/grants.ts'
import type { Db } from '../../db/connect.ts'
import { organization } from '../../decision/organization.ts'
import type { Resource } from '../../decision/types.ts'

/** An object that can be a grant's scope, by the ids it lies in. */
function placeOf(
  kind: Exclude<ScopeKind, 'organization'>,
  id: string,
  name: string,
  segmentId: string | null,
): Resource {
  const segment = kind === 'segment' ? id : segmentId
  return {
    kind,
    id,
    name,
    within: { ...(segment && { segment }), ...(kind !== 'segment' && { [kind]: id }) },
  }
}

/** Loads the scope that somebody asks a grant for. */
export async function loadPlace(
  db: Db,
  scope: GrantCreate['scope'],
): Promise<Resource | undefined> {
  if (scope.kind === 'organization') return organization
  const segment =
    scope.kind === 'segment' ? sql<string | null>`null` : sql.ref<string | null>('segment_id')
  const { rows } = await sql<{ name: string; segmentId: string | null }>`
    select name, ${segment} as segment_id from ${sql.table(scope.kind)} where id = ${scope.id}
  `.execute(db)
  const row = rows[0]
  return row && placeOf(scope.kind, scope.id, row.name, row.segmentId)
}
