import { newId } from '../db/new-id.ts'
import { decideUse } from '../decision/decide-use.ts'
import { noPolicies } from '../decision/policy-judge.ts'
import type { DecisionRecord } from '../decision/record-decision.ts'
import type { RunFacts } from '../decision/run-facts.ts'
import { recordPast } from './recorded.ts'
import { openWorld } from './world.ts'

const runs = 60
const isTag = (at: number) => at % 3 === 0
const isRefused = (at: number) => at % 5 === 0

/** Sixty runs of two projects, an hour apart: every third of a tag, every fifth refused by a restriction already. */
export const past = {
  runs,
  all: Array.from({ length: runs }, (_, at) => at),
  isTag,
  isRefused,
  /** What `noTags` turns. */
  turned: (at: number) => isTag(at) && !isRefused(at),
}

export const use = 'forbid (principal, action == Sallyport::Action::"context:use", resource)'
export const noTags = `@reason("no tags")\n${use}\nwhen { context has tag };\n`

/** A world in which these runs were decided; `lin` leads the first project alone. */
export async function openPast() {
  const world = await openWorld()
  const ada = await world.as('ada')
  const ben = await world.as('ben')
  const lin = await world.as('lin')
  await world.grant(ben, 'securityAdmin')
  const segment = await ada.call('segments.create', { name: 'Build', tier: 'build' })
  const context = await ada.call('contexts.create', { name: 'prod', segmentId: null })
  const projects: { id: string; name: string }[] = []
  for (const name of ['one', 'two']) {
    projects.push(
      await ada.call('projects.create', {
        name,
        slug: `gh/meridian/${name}`,
        provider: 'circleci',
        repository: `meridian/${name}`,
        segmentId: segment.id,
      }),
    )
  }
  const [first] = projects
  if (!first) throw new Error('no project')
  await world.grant(lin, 'teamLead', { kind: 'project', id: first.id, name: first.name })
  await recordPast(
    world,
    past.all.map((at) => runAt(at, context, projects)),
  )
  let count = 0
  const draft = (text: string) => ada.call('policies.create', { name: `Replayed ${++count}`, text })
  return {
    world,
    ada,
    ben,
    lin,
    context,
    projects,
    draft,
    /** By two people, after what it changes was worked out. */
    async enforce(text: string) {
      const { id: policyId } = await draft(text)
      await ada.call('policies.setMode', { policyId, mode: 'evaluate' }, { version: 1 })
      await ada.call('policies.askEnforcement', { policyId, reason: 'for a test' }, { version: 2 })
      await world.app.replays.settled()
      return ben.call('policies.approveEnforcement', { policyId }, { version: 3 })
    },
    close: () => world.close(),
  }
}
export type Past = Awaited<ReturnType<typeof openPast>>

function runAt(
  at: number,
  context: { id: string; name: string },
  projects: readonly { id: string; name: string }[],
): DecisionRecord & { at: Date } {
  const project = projects[at % 2]!
  const when = new Date(Date.now() - (at + 1) * 3_600_000)
  const run: RunFacts = {
    now: when,
    project: { id: project.id, name: project.name },
    provider: 'circleci',
    fromFork: false,
    sshRerun: false,
    ip: `192.0.2.${at}`,
    actorLogin: at % 2 ? 'mia' : 'kai',
    ...(isTag(at) ? { tag: 'v1' } : { branch: 'main' }),
    variables: { 'pipeline.id': newId() },
  }
  const actor = {
    kind: 'workload' as const,
    id: `circleci:${project.name}`,
    name: project.name,
    teams: [],
    grants: [],
  }
  const resource = {
    kind: 'context' as const,
    ...context,
    within: { context: context.id },
  }
  const target = isRefused(at) ? { id: newId(), name: 'another' } : project
  const decision = decideUse(noPolicies, actor, {
    context: resource,
    run,
    restrictions: [{ id: newId(), kind: 'project', target }],
  })
  return { at: when, actor, resource, decision, run, projectId: project.id }
}
