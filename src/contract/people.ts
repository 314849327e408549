import { z } from 'zod'
import { GrantPlace, GrantSubject } from './grants.ts'
import { Id, Moment, Named, Version } from './id.ts'
import { noun } from './operation.ts'
import { PageQuery, page } from './page.ts'
import { Permission } from './permissions.ts'

const PersonState = z.enum(['active', 'left'])

export const Person = z.strictObject({
  id: Id,
  name: z.string(),
  email: z.string(),
  title: z.string(),
  /** Known through the identity provider, or imported and not signed in yet. */
  source: z.enum(['idp', 'import']),
  state: PersonState,
  leftAt: Moment.optional(),
  /** Nothing tells any more who they were. */
  erasedAt: Moment.optional(),
  lastSeenAt: Moment.optional(),
  teams: z.array(Named.extend({ lead: z.boolean() })),
  version: Version,
  allowed: z.array(Permission),
})
export type Person = z.output<typeof Person>

/** One way by which the person holds something: grant → role → scope, directly or by a team. */
export const AccessPath = z.strictObject({
  grantId: Id,
  role: Named,
  permissions: z.array(Permission),
  scope: GrantPlace,
  via: GrantSubject,
  expiresAt: Moment.optional(),
  lastUsedAt: Moment.optional(),
})

export const PersonDetail = Person.extend({ access: z.array(AccessPath) })

const Csv = z.strictObject({ csv: z.string().min(1).max(900_000) })

export const ImportLine = z.strictObject({
  line: z.int(),
  email: z.string(),
  name: z.string(),
  what: z.enum(['added', 'changed', 'unchanged', 'error']),
  /** What would change, or what is wrong. */
  says: z.string(),
})

export const ImportResult = z.strictObject({
  added: z.int(),
  changed: z.int(),
  unchanged: z.int(),
  errors: z.int(),
  /** The first 500 lines that change something or are wrong. */
  lines: z.array(ImportLine),
})
export type ImportResult = z.output<typeof ImportResult>

export const people = noun({
  list: {
    method: 'GET',
    path: '/people',
    summary: 'Everybody who is known, by name',
    may: 'person:view',
    query: PageQuery.extend({
      search: z.string().max(100).optional(),
      team: Id.optional(),
      state: PersonState.or(z.literal('any')).default('active'),
      /** Not seen for this many days, or never. */
      unseenDays: z.coerce.number().int().min(1).max(3_650).optional(),
    }),
    returns: page(Person),
  },
  view: {
    method: 'GET',
    path: '/people/:personId',
    summary: 'One person and their effective access, each with its path and last use',
    may: 'person:view',
    returns: PersonDetail,
  },
  update: {
    method: 'PATCH',
    path: '/people/:personId',
    summary: 'Mark a person as having left, which ends what they may do at once, or as returned',
    may: 'person:update',
    on: 'person',
    body: z.strictObject({ state: PersonState }),
    returns: PersonDetail,
    stepUp: true,
    ifMatch: true,
  },
  erase: {
    method: 'POST',
    path: '/people/:personId/erase',
    summary:
      'Erase what tells who somebody was that has left, for good, also from the events of the record',
    may: 'person:erase',
    on: 'person',
    body: z.strictObject({ reason: z.string().trim().min(1).max(500) }),
    returns: PersonDetail,
    stepUp: true,
    ifMatch: true,
  },
  preview: {
    method: 'POST',
    path: '/people/import/preview',
    summary: 'What an import would add and change, line by line',
    may: 'person:import',
    on: 'organization',
    body: Csv,
    returns: ImportResult,
    readOnly: true,
  },
  import: {
    method: 'POST',
    path: '/people/import',
    summary: 'Import people and teams from CSV: email, name, title, team, lead',
    may: 'person:import',
    body: Csv,
    returns: ImportResult,
    stepUp: true,
  },
})
