import type { RunDecision } from '../../../contract/contexts.ts'
import type { InputOf } from '../../../contract/index.ts'
import type { Db } from '../../db/connect.ts'
import { decideUse } from '../../decision/decide-use.ts'
import type { PolicyJudge } from '../../decision/policy-judge.ts'
import type { Restriction, RunFacts, UseQuestion } from '../../decision/run-facts.ts'
import type { Actor } from '../../decision/types.ts'
import type { Scope } from '../../http/scope.ts'
import { restrictionsOf } from './restrictions-service.ts'
import { demandNamed } from '../../http/named.ts'
import { resourceOf, theContext } from './service.ts'

/** What the decision point is asked when a run wants a context: also by the exchange of a pipeline's token. */
export async function useQuestion(
  scope: Pick<Scope, 'db'>,
  context: { id: string; resource: UseQuestion['context']; segmentId: string | null },
  run: RunFacts,
): Promise<UseQuestion> {
  const restrictions = await restrictionsOf(scope.db, context.id)
  const segment = context.segmentId
    ? await scope.db
        .selectFrom('segment')
        .where('id', '=', context.segmentId)
        .select(['id', 'name', 'cidrs', 'runnerClasses'])
        .executeTakeFirst()
    : undefined
  return {
    context: context.resource,
    run,
    restrictions: restrictions.map(asked),
    ...(segment && { segment }),
  }
}

const asked = (stored: Awaited<ReturnType<typeof restrictionsOf>>[number]): Restriction => ({
  id: stored.id,
  kind: stored.kind,
  ...(stored.target && { target: stored.target }),
  ...(stored.expression !== null && { expression: stored.expression }),
})

async function projectFacts(db: Db, id: string) {
  return db
    .selectFrom('project')
    .innerJoin('segment', 'segment.id', 'project.segmentId')
    .leftJoin('team', 'team.id', 'project.teamId')
    .where('project.id', '=', id)
    .select([
      'project.id',
      'project.name',
      'project.slug',
      'project.provider',
      'project.defaultBranch',
      'project.segmentId',
      'segment.name as segmentName',
      'project.teamId',
      'team.name as teamName',
    ])
    .executeTakeFirst()
}

/** Decides on an imagined run exactly as on a real one, and records nothing: nobody asked for a secret. */
export async function tryRun(
  scope: Scope,
  judge: PolicyJudge,
  input: InputOf<'contexts.tryRun'>,
): Promise<RunDecision> {
  const row = await theContext(scope, input.contextId)
  const project = await projectFacts(scope.db, input.projectId)
  const place = project && {
    kind: 'project' as const,
    id: project.id,
    name: project.name,
    within: { project: project.id, segment: project.segmentId },
  }
  demandNamed(scope, 'projectId', 'project', place, ['project:view'])
  if (!project) throw new Error('a project that is not there was seen')
  const { branch, tag, trigger, ip, runnerClass, fromFork, sshRerun } = input
  const isDefault = branch === undefined ? undefined : branch === project.defaultBranch
  const run: RunFacts = {
    now: scope.now,
    provider: project.provider,
    project: {
      id: project.id,
      name: project.name,
      slug: project.slug,
      segment: { id: project.segmentId, name: project.segmentName },
      ...(project.teamId &&
        project.teamName && { team: { id: project.teamId, name: project.teamName } }),
    },
    fromFork,
    sshRerun,
    ...(branch !== undefined && { branch }),
    ...(tag !== undefined && { tag }),
    ...(isDefault !== undefined && { defaultBranch: isDefault }),
    ...(trigger !== undefined && { trigger }),
    ...(ip !== undefined && { ip }),
    ...(runnerClass !== undefined && { runnerClass }),
    variables: {
      'pipeline.project.slug': project.slug,
      'job.ssh.enabled': sshRerun,
      ...(branch !== undefined && { 'pipeline.git.branch': branch }),
      ...(isDefault !== undefined && { 'pipeline.git.branch.is_default': isDefault }),
      ...(tag !== undefined && { 'pipeline.git.tag': tag }),
      ...(trigger !== undefined && { 'pipeline.trigger.type': trigger }),
      ...input.values,
    },
  }
  const workload: Actor = {
    kind: 'workload',
    id: `try:${project.id}`,
    name: `a run of ${project.name}`,
    teams: [],
    grants: [],
  }
  const { id, segmentId } = row
  const question = await useQuestion(scope, { id, segmentId, resource: resourceOf(row) }, run)
  const { outcome, wouldDeny, sentence, layers } = decideUse(judge, workload, question)
  return { outcome, wouldDeny, sentence, layers: [...layers] }
}
