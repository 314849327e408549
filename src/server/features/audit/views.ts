import { sql } from 'kysely'
import type { AuditSearch } from '../../../contract/audit.ts'
import { newId } from '../../db/new-id.ts'
import { fromIdCursor, pageOf } from '../../http/cursor.ts'
import { problem } from '../../http/problem.ts'
import type { Handlers, Scope } from '../../http/scope.ts'

/** Saved searches belong to the person, also when a token of theirs asks. */
const ownerOf = ({ actor }: Pick<Scope, 'actor'>) => actor.personId ?? actor.id

const given = (search: AuditSearch) =>
  JSON.stringify(Object.fromEntries(Object.entries(search).filter(([, value]) => value)))

async function theView(scope: Scope, id: string) {
  const row = await scope.db
    .selectFrom('auditView')
    .selectAll()
    .where('id', '=', id)
    .where('ownerId', '=', ownerOf(scope))
    .executeTakeFirst()
  if (!row) throw problem('not_found', 'There is no such saved search of yours.')
  return row
}

interface Row {
  readonly id: string
  readonly name: string
  readonly search: AuditSearch
  readonly createdAt: Date
  readonly version: number
}
const answerOf = ({ id, name, search, createdAt, version }: Row) => ({
  id,
  name,
  search,
  createdAt,
  version,
})
const stale = (current: Row) =>
  problem('stale', 'The saved search was changed meanwhile. Look at it again.', {
    current: answerOf(current),
  })
const subject = (row: { id: string; name: string }) => ({
  kind: 'auditView',
  id: row.id,
  name: row.name,
})

export const auditViewHandlers: Handlers<'auditViews'> = {
  async list(scope, { cursor, limit }) {
    scope.reach('audit:view')
    const after = fromIdCursor(cursor, 2)
    const rows = await scope.db
      .selectFrom('auditView')
      .selectAll()
      .where('ownerId', '=', ownerOf(scope))
      .$if(after !== undefined, (more) =>
        more.where(sql<boolean>`(name, id) > (${after?.[0]}, ${after?.[1]}::uuid)`),
      )
      .orderBy('name')
      .orderBy('id')
      .limit(limit + 1)
      .execute()
    const { shown, next } = pageOf(rows, limit, ({ name, id }) => [name, id])
    return {
      items: shown.map(answerOf),
      ...next,
    }
  },
  async create(scope, { name, search }) {
    scope.reach('audit:view')
    const row = await scope.db
      .insertInto('auditView')
      .values({ id: newId(), ownerId: ownerOf(scope), name, search: given(search) })
      .returningAll()
      .executeTakeFirstOrThrow()
    scope.record({ resource: subject(row), after: { name, search } })
    return answerOf(row)
  },
  async update(scope, { viewId, name, search }) {
    scope.reach('audit:view')
    const before = await theView(scope, viewId)
    const after = await scope.db
      .updateTable('auditView')
      .set((set) => ({
        version: set('version', '+', 1),
        ...(name !== undefined && { name }),
        ...(search && { search: given(search) }),
      }))
      .where('id', '=', viewId)
      .where('version', '=', scope.expectedVersion ?? 0)
      .returningAll()
      .executeTakeFirst()
    if (!after) throw stale(before)
    scope.record({
      resource: subject(after),
      before: { name: before.name, search: before.search },
      after: { name: after.name, search: after.search },
    })
    return answerOf(after)
  },
  async remove(scope, { viewId }) {
    scope.reach('audit:view')
    const before = await theView(scope, viewId)
    const { numDeletedRows } = await scope.db
      .deleteFrom('auditView')
      .where('id', '=', viewId)
      .where('version', '=', scope.expectedVersion ?? 0)
      .executeTakeFirst()
    if (numDeletedRows === 0n) throw stale(before)
    scope.record({
      resource: subject(before),
      before: { name: before.name, search: before.search },
    })
  },
}
