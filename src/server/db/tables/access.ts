import type { Generated } from 'kysely'

export interface RoleTable {
  id: string
  name: string
  description: Generated<string>
  builtIn: Generated<boolean>
  permissions: string[]
  createdAt: Generated<Date>
  version: Generated<number>
}

export interface AccessGrantTable {
  id: string
  /** Null once the role has been deleted, which only an ended grant survives. */
  roleId: string | null
  /** As the role was called when it was deleted. */
  roleName: string | null
  subjectKind: 'person' | 'team'
  personId: string | null
  teamId: string | null
  scopeKind: 'organization' | 'segment' | 'project' | 'context'
  segmentId: string | null
  projectId: string | null
  contextId: string | null
  /** As the scope was called when it was granted: stays when the scope is gone. */
  scopeName: string | null
  reason: Generated<string>
  /** Absent: from when it was granted. */
  startsAt: Date | null
  expiresAt: Date | null
  grantedBy: string | null
  grantedAt: Generated<Date>
  endedAt: Date | null
  endedBy: string | null
  endReason: string | null
  version: Generated<number>
}

export interface GrantUsedTable {
  grantId: string
  lastUsedAt: Date
  uses: Generated<number>
  /** Since when it is known who of a team used it; absent: since the beginning. */
  bySince: Generated<Date | null>
}

export interface GrantUsedByTable {
  grantId: string
  personId: string
  lastUsedAt: Date
  uses: Generated<number>
}
