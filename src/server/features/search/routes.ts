import type { Found } from '../../../contract/search.ts'
import type { Permission } from '../../../contract/permissions.ts'
import { heldSomewhere } from '../../decision/holdings.ts'
import type { Handlers } from '../../http/scope.ts'
import { controlsNamed } from '../compliance/service.ts'
import { findByName, type FoundRow, type Places, type StoredKind } from './store.ts'

/** What one must hold to find a kind; a secret is found by whoever sees the names in its context. */
const seenBy: Readonly<Record<StoredKind, Permission>> = {
  person: 'person:view',
  team: 'team:view',
  role: 'role:view',
  project: 'project:view',
  context: 'context:view',
  secret: 'context:view',
  policy: 'policy:view',
  segment: 'segment:view',
  issuer: 'issuer:view',
  trustRule: 'trustRule:view',
  vault: 'vault:view',
  review: 'review:view',
}

const answerOf = ({ kind, id, name, detail, contextId, contextName }: FoundRow): Found => ({
  kind,
  id,
  name,
  detail,
  ...(contextId && contextName && { context: { id: contextId, name: contextName } }),
})

export const searchHandlers: Handlers<'search'> = {
  async everything(scope, { q: given, perKind }) {
    const q = given.trim()
    if (q === '') return { items: [] }
    const places = Object.fromEntries(
      Object.entries(seenBy).flatMap(([kind, permission]) => {
        const reach = scope.reach(permission)
        return heldSomewhere(reach) ? [[kind, reach] as const] : []
      }),
    ) as Places
    // PostgreSQL's text cannot hold NUL: nothing that is stored does.
    const rows = await findByName(scope.db, q.toWellFormed().replaceAll('\0', '␀'), perKind, places)
    const controls = scope.reach('compliance:view').everywhere ? controlsNamed(q, perKind) : []
    return {
      items: [
        ...rows.map(answerOf),
        ...controls.map(({ id, name }) => ({ kind: 'control' as const, id, name, detail: '' })),
      ],
    }
  },
}
