import { z } from 'zod'
import { GrantRole } from './grants.ts'

import { Id, Moment, Named, Version } from './id.ts'
import { name } from './name.ts'
import { noun } from './operation.ts'
import { Flag, PageQuery, page } from './page.ts'

export const ApiToken = z.strictObject({
  id: Id,
  name: z.string(),
  person: Named,
  role: GrantRole,
  /** The last characters of the value, to tell tokens apart. */
  hint: z.string(),
  /** May do what needs a person's recent sign-in. */
  allowSensitive: z.boolean(),
  state: z.enum(['live', 'expired', 'revoked']),
  createdAt: Moment,
  expiresAt: Moment,
  lastUsedAt: Moment.optional(),
  lastIp: z.string().optional(),
  version: Version,
  revocable: z.boolean(),
})
export type ApiToken = z.output<typeof ApiToken>

export const ApiTokenCreate = z.strictObject({
  name: name(100),
  /** The token can do what this role permits, where its maker may do it at that moment. */
  roleId: Id,
  expiresInDays: z.int().min(1).max(365),
  allowSensitive: z.boolean().default(false),
})

export const apiTokens = noun({
  list: {
    method: 'GET',
    path: '/api-tokens',
    summary: "One's own API tokens, or everyone's with apiToken:view; never their values",
    may: 'signed-in',
    query: PageQuery.extend({ everyone: Flag.default(false) }),
    returns: page(ApiToken),
  },
  create: {
    method: 'POST',
    path: '/api-tokens',
    summary: 'Create an API token for automation; its value is in this answer and nowhere else',
    may: 'apiToken:create',
    on: 'any',
    body: ApiTokenCreate,
    returns: ApiToken.extend({ token: z.string() }),
    stepUp: true,
    revealsOnce: true,
  },
  revoke: {
    method: 'POST',
    path: '/api-tokens/:apiTokenId/revoke',
    summary: "End an API token at once; one's own, or anyone's with apiToken:revoke",
    may: 'signed-in',
    returns: ApiToken,
  },
})
