import { z } from 'zod'
import { contextLimits, secretNamePattern } from './context-limits.ts'
import { Layer } from './decisions.ts'
import { Impact } from './impact.ts'
import { Id, line, Moment, Named, prose, Version } from './id.ts'
import { name } from './name.ts'
import { noun } from './operation.ts'
import { Flag, Nothing, page, PageQuery } from './page.ts'
import { Permission } from './permissions.ts'
import { Clause } from './truth-table.ts'
import { SecretReference, SecretReferring } from './vaults.ts'

const ContextName = name(contextLimits.nameLength)
export const SecretName = z
  .string()
  .max(contextLimits.secretNameLength, 'must have at most 300 characters')
  .regex(
    secretNamePattern,
    'must begin with a letter or underscore and contain only letters, digits and underscores',
  )
/** May be empty. An environment variable cannot hold a NUL. */
export const SecretValue = z
  .string()
  .max(contextLimits.valueLength, 'must have at most 32,000 characters')
  .refine((value) => !value.includes('\0'), 'must not contain the character NUL')
  .refine((value) => value.isWellFormed(), 'must be well-formed Unicode')

export const Context = z.strictObject({
  id: Id,
  name: z.string(),
  description: z.string(),
  segment: Named.nullable(),
  team: Named.nullable(),
  secrets: z.int(),
  restrictions: z.int(),
  /** No restriction means that no pipeline run may use it. */
  closed: z.boolean(),
  createdAt: Moment,
  createdBy: Named.nullable(),
  lastUsedAt: Moment.nullable(),
  /** For whom runs that may use the context are given federated tokens. */
  audiences: z.array(z.string()),
  version: Version,
  allowed: z.array(Permission),
})
export type Context = z.infer<typeof Context>

/** Why, for the event; needed where the change newly permits what was refused (`reason_required`). */
const Reason = prose(1_000).optional()

const SameIn = z.strictObject({ contexts: z.int(), names: z.array(z.string()) })

export const Secret = z.strictObject({
  id: Id,
  name: z.string(),
  /** The stand-in shown wherever the value would be. */
  token: z.string(),
  currentVersion: Version,
  createdAt: Moment,
  updatedAt: Moment,
  lastUsedAt: Moment.nullable(),
  /** Where the value is kept instead: it is read there when it is given, and never stored here. */
  reference: SecretReference.extend({ vaultName: z.string() }).nullable(),
  /** Other contexts that hold the same value, as far as the reader may see them by name. */
  sameIn: SameIn,
})
export type Secret = z.infer<typeof Secret>

export const SecretVersion = z.strictObject({
  version: Version,
  token: z.string(),
  how: z.enum(['stored', 'imported', 'rolled_back', 'referenced']),
  fromVersion: Version.nullable(),
  createdAt: Moment,
  createdBy: Named.nullable(),
  current: z.boolean(),
})
export type SecretVersion = z.infer<typeof SecretVersion>

export const ImportLine = z.strictObject({
  line: z.int(),
  name: z.string().nullable(),
  change: z.enum(['new', 'replace', 'same', 'error']),
  problem: z.string().optional(),
})
export type ImportLine = z.infer<typeof ImportLine>

export const RestrictionKind = z.enum(['project', 'team', 'segment', 'expression'])
export const Restriction = z.strictObject({
  id: Id,
  kind: RestrictionKind,
  /** The project, team or segment; null for an expression. */
  target: Named.nullable(),
  expression: z.string().nullable(),
  createdAt: Moment,
  createdBy: Named.nullable(),
})
export type Restriction = z.infer<typeof Restriction>

const RestrictionCreate = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('project'), targetId: Id }),
  z.strictObject({ kind: z.literal('team'), targetId: Id }),
  z.strictObject({ kind: z.literal('segment'), targetId: Id }),
  z.strictObject({
    kind: z.literal('expression'),
    expression: prose(contextLimits.expressionLength).refine(
      (text) => text.trim() !== '',
      'must not be blank',
    ),
  }),
])

/** What is wrong with an expression, and where it stands in the text (UTF-16 units). */
export const ExpressionFault = z.strictObject({
  message: z.string(),
  from: z.int(),
  to: z.int(),
})
export type ExpressionFault = z.infer<typeof ExpressionFault>

/** A pipeline run that somebody imagines; what is left out is unknown, and unknown denies. */
const ImaginedRun = z.strictObject({
  projectId: Id,
  branch: line(255).optional(),
  tag: line(255).optional(),
  trigger: line(100).optional(),
  fromFork: z.boolean().default(false),
  sshRerun: z.boolean().default(false),
  ip: z.union([z.ipv4(), z.ipv6()]).optional(),
  runnerClass: line(100).optional(),
  environment: line(255).optional(),
  protectedRef: z.boolean().optional(),
  actorLogin: line(200).optional(),
  revision: line(100).optional(),
  /** Further pipeline values by their full names. */
  values: z
    .record(z.string().max(100), z.union([z.string().max(1_000), z.int(), z.boolean()]))
    .default({}),
})
type ImaginedRun = z.infer<typeof ImaginedRun>

export const RunDecision = z.strictObject({
  outcome: z.enum(['permitted', 'denied']),
  wouldDeny: z.boolean(),
  sentence: z.string(),
  layers: z.array(Layer),
  /** Every clause of every layer, also those that the outcome does not depend on. */
  clauses: z.array(Clause),
})
export type RunDecision = z.infer<typeof RunDecision>

const ofSecret = z.strictObject({ contextId: Id, name: SecretName })
const ImportText = z.strictObject({ text: z.string().max(900_000) })
const placed = {
  name: ContextName,
  description: prose(2_000).default(''),
  segmentId: Id.nullable().default(null),
  teamId: Id.nullable().default(null),
}

export const contexts = noun({
  list: {
    method: 'GET',
    path: '/contexts',
    summary: 'Contexts that one may see, by name',
    may: 'context:view',
    query: PageQuery.extend({
      q: z.string().max(200).optional(),
      segmentId: Id.optional(),
      teamId: Id.optional(),
      closed: Flag.optional(),
    }),
    returns: page(Context),
  },
  view: {
    method: 'GET',
    path: '/contexts/:contextId',
    summary: 'One context',
    may: 'context:view',
    on: 'context',
    returns: Context,
  },
  create: {
    method: 'POST',
    path: '/contexts',
    summary: 'Create a context, in a segment or at the organization',
    may: 'context:create',
    on: 'any',
    body: z.strictObject(placed),
    returns: Context,
  },
  update: {
    method: 'PATCH',
    path: '/contexts/:contextId',
    summary: 'Rename, describe or move a context',
    may: 'context:update',
    on: 'context',
    ifMatch: true,
    body: z.strictObject({
      name: ContextName.optional(),
      description: prose(2_000).optional(),
      segmentId: Id.nullable().optional(),
      teamId: Id.nullable().optional(),
    }),
    returns: Context,
  },
  remove: {
    method: 'DELETE',
    path: '/contexts/:contextId',
    summary: 'Delete a context with all its secrets; its name is typed to confirm',
    may: 'context:delete',
    on: 'context',
    stepUp: true,
    ifMatch: true,
    query: z.strictObject({ confirm: z.string().max(contextLimits.nameLength) }),
    returns: Nothing,
  },
  secrets: {
    method: 'GET',
    path: '/contexts/:contextId/secrets',
    summary: 'Names and stand-ins of the secrets of a context; never their values',
    may: 'context:view',
    on: 'context',
    returns: z.strictObject({ items: z.array(Secret) }),
  },
  store: {
    method: 'PUT',
    path: '/contexts/:contextId/secrets/:name',
    summary: 'Store a secret, or replace it by a new version',
    may: 'secret:store',
    on: 'context',
    stepUp: true,
    secretInput: true,
    params: ofSecret,
    body: z.strictObject({ value: SecretValue }),
    returns: Secret,
  },
  refer: {
    method: 'PUT',
    path: '/contexts/:contextId/secrets/:name/reference',
    summary: 'Refer to a value in Vault or OpenBao instead of storing one',
    may: 'secret:store',
    on: 'context',
    stepUp: true,
    params: ofSecret,
    body: z.strictObject({ reference: SecretReference }),
    returns: Secret,
  },
  federate: {
    method: 'PUT',
    path: '/contexts/:contextId/audiences',
    summary:
      'For whom runs that may use the context are given federated tokens, instead of a secret',
    may: 'secret:store',
    on: 'context',
    stepUp: true,
    ifMatch: true,
    body: z.strictObject({ audiences: z.array(line(300)).max(20) }),
    returns: Context,
  },
  removeSecret: {
    method: 'DELETE',
    path: '/contexts/:contextId/secrets/:name',
    summary: 'Delete a secret with all its versions; If-Match names its current one',
    may: 'secret:delete',
    on: 'context',
    stepUp: true,
    ifMatch: true,
    params: ofSecret,
    returns: Nothing,
  },
  versions: {
    method: 'GET',
    path: '/contexts/:contextId/secrets/:name/versions',
    summary: 'The versions of a secret, newest first',
    may: 'context:view',
    on: 'context',
    params: ofSecret,
    returns: z.strictObject({ items: z.array(SecretVersion) }),
  },
  rollback: {
    method: 'POST',
    path: '/contexts/:contextId/secrets/:name/rollback',
    summary:
      'Store an earlier version of a secret again, as its newest; If-Match names its current one',
    may: 'secret:store',
    on: 'context',
    stepUp: true,
    ifMatch: true,
    params: ofSecret,
    body: z.strictObject({ version: Version }),
    returns: Secret,
  },
  previewImport: {
    method: 'POST',
    path: '/contexts/:contextId/secrets/import/preview',
    summary: 'What importing a .env text would change, line by line',
    may: 'secret:store',
    on: 'context',
    readOnly: true,
    secretInput: true,
    body: ImportText,
    returns: z.strictObject({ items: z.array(ImportLine), problems: z.int() }),
  },
  importSecrets: {
    method: 'POST',
    path: '/contexts/:contextId/secrets/import',
    summary: 'Store every variable of a .env text, all or none',
    may: 'secret:store',
    on: 'context',
    stepUp: true,
    secretInput: true,
    body: ImportText,
    returns: z.strictObject({ stored: z.int(), replaced: z.int(), unchanged: z.int() }),
  },
  restrictions: {
    method: 'GET',
    path: '/contexts/:contextId/restrictions',
    summary: 'Who may use the context; nobody, when there is none',
    may: 'context:view',
    on: 'context',
    returns: z.strictObject({ items: z.array(Restriction), version: Version }),
  },
  restrict: {
    method: 'POST',
    path: '/contexts/:contextId/restrictions',
    summary: 'Add a restriction by project, team, segment or expression',
    may: 'context:restrict',
    on: 'context',
    prepares: true,
    body: z.strictObject({ restriction: RestrictionCreate, reason: Reason }),
    returns: Restriction,
  },
  impact: {
    method: 'POST',
    path: '/contexts/:contextId/restrictions/impact',
    summary: 'Which uses of the last 30 days would turn if a restriction were added or removed',
    may: 'context:restrict',
    on: 'context',
    readOnly: true,
    // What would be added, and the id of what would be removed.
    body: z.strictObject({ restriction: RestrictionCreate, restrictionId: Id }).partial(),
    returns: Impact,
  },
  removeRestriction: {
    method: 'DELETE',
    path: '/contexts/:contextId/restrictions/:restrictionId',
    summary: 'Remove a restriction; without any left, the context is closed',
    may: 'context:restrict',
    on: 'context',
    // What remains decides whom a removal lets in: the context's version moves with each restriction.
    ifMatch: true,
    prepares: true,
    query: z.strictObject({ reason: z.string().max(1_000).optional() }),
    returns: Nothing,
  },
  checkExpression: {
    method: 'POST',
    path: '/contexts/check-expression',
    summary: 'What is wrong with an expression, and where; with the names it may use',
    may: 'signed-in',
    readOnly: true,
    body: z.strictObject({ expression: z.string().max(contextLimits.expressionLength + 100) }),
    returns: z.strictObject({ faults: z.array(ExpressionFault), variables: z.array(z.string()) }),
  },
  references: {
    method: 'GET',
    path: '/contexts/references',
    summary: 'Secrets that refer into Vault servers, of contexts that one may see, by context',
    may: 'context:view',
    on: 'any',
    query: PageQuery.extend({ vault: Id.optional() }),
    returns: page(SecretReferring),
  },
  options: {
    method: 'GET',
    path: '/contexts/options',
    summary: 'Segments and teams that one may see, for the forms of a context',
    may: 'context:view',
    on: 'any',
    returns: z.strictObject({
      segments: z.array(Named.extend({ mayCreate: z.boolean() })),
      teams: z.array(Named),
      /** Whether a context may be created outside of any segment. */
      mayCreateOutside: z.boolean(),
    }),
  },
  tryRun: {
    method: 'POST',
    path: '/contexts/:contextId/try-run',
    summary: 'Whether an imagined run could use the context, and why',
    may: 'context:view',
    on: 'context',
    readOnly: true,
    body: ImaginedRun,
    returns: RunDecision,
  },
})
