import { z } from 'zod'
import { Id, line, Moment, Named, Version } from './id.ts'
import { name } from './name.ts'
import { noun } from './operation.ts'
import { Nothing, page, PageQuery } from './page.ts'
import { Permission } from './permissions.ts'
import { issuerAlgorithms } from './trust.ts'

export const IssuerKind = z.enum(['circleci', 'github', 'gitlab', 'other'])
export const IssuerAlgorithm = z.enum(issuerAlgorithms)

/** What came of asking the issuer for its keys. */
const IssuerHealth = z.strictObject({
  state: z.enum(['not_asked', 'reachable', 'unreachable']),
  /** When the set in use was fetched. */
  fetchedAt: Moment.nullable(),
  keys: z.int(),
  /** Why the last attempt failed. */
  fault: z.string().nullable(),
})

export const Issuer = z.strictObject({
  id: Id,
  name: z.string(),
  kind: IssuerKind,
  /** The `iss` of its tokens, exactly. */
  url: z.string(),
  /** The `aud` that its tokens must have. */
  audience: z.string(),
  algorithms: z.array(IssuerAlgorithm),
  leewaySeconds: z.int(),
  maxAgeSeconds: z.int(),
  bindAddress: z.boolean(),
  rules: z.int(),
  lastUsedAt: Moment.nullable(),
  createdAt: Moment,
  createdBy: Named.nullable(),
  version: Version,
  allowed: z.array(Permission),
})
export type Issuer = z.output<typeof Issuer>

const Impact = z.strictObject({
  rules: z.int(),
  projects: z.array(Named),
  /** Leases that were given by it in the last 30 days, and those that can still be redeemed. */
  leases: z.int(),
  live: z.int(),
})

const url = z
  .string()
  .max(300)
  .regex(/^https?:\/\/[^\s?#]+$/, 'must be the issuer’s address, without a query')
const settings = {
  name: name(100),
  audience: line(300),
  algorithms: z.array(IssuerAlgorithm).min(1).max(5),
  /** How far the clocks of the CI and this database may differ. */
  leewaySeconds: z.int().min(0).max(120),
  /** Older tokens are refused, though they have not expired: CircleCI's live an hour. */
  maxAgeSeconds: z.int().min(60).max(3_600),
  /** A lease is redeemed from the address it was issued to, or not at all. */
  bindAddress: z.boolean(),
}

export const issuers = noun({
  list: {
    method: 'GET',
    path: '/issuers',
    summary: 'CI systems whose tokens are trusted',
    may: 'issuer:view',
    query: PageQuery.extend({ kind: IssuerKind.optional() }),
    returns: page(Issuer.extend({ health: IssuerHealth })),
  },
  view: {
    method: 'GET',
    path: '/issuers/:issuerId',
    summary: 'One issuer',
    may: 'issuer:view',
    returns: Issuer,
  },
  create: {
    method: 'POST',
    path: '/issuers',
    summary: 'Trust an issuer; its tokens are nobody’s until a rule says whose',
    may: 'issuer:create',
    stepUp: true,
    body: z.strictObject({
      ...settings,
      kind: IssuerKind,
      url,
      algorithms: settings.algorithms.default(['RS256']),
      leewaySeconds: settings.leewaySeconds.default(30),
      maxAgeSeconds: settings.maxAgeSeconds.default(600),
      bindAddress: settings.bindAddress.default(true),
    }),
    returns: Issuer,
  },
  update: {
    method: 'PATCH',
    path: '/issuers/:issuerId',
    summary: 'Change what an issuer’s tokens must be like',
    may: 'issuer:update',
    on: 'issuer',
    ifMatch: true,
    stepUp: true,
    body: z.strictObject(settings).partial(),
    returns: Issuer,
  },
  remove: {
    method: 'DELETE',
    path: '/issuers/:issuerId',
    summary: 'Trust an issuer no longer; its rules go with it',
    may: 'issuer:delete',
    on: 'issuer',
    ifMatch: true,
    stepUp: true,
    returns: Nothing,
  },
  health: {
    method: 'GET',
    path: '/issuers/:issuerId/health',
    summary: 'Whether its keys are at hand on this server',
    may: 'issuer:view',
    returns: IssuerHealth,
  },
  impact: {
    method: 'GET',
    path: '/issuers/:issuerId/impact',
    summary: 'What ends when it is trusted no longer',
    may: 'issuer:view',
    returns: Impact,
  },
  probe: {
    method: 'POST',
    path: '/issuers/probe',
    summary: 'Ask an address for its discovery document and keys, before trusting it',
    may: 'issuer:create',
    readOnly: true,
    body: z.strictObject({ url }),
    returns: z.strictObject({
      reachable: z.boolean(),
      keys: z.int(),
      algorithms: z.array(z.string()),
      fault: z.string().nullable(),
    }),
  },
})
