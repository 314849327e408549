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
