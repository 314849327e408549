import type { AnswerOf } from '../../../contract/index.ts'
import type { PolicyStore } from '../../decision/policy-store.ts'
import { fromMomentCursor, pageOf } from '../../http/cursor.ts'
import { problem } from '../../http/problem.ts'
import type { Handlers } from '../../http/scope.ts'
import type { ConfigReader } from '../../pipelines/config-reader.ts'
import {
  agentDecision,
  blocks,
  decideOn,
  keepCheck,
  outcomeOf,
  readFacts,
  theTarget,
} from './service.ts'
import { checkById, listChecks, type CheckRow } from './store.ts'

export interface PipelineParts {
  readonly reader: ConfigReader
  readonly policies: PolicyStore
}

const answerOf = (row: CheckRow): AnswerOf<'pipelines.list'>['items'][number] => ({
  id: row.id,
  at: row.at,
  project: { id: row.projectId, name: row.projectName },
  provider: row.provider,
  path: row.path,
  kind: row.kind,
  branch: row.branch,
  tag: row.tag,
  status: row.status,
  blocks: blocks(row.status),
  wouldFail: row.wouldFailures > 0,
  hardFailures: row.hardFailures,
  softFailures: row.softFailures,
  wouldFailures: row.wouldFailures,
  checkedBy: { kind: row.checkedByKind, id: row.checkedById, name: row.checkedByName },
})

export function pipelineHandlers({ reader, policies }: PipelineParts): Handlers<'pipelines'> {
  return {
    async list(scope, input) {
      const after = fromMomentCursor(input.cursor)
      const rows = await listChecks(scope.db, scope.reach('pipeline:view'), input, after)
      const { shown, next } = pageOf(rows, input.limit, ({ place, id }) => [place, id])
      return { items: shown.map(answerOf), ...next }
    },
    async view(scope, { checkId }) {
      const row = await checkById(scope.db, scope.reach('pipeline:view'), checkId)
      if (!row) throw problem('not_found', 'There is no such check.')
      return {
        ...answerOf(row),
        decision: agentDecision(row.status, row.enabledRules, row.violations),
        sentence: row.sentence ?? '',
        violations: row.violations,
        more: row.more,
        text: row.text,
        digest: row.digest.toString('hex'),
        facts: row.facts,
        layers: row.layers ?? [],
        latencyUs: row.latencyUs,
        eventId: row.eventId,
      }
    },
    async check(scope, input) {
      const target = await theTarget(scope, input.project)
      return async () => {
        const from = performance.now()
        // Between the transactions: nothing slow holds a connection.
        const facts = await readFacts(reader, input, target)
        return async (inside) => {
          await theTarget(inside, input.project)
          const judge = await policies.current(inside.db)
          const checked = decideOn(inside, judge, input, target, facts)
          const id = await keepCheck(
            inside,
            input,
            target,
            checked,
            Math.round((performance.now() - from) * 1000),
          )
          const url = new URL(`/checks/${id}`, inside.config.publicUrl).href
          return { id, url, ...outcomeOf(checked) }
        }
      }
    },
    async preview(scope, input) {
      const target = await theTarget(scope, input.project)
      return async () => {
        const facts = await readFacts(reader, input, target)
        return async (inside) => {
          await theTarget(inside, input.project)
          const judge = await policies.current(inside.db)
          const checked = decideOn(inside, judge, input, target, facts)
          return { ...outcomeOf(checked), facts, layers: [...checked.made.layers] }
        }
      }
    },
  }
}
