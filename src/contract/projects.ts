import { z } from 'zod'
import { Id, line, Moment, Named, Version } from './id.ts'
import { name } from './name.ts'
import { noun } from './operation.ts'
import { Nothing, page, PageQuery } from './page.ts'
import { Permission } from './permissions.ts'

export const Provider = z.enum(['circleci', 'github', 'gitlab'])
export type Provider = z.infer<typeof Provider>

export const Project = z.strictObject({
  id: Id,
  name: z.string(),
  slug: z.string(),
  provider: Provider,
  repository: z.string(),
  defaultBranch: z.string(),
  segment: Named,
  team: Named.nullable(),
  /** The CI system's own immutable id: what its tokens are matched by, never the name. */
  externalId: z.string().nullable(),
  /** What it was called before, when it was renamed at the CI system. */
  renamedFrom: z.string().nullable(),
  /** When one of its runs was last given a context, to the minute. */
  lastUsedAt: Moment.nullable(),
  createdAt: Moment,
  version: Version,
  allowed: z.array(Permission),
})
export type Project = z.output<typeof Project>

/** A context that names the project in a restriction, and what came of the last 30 days. */
const ReachedContext = z.strictObject({
  context: Named,
  /** By a restriction to the project itself, to its team or to its segment; every other kind is asked as well. */
  by: z.enum(['project', 'team', 'segment', 'expression']),
  permitted: z.int(),
  denied: z.int(),
})

const ProjectName = name(200)
const repository = line(300)
const branch = line(200)
const slug = z.string().regex(/^[\w./-]{1,200}$/, 'must be letters, digits and . _ / -')
const externalId = z.string().regex(/^[\w./:-]{1,200}$/, 'must be the id that the CI system shows')

export const projects = noun({
  list: {
    method: 'GET',
    path: '/projects',
    summary: 'Projects that one may see, by name',
    may: 'project:view',
    query: PageQuery.extend({
      q: z.string().max(200).optional(),
      segmentId: Id.optional(),
      teamId: Id.optional(),
      provider: Provider.optional(),
    }),
    returns: page(Project),
  },
  view: {
    method: 'GET',
    path: '/projects/:projectId',
    summary: 'One project',
    may: 'project:view',
    on: 'project',
    returns: Project,
  },
  contexts: {
    method: 'GET',
    path: '/projects/:projectId/contexts',
    summary: 'Contexts whose restrictions admit runs of the project, with the last 30 days',
    may: 'project:view',
    on: 'project',
    returns: z.strictObject({ items: z.array(ReachedContext) }),
  },
  create: {
    method: 'POST',
    path: '/projects',
    summary: 'Add a project and place it in a segment',
    may: 'project:create',
    on: 'any',
    body: z.strictObject({
      name: ProjectName,
      slug,
      provider: Provider,
      repository,
      defaultBranch: branch.default('main'),
      segmentId: Id,
      teamId: Id.nullable().default(null),
      externalId: externalId.nullable().default(null),
    }),
    returns: Project,
  },
  update: {
    method: 'PATCH',
    path: '/projects/:projectId',
    summary: 'Rename a project, give it to another team or place it in another segment',
    may: 'project:update',
    on: 'project',
    ifMatch: true,
    body: z.strictObject({
      name: ProjectName.optional(),
      slug: slug.optional(),
      repository: repository.optional(),
      defaultBranch: branch.optional(),
      segmentId: Id.optional(),
      teamId: Id.nullable().optional(),
      externalId: externalId.nullable().optional(),
    }),
    returns: Project,
  },
  remove: {
    method: 'DELETE',
    path: '/projects/:projectId',
    summary: 'Remove a project that no restriction names',
    may: 'project:delete',
    on: 'project',
    ifMatch: true,
    returns: Nothing,
  },
})
