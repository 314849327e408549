import type { ColumnType, Generated } from 'kysely'
import type { RequestStep } from '../../../contract/requests.ts'
import type { ScopeKind } from '../../../contract/grants.ts'

export interface RequestRuleTable {
  roleId: string
  requestable: boolean
  maxMinutes: number
  leadApprovals: number
  securityApprovals: number
  answerMinutes: number
  version: Generated<number>
}

/** As it was asked for before an approver narrowed it. */
interface AskedFirst {
  readonly scope: { readonly kind: ScopeKind; readonly id?: string; readonly name: string }
  readonly durationMinutes: number
}

export interface AccessRequestTable {
  id: string
  requesterId: string
  /** Null once the role has been deleted. */
  roleId: string | null
  roleName: string
  scopeKind: ScopeKind
  segmentId: string | null
  projectId: string | null
  contextId: string | null
  scopeName: string
  reason: string
  ticket: string | null
  durationMinutes: number
  startsAt: Date | null
  asked: ColumnType<AskedFirst | null, string | null | undefined, string | null>
  extendsId: string | null
  state: Generated<'pending' | 'asked_back' | 'approved' | 'denied' | 'withdrawn' | 'lapsed'>
  answerBy: Date
  createdAt: Generated<Date>
  decidedAt: Date | null
  grantId: string | null
  /** That its access began and ended by the clock has been written down. */
  begunAt: Date | null
  closedAt: Date | null
  version: Generated<number>
}

export interface RequestStepTable {
  id: string
  requestId: string
  requesterId: string
  kind: 'approved' | 'narrowed' | 'denied' | 'asked_back' | 'answered' | 'withdrawn' | 'ended'
  step: RequestStep | null
  /** The role as it was when it was approved. */
  roleVersion: number | null
  personId: string
  at: Date
  text: string
}
