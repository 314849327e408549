import { z } from 'zod'
import { Id, Moment, Named, Version, prose } from './id.ts'
import { noun } from './operation.ts'
import { PageQuery, page } from './page.ts'
import { Permission } from './permissions.ts'

export const Team = z.strictObject({
  id: Id,
  name: z.string(),
  slug: z.string(),
  description: z.string(),
  /** The group at the identity provider whose members are this team's. */
  idpGroup: z.string().optional(),
  members: z.int(),
  leads: z.array(Named),
  version: Version,
  allowed: z.array(Permission),
})
export type Team = z.output<typeof Team>

const TeamMember = z.strictObject({
  person: Named,
  email: z.string(),
  lead: z.boolean(),
  /** `idp` memberships follow the identity provider and cannot be removed here. */
  source: z.enum(['idp', 'import', 'manual']),
  state: z.enum(['active', 'left']),
  since: Moment,
})

export const TeamDetail = Team.extend({
  people: z.array(TeamMember),
  /** What the team owns, as far as the reader may see it. */
  projects: z.array(Named),
  contexts: z.array(Named),
})

/** Every list is of people: who leads from now on, who joins, who goes. */
export const TeamUpdate = z.strictObject({
  description: prose(1_000).optional(),
  leads: z.array(Id).max(50).optional(),
  add: z.array(Id).max(200).optional(),
  remove: z.array(Id).max(200).optional(),
})

export const teams = noun({
  list: {
    method: 'GET',
    path: '/teams',
    summary: 'Every team with its leads',
    may: 'team:view',
    query: PageQuery.extend({ search: z.string().max(100).optional() }),
    returns: page(Team),
  },
  view: {
    method: 'GET',
    path: '/teams/:teamId',
    summary: 'One team: its members and what it owns',
    may: 'team:view',
    returns: TeamDetail,
  },
  update: {
    method: 'PATCH',
    path: '/teams/:teamId',
    summary:
      'Describe a team, name its leads, change members that the identity provider does not manage',
    may: 'team:update',
    on: 'team',
    body: TeamUpdate,
    returns: TeamDetail,
    // Whoever joins a team holds what it was granted.
    stepUp: true,
    ifMatch: true,
  },
})
