import { runOf } from '../../decision/run-of.ts'
import type { Decision } from '../../decision/types.ts'
import type { Workload } from '../../http/authenticate/identity.ts'
import { problem } from '../../http/problem.ts'
import type { Scope } from '../../http/scope.ts'
import { explain, pipelineOf, refusedAs } from '../leases/service.ts'
import { projectResource, runProject } from '../projects/service.ts'
import { matchRules, rulesOf } from '../trust-rules/service.ts'
import type { ConfigRunSaid, Target } from './service.ts'
import { projectNamed } from './store.ts'

/**
 * The project whose run brings the token, as the exchange tells it; it has no other project's config checked. What the
 * token says of the run is what is known of it.
 */
export async function runTarget(
  scope: Scope,
  workload: Workload,
  named: string | undefined,
): Promise<Target> {
  const began = performance.now()
  const matched = matchRules(await rulesOf(scope.db, workload.token.issuer.id), workload.token)
  const found = matched.project && (await runProject(scope.db, matched.project.id))
  const project = found && (await projectNamed(scope.db, found.id))
  const resource = found && (await projectResource(scope.db, found.id))
  if (!found || !project || !resource) throw refusedAs(scope, matched)
  const actor = pipelineOf(found, workload)
  scope.actAs(actor)
  const { fork, forkSays: _, projectId: __, repository: ___, ...known } = matched.run
  const { branch, tag, sshRerun, runId, jobId } = known
  const about = {
    ...(matched.rule && { rule: matched.rule.name }),
    ...(runId && { run: runId }),
    ...(jobId && { job: jobId }),
  }
  scope.record({
    resource: { kind: 'project', id: project.id, name: project.name },
    project: project.id,
    detail: about,
  })
  const permitted = matched.layer.verdict === 'permitted'
  const { clause, expected = 'it to hold', actual = 'unknown' } = matched.layer
  const decision: Decision = {
    outcome: permitted ? 'permitted' : 'denied',
    wouldDeny: false,
    action: 'pipeline:check',
    layers: [{ ...matched.layer, ...(matched.change && { change: matched.change }) }],
    grants: [],
    policies: [],
    sentence: permitted
      ? `Permitted: ${clause}.`
      : `Denied: project “${project.name}” may have nothing checked by this run. ${clause}: expected ${expected}, was ${actual}.`,
  }
  if (!permitted) {
    const given = { ...known, fromFork: fork !== 'no', ip: scope.request.ip }
    const id = scope.decided({
      resource,
      decision,
      run: runOf(found, given, scope.now),
      ...(matched.token && { token: matched.token }),
      projectId: project.id,
      latencyUs: Math.round((performance.now() - began) * 1000),
    })
    throw problem('use_denied', decision.sentence, {
      error: 'access_denied',
      failed: explain(decision.layers),
      decision: `${scope.config.publicUrl}/decisions/${id}`,
    })
  }
  if (named !== undefined && named !== project.id && named !== project.slug) {
    throw problem('not_found', 'The token of this run is of no such project.')
  }
  const said: ConfigRunSaid = {
    ...(branch !== undefined && { branch }),
    ...(tag !== undefined && { tag }),
    ...(fork !== 'unknown' && { fromFork: fork === 'yes' }),
    sshRerun,
  }
  return { project, resource, run: { said, about, decision, actor } }
}
