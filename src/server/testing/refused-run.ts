import { newId } from '../db/new-id.ts'
import { decideUse } from '../decision/decide-use.ts'
import { noPolicies } from '../decision/policy-judge.ts'
import { recordPast } from './recorded.ts'
import type { World } from './world.ts'

interface Named {
  readonly id: string
  readonly name: string
}

/** A run that a restriction alone refused a minute ago, below the door; answers the decision. */
export async function refusedRun(
  world: World,
  project: Named,
  context: Named,
  segment?: string,
): Promise<string> {
  const at = new Date(Date.now() - 60_000)
  const id = newId()
  const actor = {
    kind: 'workload' as const,
    id: `github:${project.name}`,
    name: project.name,
    teams: [],
    grants: [],
  }
  const resource = {
    kind: 'context' as const,
    id: context.id,
    name: context.name,
    within: { context: context.id, ...(segment && { segment }) },
  }
  const run = {
    now: at,
    project: { id: project.id, name: project.name },
    provider: 'github',
    branch: `hotfix/${id.slice(-8)}`,
    fromFork: false,
    sshRerun: false,
    variables: {},
  }
  const decision = decideUse(noPolicies, actor, { context: resource, run, restrictions: [] })
  await recordPast(world, [
    { id, at, actor, resource, decision, run, projectId: project.id, contextId: context.id },
  ])
  return id
}
