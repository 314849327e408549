import { z } from 'zod'
import { leaseSeconds } from './exchange-words.ts'
import { Id, line, Moment, Named } from './id.ts'
import { noun } from './operation.ts'
import { Flag, Nothing, page, PageQuery } from './page.ts'
import { Permission } from './permissions.ts'

const LeaseState = z.enum(['issued', 'redeemed', 'revoked', 'expired'])

export const Lease = z.strictObject({
  id: Id,
  kind: z.enum(['secrets', 'token']),
  state: LeaseState,
  project: Named,
  contexts: z.array(Named.extend({ decisionId: Id.nullable() })),
  issuer: Named.nullable(),
  trustRule: Named.nullable(),
  actor: z.string(),
  branch: z.string().nullable(),
  tag: z.string().nullable(),
  runId: z.string().nullable(),
  jobId: z.string().nullable(),
  /** Whom a federated token is for. */
  audience: z.string().nullable(),
  boundAddress: z.string().nullable(),
  boundKey: z.boolean(),
  issuedAt: Moment,
  expiresAt: Moment,
  redeemedAt: Moment.nullable(),
  redeemedFrom: z.string().nullable(),
  revokedAt: Moment.nullable(),
  revokedBy: Named.nullable(),
  revokeReason: z.string().nullable(),
  /** Attempts to redeem it again: the sign of a lease in two hands. */
  replays: z.int(),
  replayedAt: Moment.nullable(),
  allowed: z.array(Permission),
})
export type Lease = z.output<typeof Lease>

const several = (most: number) =>
  z.union([z.string().max(600), z.array(z.string().max(600)).max(most)])

/** RFC 8693 §2.1. Parameters that are not known are ignored, as RFC 6749 §3.2 has it. */
const ExchangeForm = z.object({
  grant_type: z.string().max(200),
  subject_token: z.string().max(65_536),
  subject_token_type: z.string().max(200),
  /** One or more contexts: their names, their ids, or `urn:sallyport:context:<name>`. */
  resource: several(20),
  audience: z.string().max(300).optional(),
  requested_token_type: z.string().max(200).optional(),
  scope: z.string().max(500).optional(),
  /** Seconds that the lease may live: 30 to 900. */
  lease_seconds: z.coerce.number().int().min(leaseSeconds.least).max(leaseSeconds.most).optional(),
  actor_token: z.undefined('delegation is not supported').optional(),
})

const Exchanged = z.strictObject({
  /** The lease, told once; or the federated token. */
  access_token: z.string(),
  issued_token_type: z.string(),
  token_type: z.enum(['Bearer', 'DPoP', 'N_A']),
  expires_in: z.int(),
  lease: Id,
  contexts: z.array(z.string()),
})
type Exchanged = z.output<typeof Exchanged>

const Redeemed = z.strictObject({
  lease: Id,
  /** Values by the names of the variables; of one name in several contexts, the last context's (CircleCI's order). */
  secrets: z.record(z.string(), z.string()),
})
type Redeemed = z.output<typeof Redeemed>

/** A value as every dotenv reader and a POSIX shell take it: in single quotes, inside which nothing is expanded. */
const quoted = (value: string) => `'${value.replaceAll("'", `'\\''`)}'`

const dotenv = ({ secrets }: Redeemed): string =>
  Object.entries(secrets)
    .map(([name, value]) => `${name}=${quoted(value)}\n`)
    .join('')

const RevokeMany = z.union([
  z.strictObject({ projectId: Id, reason: line(500) }),
  z.strictObject({ contextId: Id, reason: line(500) }),
  z.strictObject({ issuerId: Id, reason: line(500) }),
  z.strictObject({ all: z.literal(true), reason: line(500) }),
])

export const leases = noun({
  list: {
    method: 'GET',
    path: '/leases',
    summary: 'Leases, newest first',
    may: 'lease:view',
    query: PageQuery.extend({
      state: LeaseState.optional(),
      projectId: Id.optional(),
      contextId: Id.optional(),
      issuerId: Id.optional(),
      replayed: Flag.optional(),
      /**
       * `<context id>.<name of a secret>.<version>`: whose secrets held its value, in whatever context, under whatever name
       * and version it stood. A run that redeemed while the value was replaced, and up to 30 s after, counts.
       */
      secret: z.string().min(1).max(360).optional(),
    }),
    returns: page(Lease),
  },
  view: {
    method: 'GET',
    path: '/leases/:leaseId',
    summary: 'One lease',
    may: 'lease:view',
    on: 'lease',
    returns: Lease,
  },
  live: {
    method: 'GET',
    path: '/leases/live',
    summary: 'How many leases can be redeemed now, and how many were shown twice',
    may: 'lease:view',
    query: z.strictObject({
      projectId: Id.optional(),
      contextId: Id.optional(),
      issuerId: Id.optional(),
    }),
    returns: z.strictObject({
      leases: z.int(),
      projects: z.int(),
      contexts: z.int(),
      runs: z.int(),
      /** When the last of them ends. */
      until: Moment.nullable(),
      /** Leases that somebody tried to redeem again, in the last 30 days. */
      shownTwice: z.int(),
    }),
  },
  exchange: {
    method: 'POST',
    path: '/exchange',
    summary: 'Trade the OIDC token of a CI job for a lease (RFC 8693)',
    may: 'workload',
    form: true,
    revealsOnce: true,
    body: ExchangeForm,
    returns: Exchanged,
    terminal: ({ access_token }: Exchanged) => access_token,
  },
  redeem: {
    method: 'POST',
    path: '/leases/redeem',
    summary: 'Redeem a lease for its secrets: once, as JSON or dotenv (`Accept: text/plain`)',
    may: 'lease',
    form: true,
    revealsOnce: true,
    /** The lease, where it is not in `Authorization`. */
    body: z.strictObject({ lease: z.string().max(200).optional() }),
    returns: Redeemed,
    terminal: dotenv,
  },
  revoke: {
    method: 'POST',
    path: '/leases/:leaseId/revoke',
    summary: 'Revoke a lease that has not been redeemed',
    may: 'lease:revoke',
    on: 'lease',
    body: z.strictObject({ reason: line(500) }),
    returns: Nothing,
  },
  revokeMany: {
    method: 'POST',
    path: '/leases/revoke',
    summary: 'Revoke every lease of a project, a context, an issuer, or all at once',
    may: 'lease:revoke',
    on: 'any',
    body: z.strictObject({ which: RevokeMany }),
    returns: z.strictObject({ revoked: z.int() }),
  },
})
