import { z } from 'zod'
import { Id, Moment, Named } from './id.ts'
import { noun } from './operation.ts'
import { Permission } from './permissions.ts'

/** Where a permission is held: everywhere, or in these scopes only. */
const Held = z.strictObject({
  permission: Permission,
  everywhere: z.boolean(),
  segments: z.array(Id),
  projects: z.array(Id),
  contexts: z.array(Id),
})

export const Me = z.strictObject({
  kind: z.enum(['person', 'token', 'workload', 'system', 'anonymous']),
  id: z.string(),
  name: z.string(),
  email: z.string().optional(),
  teams: z.array(Named.extend({ lead: z.boolean() })),
  session: z
    .strictObject({ id: Id, authenticatedAt: Moment.optional(), acr: z.string().optional() })
    .optional(),
  /** What may be done, and where; what is held nowhere, or what an enforced policy forbids, is absent. */
  may: z.array(Held),
})
export type Me = z.output<typeof Me>

export const me = noun({
  view: {
    method: 'GET',
    path: '/me',
    summary: 'Who is signed in, how they were verified, and what they may do',
    may: 'signed-in',
    returns: Me,
  },
})
