import { z } from 'zod'
import { Id, Moment, Named } from './id.ts'

/** What would become of one recorded decision. */
export const ImpactChange = z.enum(['newly_denied', 'newly_permitted'])
export type ImpactChange = z.infer<typeof ImpactChange>

/** A recorded decision whose outcome a change would turn. */
export const ImpactRow = z.strictObject({
  decisionId: Id,
  at: Moment,
  change: ImpactChange,
  actor: z.strictObject({ kind: z.string(), id: z.string(), name: z.string() }),
  action: z.string(),
  resource: z.strictObject({ kind: z.string(), id: z.string(), name: z.string() }),
  project: Named.nullable(),
  context: Named.nullable(),
  /** Why, in one sentence, as it would be said. */
  sentence: z.string(),
})
export type ImpactRow = z.infer<typeof ImpactRow>

/** How many recent days a preview looks at. */
export const impactDays = 30
/** How many rows a preview lists; all are counted. */
export const impactRows = 100

/**
 * What a change would have done to the recorded decisions of the last days, before it is made: “14 of 2,310 uses by 3
 * projects would now be denied”. Compared with what is in force now, so that a change that changes nothing shows nothing.
 */
export const Impact = z.strictObject({
  days: z.int(),
  /** Decisions that were asked again: those that the reader may see. */
  asked: z.int(),
  /** There are more in these days; the newest were asked. */
  more: z.boolean(),
  /** Decisions that do not hold enough to be asked again. */
  untold: z.int(),
  newlyDenied: z.int(),
  newlyPermitted: z.int(),
  /** By whom the turned ones were asked: projects for runs, people else. */
  deniedBy: z.array(z.strictObject({ id: z.string(), name: z.string(), count: z.int() })),
  permittedBy: z.array(z.strictObject({ id: z.string(), name: z.string(), count: z.int() })),
  rows: z.array(ImpactRow),
})
export type Impact = z.infer<typeof Impact>
