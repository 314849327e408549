import type { Generated } from 'kysely'

export interface UseExceptionTable {
  id: string
  requesterId: string
  /** Null once it has been deleted. */
  projectId: string | null
  projectName: string
  contextId: string | null
  contextName: string
  branch: string | null
  tag: string | null
  minutes: number
  reason: string
  decisionId: string
  state: Generated<'pending' | 'approved' | 'expired' | 'ended' | 'denied' | 'withdrawn' | 'lapsed'>
  answerBy: Date
  createdAt: Date
  decidedAt: Date | null
  decidedBy: string | null
  decisionText: Generated<string>
  expiresAt: Date | null
  endedAt: Date | null
  endedBy: string | null
  version: Generated<number>
}
