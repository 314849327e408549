import { sql, type SqlBool } from 'kysely'
import type { AnswerOf, InputOf } from '../../../contract/index.ts'
import { newId } from '../../db/new-id.ts'
import { decideUse } from '../../decision/decide-use.ts'
import type { PolicyJudge } from '../../decision/policy-judge.ts'
import { askRestrictions } from '../../decision/restrictions.ts'
import type { Restriction, RunFacts } from '../../decision/run-facts.ts'
import type { Actor } from '../../decision/types.ts'
import { problem } from '../../http/problem.ts'
import type { Scope } from '../../http/scope.ts'
import { previewImpact, recordedRun } from '../decisions/service.ts'
import { contextResourceOf } from './resource.ts'
import { restrictionWanted } from './restrictions-service.ts'
import { theContext } from './service.ts'
import { useQuestion } from './use.ts'

const admits = (restrictions: readonly Restriction[], run: RunFacts) =>
  askRestrictions(restrictions, run).every(({ verdict }) => verdict === 'permitted')

/**
 * Which recorded uses of the context would turn if its restrictions were others: everything else is asked as it is now, so
 * that what a segment or a policy refuses anyway is not told to be opened.
 */
export async function restrictionImpact(
  scope: Scope,
  judge: PolicyJudge,
  { contextId, restriction, restrictionId }: InputOf<'contexts.impact'>,
): Promise<AnswerOf<'contexts.impact'>> {
  const row = await theContext(scope, contextId)
  const target = restriction && (await restrictionWanted(scope, restriction))
  const context = { id: row.id, segmentId: row.segmentId, resource: contextResourceOf(row) }
  const nobody: RunFacts = { now: scope.now, provider: '', fromFork: true, sshRerun: true }
  const { run: _, restrictions: before, ...rest } = await useQuestion(scope.db, context, nobody)
  if (restrictionId && !before.some(({ id }) => id === restrictionId)) {
    throw problem('not_found', 'This context has no such restriction.')
  }
  const after = before.filter(({ id }) => id !== restrictionId)
  if (restriction) {
    const { kind } = restriction
    after.push({
      id: newId(),
      kind,
      ...(target && { target }),
      ...(kind === 'expression' && { expression: restriction.expression }),
    })
  }
  // Whose run it is was not known then, and no restriction says it.
  const known = sql<SqlBool>`not exists (select from jsonb_array_elements(decision.layers) l
    where l ->> 'layer' = 'identity' and l ->> 'verdict' in ('denied', 'error'))`
  const narrow = { contextId, action: 'context:use', where: [known] }
  return previewImpact(scope, narrow, (recorded) => {
    const run = recordedRun(recorded)
    if (!run) return 'untold'
    if (admits(before, run) === admits(after, run)) return 'same'
    const actor: Actor = {
      kind: 'workload',
      id: recorded.actorId,
      name: recorded.actorName,
      teams: [],
      grants: [],
    }
    const decide = (restrictions: readonly Restriction[]) =>
      decideUse(judge, actor, { ...rest, run, restrictions })
    const [was, is] = [decide(before), decide(after)]
    if (was.outcome === is.outcome) return 'same'
    const change = is.outcome === 'denied' ? 'newly_denied' : 'newly_permitted'
    return { change, sentence: is.sentence }
  })
}
