import type { Db } from '../../db/connect.ts'
import { organization } from '../../decision/organization.ts'
import type { Resource, ResourceLoader } from '../../decision/types.ts'
import { loadPlace } from './places.ts'
import { findGrant, type GrantRow } from './store.ts'

type PlaceRow = Pick<GrantRow, 'scopeKind' | 'segmentId' | 'projectId' | 'contextId' | 'scopeName'>

/** Where a stored grant holds. */
export function grantPlace(row: PlaceRow) {
  const id = row.segmentId ?? row.projectId ?? row.contextId
  return { kind: row.scopeKind, ...(id && { id }), name: row.scopeName ?? organization.name }
}

/** A grant lies where it holds: whoever may see or end grants there may see or end this one. */
export const grantResourceOf = (
  row: PlaceRow & Pick<GrantRow, 'id' | 'roleName' | 'personName' | 'teamName'>,
): Resource => ({
  kind: 'grant',
  id: row.id,
  name: `${row.roleName} for ${row.personName ?? row.teamName ?? 'nobody'}`,
  within: {
    ...(row.segmentId && { segment: row.segmentId }),
    ...(row.projectId && { project: row.projectId }),
    ...(row.contextId && { context: row.contextId }),
  },
})

export async function placeOfRow(db: Db, row: PlaceRow): Promise<Resource | undefined> {
  const { kind, id } = grantPlace(row)
  if (kind === 'organization') return organization
  return id ? loadPlace(db, { kind, id }) : undefined
}

export const grantResource: ResourceLoader<Db> = async (db, id) => {
  const row = await findGrant(db, id)
  if (!row) return undefined
  const resource = grantResourceOf(row)
  const place = await placeOfRow(db, row)
  // A project's or context's segment reaches the grants on it too.
  return { ...resource, within: { ...resource.within, ...place?.within } }
}
