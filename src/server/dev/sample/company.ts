import { randomBytes } from 'node:crypto'
import { importPeople } from '../../features/people/import.ts'
import { createGrant } from '../../features/grants/service.ts'
import { createProject } from '../../features/projects/service.ts'
import { demandTeam, updateTeam } from '../../features/teams/service.ts'
import { changeFlows, flowMatrix } from '../../features/segments/flows.ts'
import { createSegment } from '../../features/segments/service.ts'
import { addRestriction } from '../../features/contexts/restrictions-service.ts'
import { storeSecret } from '../../features/contexts/secrets-service.ts'
import { createContext } from '../../features/contexts/service.ts'
import type { Vault } from '../../vault/vault.ts'
import {
  charters,
  emailOf,
  externalIdOf,
  flows,
  projects,
  repositoryOf,
  segments,
  teams,
} from './cast.ts'
import type { Config } from '../../config.ts'
import { trustCiSystems } from './trust.ts'
import { contexts, type RestrictionOf } from './contexts.ts'
import { dateBack, type Stage } from './stage.ts'

/** Ids of everything that was made, by name. */
export interface Company {
  readonly people: ReadonlyMap<string, string>
  readonly teams: ReadonlyMap<string, string>
  readonly segments: ReadonlyMap<string, string>
  readonly projects: ReadonlyMap<string, string>
  readonly contexts: ReadonlyMap<string, string>
}

const need = (all: ReadonlyMap<string, string>, name: string): string => {
  const id = all.get(name)
  if (!id) throw new Error(`the sample company has no ${name}`)
  return id
}

const titles: Readonly<Record<string, string>> = {
  Security: 'Security engineer',
  Audit: 'Internal auditor',
  Data: 'Data engineer',
  Mobile: 'Mobile engineer',
}

/** The list that the people office exported: everybody with their team, the first of each as its lead. */
const roster = () => {
  const lines = Object.entries(teams).flatMap(([team, names]) =>
    names.map(
      (name, at) =>
        `${emailOf(name)},${name},${titles[team] ?? 'Software engineer'},${team},${at === 0}`,
    ),
  )
  return ['email,name,title,team,lead', ...lines].join('\n')
}

/** Founds the company on its first day, through the services: Ada signs in first and does all of it. */
export async function found(
  stage: Stage,
  vault: Vault,
  config: Config,
  day: Date,
): Promise<Company> {
  let minute = 0
  const next = () => new Date(day.getTime() + ++minute * 60_000)
  const by = 'Ada Okafor'
  await stage.signIn(by, next())

  const imported = next()
  await stage.act({
    by,
    at: imported,
    action: 'people.import',
    may: 'person:import',
    work: async (scope) => {
      await importPeople(scope, roster())
      for (const table of ['person', 'team', 'teamMember'] as const) {
        await scope.db.updateTable(table).set({ createdAt: imported }).execute()
      }
      await scope.db.updateTable('accessGrant').set({ grantedAt: day }).execute()
      for (const one of await scope.db.selectFrom('person').select(['id', 'name']).execute()) {
        stage.people.set(one.name, one.id)
      }
    },
  })
  const teamIds = new Map<string, string>()
  await stage.act({
    by,
    at: next(),
    action: 'teams.list',
    may: 'team:view',
    work: async ({ db }) => {
      for (const { id, name } of await db.selectFrom('team').select(['id', 'name']).execute()) {
        teamIds.set(name, id)
      }
    },
  })
  for (const [name, description] of Object.entries(charters)) {
    const teamId = need(teamIds, name)
    await stage.act({
      by,
      at: next(),
      action: 'teams.update',
      may: 'team:update',
      work: async (scope) => {
        const { version } = await demandTeam(scope.db, teamId)
        await updateTeam({ ...scope, expectedVersion: version }, { teamId, description })
      },
    })
  }

  const segmentIds = new Map<string, string>()
  for (const one of segments) {
    const at = next()
    const made = await stage.act({
      by,
      at,
      action: 'segments.create',
      may: 'segment:create',
      work: async (scope) => {
        const answer = await createSegment(scope, one)
        await dateBack(scope.db, 'segment', answer.id, at)
        return answer
      },
    })
    if (made) segmentIds.set(one.name, made.id)
  }

  for (const [from, to, reason] of flows) {
    const at = next()
    const change = {
      allow: [{ from: need(segmentIds, from), to: need(segmentIds, to) }],
      stop: [],
      reason,
    }
    await stage.act({
      by,
      at,
      action: 'segments.changeFlows',
      may: 'segment:update',
      work: async (scope) => {
        const { version } = await flowMatrix(scope)
        await changeFlows({ ...scope, expectedVersion: version }, change)
        const { db } = scope
        await db
          .updateTable('segmentFlow')
          .set({ createdAt: at })
          .where('reason', '=', reason)
          .execute()
      },
    })
  }

  const projectIds = new Map<string, string>()
  for (const one of projects) {
    const at = next()
    const made = await stage.act({
      by,
      at,
      action: 'projects.create',
      may: 'project:create',
      work: async (scope) => {
        const answer = await createProject(scope, {
          name: one.name,
          slug: `meridian/${one.name}`,
          provider: one.provider,
          repository: repositoryOf(one),
          defaultBranch: 'main',
          segmentId: need(segmentIds, one.segment),
          teamId: need(teamIds, one.team),
          externalId: externalIdOf(one),
        })
        await dateBack(scope.db, 'project', answer.id, at)
        return answer
      },
    })
    if (made) projectIds.set(one.name, made.id)
  }

  const places = { project: projectIds, team: teamIds, segment: segmentIds }
  const contextIds = new Map<string, string>()
  for (const one of contexts) {
    const at = next()
    const made = await stage.act({
      by,
      at,
      action: 'contexts.create',
      may: 'context:create',
      work: async (scope) => {
        const { name, description } = one
        const segmentId = one.segment ? need(segmentIds, one.segment) : null
        const teamId = one.team ? need(teamIds, one.team) : null
        const answer = await createContext(scope, { name, description, segmentId, teamId })
        await dateBack(scope.db, 'context', answer.id, at)
        return answer
      },
    })
    if (!made) continue
    contextIds.set(one.name, made.id)
    const on = {
      kind: 'context' as const,
      id: made.id,
      name: one.name,
      within: { context: made.id },
    }
    for (const name of one.secrets) {
      const stored = next()
      await stage.act({
        by,
        at: stored,
        action: 'contexts.store',
        may: 'secret:store',
        on,
        work: async (scope) => {
          // Nobody knows these values, and nothing accepts them.
          const value = randomBytes(24).toString('base64url')
          const { id } = await storeSecret(scope, vault, { contextId: made.id, name, value })
          const times = { createdAt: stored, updatedAt: stored }
          await scope.db.updateTable('secret').set(times).where('id', '=', id).execute()
          await scope.db
            .updateTable('secretVersion')
            .set({ createdAt: stored })
            .where('secretId', '=', id)
            .execute()
        },
      })
    }
    for (const restriction of one.restrictions) {
      const added = next()
      await stage.act({
        by,
        at: added,
        action: 'contexts.restrict',
        may: 'context:restrict',
        on,
        work: async (scope) => {
          const asked = { contextId: made.id, restriction: asAsked(restriction, places) }
          const { id } = await addRestriction(scope, asked)
          await dateBack(scope.db, 'restriction', id, added)
        },
      })
    }
  }
  const company = {
    people: stage.people,
    teams: teamIds,
    segments: segmentIds,
    projects: projectIds,
    contexts: contextIds,
  }
  await grantRoles(stage, company, next)
  await trustCiSystems(stage, company, config, next)
  return company
}

function asAsked(
  restriction: RestrictionOf,
  places: Readonly<Record<'project' | 'team' | 'segment', ReadonlyMap<string, string>>>,
) {
  if ('expression' in restriction) return { kind: 'expression' as const, ...restriction }
  for (const kind of ['project', 'team', 'segment'] as const) {
    const name = (restriction as Readonly<Record<string, string>>)[kind]
    if (name) return { kind, targetId: need(places[kind], name) }
  }
  throw new Error('a restriction without a target')
}

/** Who holds what from the beginning. */
async function grantRoles(stage: Stage, company: Company, next: () => Date): Promise<void> {
  const { securityAdmin, teamLead, auditor, developer } = stage.roles
  const organization = { kind: 'organization' as const }
  const segment = (name: string) => ({
    kind: 'segment' as const,
    id: need(company.segments, name),
  })
  const person = (name: string) => ({ kind: 'person' as const, id: need(company.people, name) })
  const team = (name: string) => ({ kind: 'team' as const, id: need(company.teams, name) })
  type Scope = Parameters<typeof createGrant>[1]['scope']
  type Subject = Parameters<typeof createGrant>[1]['subject']
  const grant = (
    role: { id: string; name: string },
    subject: Subject,
    scope: Scope,
    reason: string,
    days?: number,
  ) => {
    const at = next()
    const expiresAt = days && new Date(at.getTime() + days * 86_400_000).toISOString()
    return stage.act({
      by: 'Ada Okafor',
      at,
      action: 'grants.create',
      may: 'grant:create',
      work: (scoped) =>
        createGrant(scoped, {
          roleId: role.id,
          subject,
          scope,
          reason,
          ...(expiresAt && { expiresAt }),
        }),
    })
  }
  await grant(securityAdmin, person('Ben Sørensen'), organization, 'Stands in for Ada')
  await grant(securityAdmin, person('Mirela Popescu'), organization, 'Security on call', 120)
  await grant(auditor, team('Audit'), organization, 'Internal audit, yearly plan')
  for (const name of Object.keys(teams)) {
    if (name !== 'Audit') await grant(developer, team(name), organization, 'Works here')
  }
  const leads: readonly (readonly [string, readonly string[]])[] = [
    ['Lin Zhao', ['Cardholder data', 'Production', 'Staging']],
    ['Grace Mbeki', ['Production', 'Build', 'Sandbox']],
    ['Marta Kowalska', ['Production', 'Staging']],
    ['Beatriz Santos', ['Production', 'Staging']],
    ['Freya Lund', ['Production', 'Build', 'Staging']],
    ['Zoë Martin', ['Build']],
    ['Samira Khalil', ['Production', 'Staging', 'Sandbox']],
  ]
  for (const [name, where] of leads) {
    for (const place of where)
      await grant(teamLead, person(name), segment(place), 'Leads a team there')
  }
  await grant(
    teamLead,
    person('Viktor Lindqvist'),
    segment('Production'),
    'Migration of the clusters',
  )
  await grant(securityAdmin, person('Hiroshi Tanaka'), organization, 'Incident 2026-08', 101)
  await grant(teamLead, person('Priya Raman'), segment('Cardholder data'), 'While Lin is away', 96)
}
