import type { Generated, JSONColumnType } from 'kysely'
import type { ConfigFacts, ConfigKind } from '../../../contract/pipeline-facts.ts'
import type { CheckStatus, Violation } from '../../../contract/pipelines.ts'
import type { Provider } from '../../../contract/projects.ts'

export interface PipelineConfigTable {
  digest: Buffer
  /** Null once it is forgotten. */
  text: string | null
  forgottenAt: Date | null
}

export interface PipelineCheckTable {
  id: string
  at: Date
  projectId: string
  provider: Provider
  path: string
  kind: ConfigKind
  branch: string | null
  tag: string | null
  status: CheckStatus
  hardFailures: number
  softFailures: number
  wouldFailures: number
  enabledRules: string[]
  facts: JSONColumnType<ConfigFacts>
  violations: JSONColumnType<Violation[]>
  more: Generated<number>
  checkedByKind: string
  checkedById: string
  checkedByName: string
  digest: Buffer
}
