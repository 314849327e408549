import { isIP } from 'node:net'
import type { CedarValueJson, EntityJson, TypeAndId } from '@cedar-policy/cedar-wasm/nodejs'
import type { PolicyQuestion } from './policy-judge.ts'

export interface CedarRequest {
  readonly principal: TypeAndId
  readonly action: TypeAndId
  readonly resource: TypeAndId
  readonly context: Record<string, CedarValueJson>
  readonly entities: EntityJson[]
}

const uid = (type: string, id: string): TypeAndId => ({ type: `Sallyport::${type}`, id })
const organization = uid('Organization', 'organization')

/** What the schema says an entity may lie in, besides the organization. */
const placesAbove: Readonly<Record<string, readonly ('Segment' | 'Project' | 'Context')[]>> = {
  Project: ['Segment'],
  Context: ['Segment'],
  Grant: ['Segment', 'Project', 'Context'],
  Request: ['Segment', 'Project', 'Context'],
  Decision: ['Project', 'Context'],
  TrustRule: ['Segment', 'Project'],
  Lease: ['Segment', 'Project', 'Context'],
  Finding: ['Segment', 'Project', 'Context'],
}

/**
 * A question as Cedar is asked it: typed facts only, named one by one, so that nothing a caller passes can smuggle an
 * extension value or deep nesting into the engine.
 */
export function requestOf(question: PolicyQuestion): CedarRequest {
  const { actor, action, resource } = question
  const entities = new Map<string, EntityJson>()
  const add = (
    entity: TypeAndId,
    name: string,
    parents: readonly TypeAndId[] = [],
    attributes: Record<string, string | undefined> = {},
  ) => {
    const attrs: Record<string, CedarValueJson> = { name }
    for (const [key, value] of Object.entries(attributes)) if (value) attrs[key] = value
    entities.set(`${entity.type}::${entity.id}`, { uid: entity, attrs, parents: [...parents] })
    return entity
  }
  add(organization, 'organization')
  const segment = (id: string, name = id) => add(uid('Segment', id), name, [organization])

  let principal: TypeAndId
  if (question.run) {
    const { project } = question.run
    const parents: TypeAndId[] = []
    if (project) {
      const above = [organization]
      if (project.segment) above.push(segment(project.segment.id, project.segment.name))
      if (project.team) {
        above.push(add(uid('Team', project.team.id), project.team.name, [organization]))
      }
      parents.push(
        add(uid('Project', project.id), project.slug ?? project.name, above, {
          provider: question.run.provider,
        }),
      )
    }
    principal = add(uid('Workload', actor.id), actor.name, parents)
  } else {
    const teams = actor.teams.map(({ id, name }) => add(uid('Team', id), name, [organization]))
    principal = add(uid('Person', actor.personId ?? actor.id), actor.name, teams, {
      email: actor.email,
    })
  }

  const type = resource.kind.charAt(0).toUpperCase() + resource.kind.slice(1)
  let asked = organization
  if (type !== 'Organization') {
    const { within } = resource
    const parents: TypeAndId[] = []
    if (type === 'Secret') {
      if (within.context) parents.push(add(uid('Context', within.context), within.context))
    } else if (type !== 'Person') parents.push(organization)
    const places = placesAbove[type]
    if (within.segment && places?.includes('Segment')) parents.push(segment(within.segment))
    if (within.project && places?.includes('Project')) {
      parents.push(add(uid('Project', within.project), within.project))
    }
    if (within.context && places?.includes('Context')) {
      parents.push(add(uid('Context', within.context), within.context))
    }
    const tier = resource.attributes?.['tier']
    asked = uid(type, resource.id)
    // Whoever asks about themselves keeps their teams.
    if (!entities.has(`${asked.type}::${asked.id}`)) {
      add(asked, resource.name, parents, {
        ...(type === 'Segment' && typeof tier === 'string' && { tier }),
      })
    }
  }
  return {
    principal,
    action: uid('Action', action),
    resource: asked,
    context: question.run ? runContext(question.run) : consoleContext(question),
    entities: [...entities.values()],
  }
}

function clock(now: Date): Record<string, CedarValueJson> {
  return {
    now: now.toISOString(),
    weekday: now.getUTCDay() || 7,
    minuteOfDay: now.getUTCHours() * 60 + now.getUTCMinutes(),
  }
}

function address(ip: unknown): Record<string, CedarValueJson> {
  if (typeof ip !== 'string') return {}
  // An IPv4 address that came in over an IPv6 socket (RFC 4291 §2.5.5.2) is the IPv4 address.
  const plain = ip.replace(/^::ffff:(?=\d+\.\d+\.\d+\.\d+$)/i, '')
  return isIP(plain) ? { ip: plain } : {}
}

function consoleContext({ actor, facts }: PolicyQuestion): Record<string, CedarValueJson> {
  const now = facts['now'] instanceof Date ? facts['now'] : new Date()
  const { authenticatedAt } = actor
  return {
    ...clock(now),
    client: actor.kind === 'token' ? 'token' : 'console',
    ...address(facts['ip']),
    ...(authenticatedAt && {
      sessionAge: Math.max(0, Math.floor((now.getTime() - authenticatedAt.getTime()) / 1000)),
    }),
    ...(actor.acr !== undefined && { acr: actor.acr }),
  }
}

function runContext(run: NonNullable<PolicyQuestion['run']>): Record<string, CedarValueJson> {
  const approvers = [...new Set(run.approvers)]
  const authors = [...new Set(run.authors)]
  const known = {
    branch: run.branch,
    tag: run.tag,
    defaultBranch: run.defaultBranch,
    runnerClass: run.runnerClass,
    trigger: run.trigger,
    actorLogin: run.actorLogin,
    environment: run.environment,
    protectedRef: run.protectedRef,
  }
  const context: Record<string, CedarValueJson> = {
    ...clock(run.now),
    provider: run.provider,
    fromFork: run.fromFork,
    sshRerun: run.sshRerun,
    ...address(run.ip),
    approvers,
    authors,
    approvals: approvers.length,
    selfApproved: approvers.some((login) => authors.includes(login)),
  }
  for (const [key, value] of Object.entries(known)) if (value !== undefined) context[key] = value
  return context
}
