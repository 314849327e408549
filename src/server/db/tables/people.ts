import type { Generated } from 'kysely'

export interface PersonTable {
  id: string
  issuer: string | null
  subject: string | null
  email: string
  name: string
  title: Generated<string>
  source: 'idp' | 'import'
  state: Generated<'active' | 'left'>
  leftAt: Date | null
  /** What told who they are is gone, and nobody is told by whom they are. */
  erasedAt: Date | null
  createdAt: Generated<Date>
  lastSeenAt: Date | null
  version: Generated<number>
}

export interface TeamTable {
  id: string
  name: string
  slug: string
  idpGroup: string | null
  description: Generated<string>
  createdAt: Generated<Date>
  version: Generated<number>
}

export interface TeamMemberTable {
  teamId: string
  personId: string
  lead: Generated<boolean>
  source: 'idp' | 'import' | 'manual'
  createdAt: Generated<Date>
}

export interface SessionTable {
  id: string
  personId: string
  issuer: string
  sessionKey: string
  client: string
  startedAt: Generated<Date>
  authenticatedAt: Date | null
  acr: string | null
  amr: Generated<string[]>
  ip: string
  userAgent: Generated<string>
  jkt: string | null
  endedAt: Date | null
  endReason: string | null
  endedBy: string | null
  /** It ended by itself. */
  expired: Generated<boolean>
}

export interface SessionSeenTable {
  sessionId: string
  at: Date
  ip: string
}
