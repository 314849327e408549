import type { PolicyFacts } from '../../contract/policy-facts.ts'
import type { Permission } from '../../contract/permissions.ts'
import type { ResourceKind } from '../../contract/operation.ts'
import type { AskedThen } from '../db/tables/decisions.ts'
import type { PolicyQuestion } from './policy-judge.ts'
import type { RunFacts } from './run-facts.ts'
import type { Actor, Resource } from './types.ts'

/** What is stored beside a decision of who asked and where the object lay: policies may read it. */
export function askedThen(actor: Actor, resource: Resource, at: Date): AskedThen {
  const { segment, project, context } = resource.within
  const tier = resource.attributes?.['tier']
  const { personId, email, authenticatedAt, acr } = actor
  const age = authenticatedAt && Math.floor((at.getTime() - authenticatedAt.getTime()) / 1000)
  return {
    ...(segment && { segment }),
    ...(project && { project }),
    ...(context && { context }),
    ...(typeof tier === 'string' && { tier }),
    ...(personId && { person: personId }),
    ...(email && { email }),
    ...(actor.teams.length > 0 && { teams: actor.teams.map(({ id, name }) => ({ id, name })) }),
    ...(age !== undefined && { sessionAge: Math.max(0, age) }),
    ...(acr !== undefined && { acr }),
  }
}

/** A recorded decision, as far as it says what was asked. */
export interface RecordedQuestion {
  readonly at: Date
  readonly actorKind: string
  readonly actorId: string
  readonly actorName: string
  readonly action: string
  readonly resourceKind: string
  readonly resourceId: string
  readonly resourceName: string
  readonly facts: Readonly<Record<string, unknown>>
  readonly run: Readonly<Record<string, unknown>> | null
  readonly asked: AskedThen | null
}

type RunGiven = Extract<PolicyFacts, { kind: 'run' }>
type ConsoleGiven = Extract<PolicyFacts, { kind: 'console' }>

/** The members that are known, in the order given: equal facts read equal. */
function known<T extends object>(given: { [K in keyof T]: T[K] | undefined }): T {
  return Object.fromEntries(
    Object.entries(given).filter(([, value]) => value !== undefined && value !== null),
  ) as T
}

/** What policies were asked with; nothing where the record does not hold enough to ask again. */
export function factsOf(row: RecordedQuestion): PolicyFacts | undefined {
  const { asked, run } = row
  const at = row.at.toISOString()
  if (run && row.action === 'context:use') {
    const { variables: _, ...facts } = run as unknown as RunFacts
    const { project } = facts
    return known<RunGiven>({
      kind: 'run',
      at,
      workload: { id: row.actorId, name: row.actorName },
      context: known<RunGiven['context']>({
        id: row.resourceId,
        name: row.resourceName,
        segmentId: asked?.segment,
      }),
      project: project && {
        ...known<{ id: string; name: string; slug?: string }>({
          id: project.id,
          name: project.name,
          slug: project.slug,
        }),
        ...(project.segment && { segment: project.segment }),
        ...(project.team && { team: project.team }),
      },
      provider: facts.provider,
      branch: facts.branch,
      tag: facts.tag,
      defaultBranch: facts.defaultBranch,
      fromFork: facts.fromFork,
      sshRerun: facts.sshRerun,
      runnerClass: facts.runnerClass,
      trigger: facts.trigger,
      actorLogin: facts.actorLogin,
      environment: facts.environment,
      protectedRef: facts.protectedRef,
      ip: facts.ip,
      approvers: facts.approvers && [...facts.approvers],
      authors: facts.authors && [...facts.authors],
    })
  }
  if (!asked?.person || (row.actorKind !== 'person' && row.actorKind !== 'token')) return undefined
  const ip = row.facts['ip']
  return known<ConsoleGiven>({
    kind: 'console',
    at,
    action: row.action as Permission,
    person: known<ConsoleGiven['person']>({
      id: asked.person,
      name: row.actorName,
      email: asked.email,
      teams: [...(asked.teams ?? [])],
    }),
    client: row.actorKind === 'token' ? 'token' : 'console',
    resource: known<ConsoleGiven['resource']>({
      kind: row.resourceKind,
      id: row.resourceId,
      name: row.resourceName,
      segmentId: asked.segment,
      projectId: asked.project,
      contextId: asked.context,
      tier: asked.tier,
    }),
    ip: typeof ip === 'string' ? ip : undefined,
    sessionAge: asked.sessionAge,
    acr: asked.acr,
  })
}

/** The question that these facts are, for the engine. */
export function questionOf(facts: PolicyFacts): PolicyQuestion {
  const at = new Date(facts.at)
  if (facts.kind === 'run') {
    const { kind: _, at: __, workload, context, ...run } = facts
    return {
      actor: { kind: 'workload', ...workload, teams: [], grants: [] },
      action: 'context:use',
      resource: {
        kind: 'context',
        id: context.id,
        name: context.name,
        within: { context: context.id, ...(context.segmentId && { segment: context.segmentId }) },
      },
      facts: {},
      run: { ...(run as Omit<RunFacts, 'now'>), now: at },
    }
  }
  const { person, resource, sessionAge, acr } = facts
  return {
    actor: {
      kind: facts.client === 'token' ? 'token' : 'person',
      id: person.id,
      personId: person.id,
      name: person.name,
      ...(person.email !== undefined && { email: person.email }),
      teams: person.teams.map(({ id, name }) => ({ id, name, lead: false })),
      grants: [],
      ...(sessionAge !== undefined && {
        authenticatedAt: new Date(at.getTime() - sessionAge * 1000),
      }),
      ...(acr !== undefined && { acr }),
    },
    action: facts.action,
    resource: {
      kind: resource.kind as ResourceKind,
      id: resource.id,
      name: resource.name,
      within: {
        ...(resource.segmentId && { segment: resource.segmentId }),
        ...(resource.projectId && { project: resource.projectId }),
        ...(resource.contextId && { context: resource.contextId }),
      },
      ...(resource.tier !== undefined && { attributes: { tier: resource.tier } }),
    },
    facts: { now: at, ...(facts.ip !== undefined && { ip: facts.ip }) },
  }
}
