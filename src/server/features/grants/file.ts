import type { GrantQuery } from '../../../contract/grants.ts'
import type { z } from 'zod'
import { countedRows, type ListFile } from '../../http/list-file.ts'
import { grantAnswer } from './answer.ts'
import { listGrants, someGrants, type GrantRow } from './store.ts'

type Query = Omit<z.output<typeof GrantQuery>, 'cursor' | 'limit'>
interface Row {
  readonly grant: ReturnType<typeof grantAnswer>
  readonly row: GrantRow
}

/** Grants as they were at the moment at which they were asked for, newest first: who holds what, where and why. */
export const grantsFile: ListFile<Query, Row> = {
  may: 'grant:view',
  total: ({ db, now, reach }, query) =>
    countedRows(db, (limit) => someGrants(db, reach('grant:view'), query, now, limit)),
  async rows({ db, now, reach }, query, { limit, after }) {
    const page = { ...query, limit: limit - 1 }
    const rows = await listGrants(db, reach('grant:view'), page, now, after?.[0])
    return rows.map((row) => ({ row, grant: grantAnswer(row, now) }))
  },
  place: ({ row }) => [row.id],
  begin: (fileId) => [fileId],
  head: 'grant,role,held by,name,scope,place,state,reason,granted by,granted,starts,expires,last used,ended,ended by,why ended'.split(
    ',',
  ),
  cells: ({ row, grant }) => [
    row.id,
    row.roleName,
    grant.subject.kind,
    grant.subject.name,
    grant.scope.kind,
    grant.scope.name,
    grant.state,
    row.reason,
    row.byName ?? undefined,
    row.grantedAt.toISOString(),
    row.startsAt?.toISOString(),
    row.expiresAt?.toISOString(),
    row.lastUsedAt?.toISOString(),
    row.endedAt?.toISOString(),
    row.enderName ?? undefined,
    row.endReason ?? undefined,
  ],
  line({ grant }) {
    const { version: _, ...rest } = grant
    return rest
  },
}
