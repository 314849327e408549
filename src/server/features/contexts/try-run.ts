import type { RunDecision } from '../../../contract/contexts.ts'
import type { InputOf } from '../../../contract/index.ts'
import { decideUse } from '../../decision/decide-use.ts'
import type { PolicyJudge } from '../../decision/policy-judge.ts'
import { runOf, type RunGiven } from '../../decision/run-of.ts'
import { truthTable } from '../../decision/truth-table.ts'
import type { Actor } from '../../decision/types.ts'
import type { Scope } from '../../http/scope.ts'
import { demandNamed } from '../../http/named.ts'
import { projectResource, runProject } from '../projects/service.ts'
import { contextResourceOf } from './resource.ts'
import { theContext } from './service.ts'
import { useQuestion } from './use.ts'

/** Decides on an imagined run exactly as on a real one, and records nothing: nobody asked for a secret. */
export async function tryRun(
  scope: Scope,
  judge: PolicyJudge,
  input: InputOf<'contexts.tryRun'>,
): Promise<RunDecision> {
  const row = await theContext(scope, input.contextId)
  const project = await runProject(scope.db, input.projectId)
  const place = await projectResource(scope.db, input.projectId)
  demandNamed(scope, 'projectId', 'project', place, ['project:view'])
  if (!project) throw new Error('a project that is not there was seen')
  const { contextId: _, projectId: __, ...given } = input
  const run = runOf(project, imagined(given), scope.now)
  const workload: Actor = {
    kind: 'workload',
    id: `try:${project.id}`,
    name: `a run of ${project.name}`,
    teams: [],
    grants: [],
  }
  const { id, segmentId } = row
  const question = await useQuestion(
    scope.db,
    { id, segmentId, resource: contextResourceOf(row) },
    run,
  )
  const { outcome, wouldDeny, sentence, layers } = decideUse(judge, workload, question)
  const clauses = truthTable(judge, workload, question)
  return { outcome, wouldDeny, sentence, layers: [...layers], clauses }
}

/** What was left out is unknown. */
function imagined(input: Omit<InputOf<'contexts.tryRun'>, 'contextId' | 'projectId'>): RunGiven {
  const { fromFork, sshRerun, values, ...rest } = input
  const known = Object.entries(rest).filter(([, value]) => value !== undefined)
  return { fromFork, sshRerun, values, ...Object.fromEntries(known) }
}
