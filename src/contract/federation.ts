import { z } from 'zod'
import { Moment } from './id.ts'
import { noun } from './operation.ts'

/** Seconds that a federated token lives. */
export const federatedSeconds = 60

const FederationKey = z.strictObject({
  kid: z.string(),
  state: z.enum(['next', 'signing', 'retired']),
  createdAt: Moment,
  signsFrom: Moment,
  retiredAt: Moment.nullable(),
})

export const federation = noun({
  view: {
    method: 'GET',
    path: '/federation',
    summary: 'Sallyport as an issuer of federated tokens: its address and its keys',
    may: 'federation:view',
    returns: z.strictObject({
      issuer: z.string(),
      discovery: z.string(),
      keys: z.array(FederationKey),
    }),
  },
  rotate: {
    method: 'POST',
    path: '/federation/rotate',
    summary: 'Make the next key: it is published at once, and signs when every cache knows it',
    may: 'federation:rotate',
    stepUp: true,
    body: z.strictObject({
      /** After a compromise: the new key signs at once, and the old ones are published no longer. */
      atOnce: z.boolean().default(false),
    }),
    returns: FederationKey,
  },
})
