import type { Generated } from 'kysely'

export interface SegmentTable {
  id: string
  name: string
  tier: 'production' | 'staging' | 'build' | 'sandbox'
  description: Generated<string>
  cidrs: Generated<string[]>
  runnerClasses: Generated<string[]>
  createdAt: Generated<Date>
  version: Generated<number>
}

/** The ranges of all segments, each once: kept by the database. */
export interface SegmentRangeTable {
  range: string
  segmentId: string
}

export interface SegmentFlowTable {
  fromId: string
  toId: string
  reason: string | null
  createdAt: Generated<Date>
  createdBy: string | null
}

export interface SegmentMatrixTable {
  one: Generated<boolean>
  version: Generated<number>
}

export interface ProjectTable {
  id: string
  name: string
  slug: string
  provider: 'circleci' | 'github' | 'gitlab'
  repository: string
  defaultBranch: Generated<string>
  segmentId: string
  teamId: string | null
  externalId: string | null
  renamedFrom: string | null
  createdAt: Generated<Date>
  version: Generated<number>
}
