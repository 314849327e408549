import { z } from 'zod'
import { Named } from './id.ts'
import { noun } from './operation.ts'

/** What can be found by its name, in the order in which it is shown. */
export const FoundKind = z.enum([
  'person',
  'team',
  'role',
  'project',
  'context',
  'secret',
  'policy',
  'segment',
  'issuer',
  'trustRule',
  'vault',
  'review',
  'control',
])
export type FoundKind = z.infer<typeof FoundKind>

export const Found = z.strictObject({
  kind: FoundKind,
  /** A UUID, but for controls, which are called by theirs. */
  id: z.string(),
  name: z.string(),
  /** What tells it from others of its name: an e-mail, a repository, a mode. */
  detail: z.string(),
  /** The context that a secret is of. */
  context: Named.optional(),
})
export type Found = z.infer<typeof Found>

export const search = noun({
  everything: {
    method: 'GET',
    path: '/search',
    summary: 'Find what one may see by its name: every word matches anywhere, the nearest first',
    may: 'signed-in',
    query: z.strictObject({
      q: z.string().max(200),
      /** How many of each kind at the most. */
      perKind: z.coerce.number().int().min(1).max(20).default(5),
    }),
    returns: z.strictObject({ items: z.array(Found) }),
  },
})
