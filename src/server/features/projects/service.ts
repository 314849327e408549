import type { AnswerOf, InputOf } from '../../../contract/index.ts'
import type { Db } from '../../db/connect.ts'
import { newId } from '../../db/new-id.ts'
import type { RunProject } from '../../decision/run-of.ts'
import type { Resource, ResourceLoader } from '../../decision/types.ts'
import { demandNamed, unknownNamed } from '../../http/named.ts'
import { problem } from '../../http/problem.ts'
import type { Scope } from '../../http/scope.ts'
import { closeExpiredGrants } from '../grants/service.ts'
import { segmentResource } from '../segments/service.ts'
import { teamResource } from '../teams/service.ts'
import {
  allProjects,
  deleteProject,
  insertProject,
  naming,
  projectById,
  updateProject,
  type ProjectRow,
} from './store.ts'

export { projectWithin } from './store.ts'

type Answer = AnswerOf<'projects.view'>

const projectResourceOf = (row: ProjectRow): Resource => ({
  kind: 'project',
  id: row.id,
  name: row.name,
  within: { project: row.id, segment: row.segmentId },
  attributes: {
    name: row.name,
    provider: row.provider,
    segment: row.segmentName,
    ...(row.teamName && { team: row.teamName }),
  },
})

function runProjectOf(row: ProjectRow): RunProject {
  const { id, name, slug, provider, repository, defaultBranch, segmentId, segmentName } = row
  return {
    id,
    name,
    slug,
    provider,
    repository,
    defaultBranch,
    segment: { id: segmentId, name: segmentName },
    ...(row.teamId && row.teamName && { team: { id: row.teamId, name: row.teamName } }),
  }
}

/** The project as its runs are decided about. */
export async function runProject(db: Db, id: string): Promise<RunProject | undefined> {
  const row = await projectById(db, id)
  return row && runProjectOf(row)
}

export const runProjects = async (db: Db): Promise<RunProject[]> =>
  (await allProjects(db)).map(runProjectOf)

export const projectResource: ResourceLoader<Db> = async (db, id) => {
  const row = await projectById(db, id)
  return row && projectResourceOf(row)
}

export function projectAnswer(scope: Scope, row: ProjectRow): Answer {
  const { id, name, slug, provider, repository, defaultBranch, externalId, renamedFrom } = row
  const { createdAt, version } = row
  return {
    id,
    name,
    slug,
    provider,
    repository,
    defaultBranch,
    externalId,
    renamedFrom,
    segment: { id: row.segmentId, name: row.segmentName },
    team: row.teamId && row.teamName ? { id: row.teamId, name: row.teamName } : null,
    lastUsedAt: row.lastUsedAt,
    createdAt,
    version,
    allowed: scope.allowed(projectResourceOf(row)),
  }
}

export async function theProject(scope: Scope, id: string): Promise<ProjectRow> {
  const row = await projectById(scope.db, id)
  if (!row) throw problem('not_found', 'There is no such project. It may have been removed.')
  return row
}

const told = (row: ProjectRow) => ({
  name: row.name,
  slug: row.slug,
  provider: row.provider,
  repository: row.repository,
  defaultBranch: row.defaultBranch,
  segment: row.segmentName,
  team: row.teamName,
  externalId: row.externalId,
})

/** Whoever places a project somewhere needs to be allowed to add one there. */
async function demandPlace(scope: Scope, segmentId: string): Promise<void> {
  const found = await segmentResource(scope.db, segmentId)
  const either = ['segment:view', 'project:create'] as const
  const segment = demandNamed(scope, 'segmentId', 'segment', found, either)
  scope.demand('project:create', segment)
}

async function demandTeam(scope: Scope, teamId: string | null | undefined): Promise<void> {
  if (teamId && !(await teamResource(scope.db, teamId))) throw unknownNamed('teamId', 'team')
}

export async function createProject(
  scope: Scope,
  input: InputOf<'projects.create'>,
): Promise<Answer> {
  await demandPlace(scope, input.segmentId)
  await demandTeam(scope, input.teamId)
  const id = newId()
  await insertProject(scope.db, { id, ...input })
  const made = await theProject(scope, id)
  scope.record({
    resource: { kind: 'project', id, name: made.name },
    project: id,
    after: told(made),
  })
  return projectAnswer(scope, made)
}

export async function changeProject(
  scope: Scope,
  { projectId, ...values }: InputOf<'projects.update'>,
): Promise<Answer> {
  const before = await theProject(scope, projectId)
  const { segmentId, teamId, name } = values
  if (segmentId && segmentId !== before.segmentId) await demandPlace(scope, segmentId)
  await demandTeam(scope, teamId)
  const renamed = name !== undefined && name !== before.name
  const changed = await updateProject(scope.db, projectId, scope.expectedVersion ?? 0, {
    ...values,
    // Runs that still come under the old name are told what happened to it.
    ...(renamed && { renamedFrom: before.name }),
  })
  if (!changed) throw stale(scope, before)
  const after = await theProject(scope, projectId)
  scope.record({ before: told(before), after: told(after) })
  return projectAnswer(scope, after)
}

export async function removeProject(scope: Scope, id: string): Promise<void> {
  const before = await theProject(scope, id)
  await closeExpiredGrants(scope.db, { projectId: id }, scope.now)
  const { grants, scheduled, restrictions } = await naming(scope.db, id)
  const held = Object.entries({
    'live grants': grants,
    'scheduled grants': scheduled,
    restrictions,
  })
    .filter(([, count]) => count > 0)
    .map(([what, count]) => `${count} ${what}`)
  if (held.length > 0) {
    const sentence = `${before.name} is named by ${held.join(' and ')}. Remove them first.`
    throw problem('in_use', sentence)
  }
  if (!(await deleteProject(scope.db, id, scope.expectedVersion ?? 0))) throw stale(scope, before)
  scope.record({ before: told(before) })
}

const stale = (scope: Scope, row: ProjectRow) =>
  problem('stale', 'Somebody changed this project since you loaded it.', {
    current: projectAnswer(scope, row),
  })
