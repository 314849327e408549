import type { AnswerOf } from '../../../contract/index.ts'
import { grantPlace } from './service.ts'
import type { GrantRow } from './store.ts'

/** A grant as a list shows it, but for what the reader may do with it. */
export function grantAnswer(row: GrantRow, now: Date): Omit<AnswerOf<'grants.view'>, 'allowed'> {
  // What was over before anybody ended it has expired, whenever that was written down.
  const expired = row.expiresAt !== null && row.expiresAt <= (row.endedAt ?? now)
  const later = row.startsAt !== null && row.startsAt > now
  const state = expired ? 'expired' : row.endedAt ? 'ended' : later ? 'scheduled' : 'live'
  return {
    id: row.id,
    role: { ...(row.roleId && { id: row.roleId }), name: row.roleName },
    subject: {
      kind: row.subjectKind,
      id: row.personId ?? row.teamId ?? '',
      name: row.personName ?? row.teamName ?? '',
    },
    scope: grantPlace(row),
    reason: row.reason,
    state,
    ...(row.startsAt && { startsAt: row.startsAt }),
    ...(row.expiresAt && { expiresAt: row.expiresAt }),
    ...(row.grantedBy && { grantedBy: { id: row.grantedBy, name: row.byName ?? '' } }),
    grantedAt: row.grantedAt,
    ...(row.lastUsedAt && { lastUsedAt: row.lastUsedAt }),
    ...(row.endedAt && { endedAt: row.endedAt }),
    ...(row.endedBy && { endedBy: { id: row.endedBy, name: row.enderName ?? '' } }),
    ...(row.endReason !== null && { endReason: row.endReason }),
    version: row.version,
  }
}
