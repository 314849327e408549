import type { Db } from '../../db/connect.ts'
import { newId } from '../../db/new-id.ts'
import { decideUse } from '../../decision/decide-use.ts'
import type { PolicyJudge } from '../../decision/policy-judge.ts'
import { recordDecisions, type DecisionRecord } from '../../decision/record-decision.ts'
import { factsShown } from '../../decision/run-of.ts'
import type { RunFacts, UseQuestion } from '../../decision/run-facts.ts'
import type { Actor } from '../../decision/types.ts'
import { contextResource } from '../../features/contexts/service.ts'
import { useQuestion } from '../../features/contexts/use.ts'
import { emitAll, type AuditEvent } from '../../ledger/emit.ts'
import type { Chance } from './chance.ts'
import { projects, segments } from './cast.ts'
import type { Company } from './company.ts'

interface Known {
  readonly name: string
  readonly slug: string
  readonly project: NonNullable<RunFacts['project']>
  readonly provider: string
}

/** What runs ask for, as a project would: its team's contexts, and those that everybody uses. */
const wishes: Readonly<Record<string, readonly string[]>> = {
  Payments: [
    'payments-production',
    'payments-staging',
    'cardholder-production',
    'docker-hub',
    'chat-notifications',
  ],
  Platform: [
    'platform-production',
    'terraform-state',
    'image-signing',
    'docker-hub',
    'sonar-analysis',
    'dependency-updates',
  ],
  Routing: [
    'routing-production',
    'routing-staging',
    'docker-hub',
    'maps-tiles',
    'chat-notifications',
    'sonar-analysis',
  ],
  Warehouse: ['warehouse-production', 'warehouse-staging', 'docker-hub', 'chat-notifications'],
  Web: [
    'web-production',
    'web-preview',
    'docker-hub',
    'e2e-accounts',
    'npm-publish',
    'feature-flags',
    'sonar-analysis',
  ],
  Mobile: ['app-stores', 'mobile-crash-reports', 'docker-hub', 'feature-flags'],
  Data: ['data-production', 'data-staging', 'docker-hub', 'forecast-models', 'sonar-analysis'],
  Security: ['log-shipping', 'image-signing', 'docker-hub', 'audit-exports'],
}

const network: Readonly<Record<string, { ip: string; runnerClass: string }>> = Object.fromEntries(
  segments.map(({ name, cidrs, runnerClasses }) => [
    name,
    {
      ip: cidrs[0]?.replace(/\.0\/\d+$/, '.') ?? '34.120.7.',
      runnerClass: runnerClasses[0] ?? 'hosted/medium',
    },
  ]),
)

export interface RunParts {
  readonly chance: Chance
  readonly company: Company
  readonly judge: PolicyJudge
  /** What is asked of each context, by its name; kept from day to day while nothing of it changes. */
  readonly questions: Map<string, Asking>
}

/** The projects as they are called at this moment. */
async function knownProjects(db: Db): Promise<ReadonlyMap<string, Known>> {
  const rows = await db
    .selectFrom('project as p')
    .innerJoin('segment as s', 's.id', 'p.segmentId')
    .innerJoin('team as t', 't.id', 'p.teamId')
    .select(['p.id', 'p.name', 'p.slug', 'p.provider', 's.id as segmentId', 's.name as segment'])
    .select(['t.id as teamId', 't.name as team'])
    .execute()
  return new Map(
    rows.map((row) => [
      row.id,
      {
        name: row.name,
        slug: row.slug,
        provider: row.provider,
        project: {
          id: row.id,
          name: row.name,
          slug: row.slug,
          segment: { id: row.segmentId, name: row.segment },
          team: { id: row.teamId, name: row.team },
        },
      },
    ]),
  )
}

/** A run that asked for a context, as it is on record. */
export interface PlayedRun {
  readonly record: Omit<DecisionRecord, 'eventId' | 'run'> & {
    readonly at: Date
    readonly run: RunFacts & { readonly project: NonNullable<RunFacts['project']> }
  }
  readonly decisionId: string | undefined
}

/** A day's runs that asked for a context, decided as they would be now, written in one go. */
export async function playRuns(
  db: Db,
  parts: RunParts,
  day: Date,
  until: Date,
): Promise<readonly PlayedRun[]> {
  const { chance, company, judge } = parts
  const known = await knownProjects(db)
  const weekend = day.getUTCDay() === 0 || day.getUTCDay() === 6
  const asked: (Pick<PlayedRun, 'record'> & { at: Date; event: AuditEvent })[] = []
  for (const [number, each] of projects.entries()) {
    const id = company.projects.get(each.name)
    const project = id && known.get(id)
    if (!project) continue
    const runs = weekend
      ? chance.happens(0.4)
        ? 1
        : 0
      : chance.between(each.runs - 2, each.runs + 2)
    for (let run = 0; run < runs; run++) {
      // Most of the work is done between seven and eighteen o'clock, a nightly build at two.
      const nightly = run === 0 && chance.happens(0.6)
      const minute = nightly
        ? 120 + number
        : 420 + Math.floor(((chance.next() + chance.next()) / 2) * 660)
      const at = new Date(day.getTime() + minute * 60_000 + chance.between(0, 59_999))
      if (at >= until) continue
      const wished = wish(chance, each, project, at, nightly)
      const { facts } = wished
      let question = await questionOf(db, parts, wished.context, facts)
      const actor = workload(project)
      let decision = decideUse(judge, actor, { ...question, run: facts })
      // Most configurations ask for what they get; the checkout has not noticed yet that it no longer does.
      if (decision.outcome === 'denied' && each.name !== 'checkout-api' && chance.happens(0.8)) {
        question = await questionOf(db, parts, 'docker-hub', facts)
        decision = decideUse(judge, actor, { ...question, run: facts })
      }
      const resource = question.context
      const contextId = resource.id
      const outcome =
        decision.outcome === 'denied' ? 'denied' : decision.wouldDeny ? 'would_deny' : 'permitted'
      const shown = factsShown(facts)
      asked.push({
        at,
        record: {
          at,
          actor,
          resource,
          decision,
          projectId: project.project.id,
          contextId,
          latencyUs: chance.between(180, 2_400),
          facts: shown,
          run: { ...facts, project: project.project },
        },
        event: {
          actor: { kind: actor.kind, id: actor.id, name: actor.name },
          action: 'leases.exchange',
          outcome,
          resource: { kind: 'context', id: contextId, name: resource.name },
          project: project.project.id,
          context: contextId,
          sentence: decision.sentence,
          requestId: newId(at.getTime()),
          ...(facts.ip && { ip: facts.ip }),
          detail: shown,
          decision: { grants: [], policies: decision.policies },
        },
      })
    }
  }
  asked.sort((one, other) => one.at.getTime() - other.at.getTime())
  const ids = await emitAll(db, asked)
  const decisions = await recordDecisions(
    db,
    asked.map(({ record }, nth) => ({ ...record, ...(ids[nth] && { eventId: ids[nth] }) })),
  )
  return asked.map(({ record }, nth) => ({ record, decisionId: decisions[nth] }))
}

/** The pipeline of a project: the same actor for all of its runs, so that they can be counted. */
const workload = ({ project, provider }: Known): Actor => ({
  kind: 'workload',
  id: `${provider}:${project.slug ?? project.id}`,
  name: `${project.name} pipeline`,
  teams: [],
  grants: [],
})

export type Asking = Omit<UseQuestion, 'run'>

/** What is asked of a context. */
async function questionOf(
  db: Db,
  { company, questions }: RunParts,
  name: string,
  facts: RunFacts,
): Promise<Asking> {
  const before = questions.get(name)
  if (before) return before
  const id = company.contexts.get(name) ?? ''
  const resource = await contextResource(db, id)
  if (!resource) throw new Error(`the sample company has no context ${name}`)
  const segmentId = resource.within.segment ?? null
  const { run: _, ...question } = await useQuestion(db, { id, resource, segmentId }, facts)
  questions.set(name, question)
  return question
}

/** What one run asks for, and what is known of it. */
function wish(
  chance: Chance,
  each: (typeof projects)[number],
  { slug, project, provider }: Known,
  at: Date,
  nightly: boolean,
) {
  const [production = 'docker-hub', ...others] = wishes[each.team] ?? []
  const fits =
    others.length > 0 &&
    (each.segment === 'Build' ||
      each.segment === 'Sandbox' ||
      each.segment === 'Staging' ||
      chance.happens(0.45))
  const context = fits ? (chance.happens(0.45) ? 'docker-hub' : chance.pick(others)) : production
  const branch = chance.happens(fits ? 0.5 : 0.94)
    ? 'main'
    : chance.pick(['release/3.2', 'feature/labels', 'fix/eta-drift', 'renovate/node-24'])
  const fromFork = branch !== 'main' && chance.happens(0.04)
  const { ip, runnerClass } = network[chance.happens(0.985) ? each.segment : 'Build'] ?? {
    ip: '34.120.7.',
    runnerClass: 'hosted/medium',
  }
  const trigger = nightly ? 'schedule' : 'push'
  const facts: RunFacts = {
    now: at,
    provider,
    project,
    branch,
    defaultBranch: branch === 'main',
    fromFork,
    sshRerun: chance.happens(0.006),
    runnerClass,
    trigger,
    ip: `${ip}${chance.between(4, 250)}`,
    variables: {
      'pipeline.project.slug': slug,
      'pipeline.git.branch': branch,
      'pipeline.git.branch.is_default': branch === 'main',
      'pipeline.trigger.type': trigger,
      'job.ssh.enabled': false,
    },
  }
  return { context, facts }
}
