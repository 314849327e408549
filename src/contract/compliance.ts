import { z } from 'zod'
import { frameworks, type FrameworkId } from './control-refs.ts'
import { Evidence, FindingState, Severity } from './findings.ts'
import { Id, Moment, Named, prose, Version } from './id.ts'
import { noun } from './operation.ts'
import { Flag, page, PageQuery } from './page.ts'
import { Permission } from './permissions.ts'

/** What live data says of a control; where the product cannot know, it says that. */
export const ControlState = z.enum(['met', 'partly', 'not_met', 'not_measurable'])
export type ControlState = z.infer<typeof ControlState>

const Framework = z.enum(frameworks.map(({ id }) => id) as [FrameworkId, ...FrameworkId[]])

/** A control's id, as in addresses: `pci-dss-8.2.6`. */
const ControlId = z.string().regex(/^[a-z0-9.-]{1,60}$/, 'must be the id of a control')

/** Lists of the console in which the rows of a check stand: the page knows the address. */
export const CheckOpens = z.enum([
  'people',
  'grants',
  'roles',
  'requests',
  'reviews',
  'apiTokens',
  'everySession',
  'contexts',
  'projects',
  'segments',
  'policies',
  'issuers',
  'trustRules',
  'leases',
  'decisions',
  'findings',
  'detections',
  'audit',
  'checkpoints',
])
export type CheckOpens = z.infer<typeof CheckOpens>

const CheckRow = Evidence.extend({
  /** Whether it speaks for the control or against it. */
  good: z.boolean(),
})

/** One question that is asked of live data, with its answer and what proves it. */
const Check = z.strictObject({
  id: z.string(),
  /** The question, in words. */
  asks: z.string(),
  state: ControlState,
  /** The answer, with its figures. */
  says: z.string(),
  /** What speaks against it first. */
  rows: z.array(CheckRow),
  /** Rows beyond those shown. */
  more: z.int(),
  /** Rows about objects that the reader may not see, and which are not told of. */
  hidden: z.int(),
  /** What would satisfy it. */
  satisfy: z.string(),
  /** The list in which its objects stand. */
  list: z
    .strictObject({
      label: z.string(),
      opens: CheckOpens,
      params: z.array(z.strictObject({ name: z.string(), value: z.string() })),
    })
    .nullable(),
})
export type Check = z.output<typeof Check>

const ControlRow = z.strictObject({
  id: ControlId,
  framework: Framework,
  /** As its author numbers it: `PCI DSS 8.2.6`. */
  ref: z.string(),
  title: z.string(),
  state: ControlState,
  /** Why it is in that state, with figures. */
  says: z.string(),
  owner: Named.nullable(),
  /** The search of the audit trail that finds the events behind it; empty where all of the record is, none where nothing asks. */
  trail: z.string().nullable(),
  version: Version,
  allowed: z.array(Permission),
})
export type ControlRow = z.output<typeof ControlRow>

const Turn = z.strictObject({
  at: Moment,
  what: z.enum(['state', 'owner', 'note']),
  state: ControlState.nullable(),
  /** The sentence of that state, or the note as it was written. */
  says: z.string().nullable(),
  owner: Named.nullable(),
  /** Nobody where the console itself saw it. */
  by: Named.nullable(),
})

const Control = ControlRow.extend({
  frameworkName: z.string(),
  /** What is asked, in our words; the standard's own text is its author's. */
  summary: z.string(),
  /** What in the product speaks to it. */
  speaks: z.string(),
  /** What of it nothing here can show. */
  beyond: z.string().nullable(),
  checks: z.array(Check),
  note: z.string(),
  /** Open findings of what touches it, the worst first; those that the reader may be told of. */
  findings: z.array(
    z.strictObject({ id: Id, says: z.string(), severity: Severity, state: FindingState }),
  ),
  /** Further ones. */
  moreFindings: z.int(),
  /** The last state of each day (UTC) that it was recorded on. */
  days: z.array(z.strictObject({ day: z.string(), state: ControlState })),
  history: z.array(Turn),
  /** When states were recorded last. */
  recordedAt: Moment.nullable(),
})
export type Control = z.output<typeof Control>

const Filters = {
  framework: Framework.optional(),
  state: ControlState.optional(),
  ownerId: Id.optional(),
}

const Counted = z.strictObject({
  id: Framework,
  name: z.string(),
  met: z.int(),
  partly: z.int(),
  not_met: z.int(),
  not_measurable: z.int(),
  /** The search of the audit trail that finds the events behind its controls. */
  trail: z.string().nullable(),
})
export type CountedFramework = z.output<typeof Counted>

export const compliance = noun({
  list: {
    method: 'GET',
    path: '/compliance',
    summary: 'Controls with what live data says of each, and how many of each framework are met',
    may: 'compliance:view',
    on: 'organization',
    query: PageQuery.extend({
      ...Filters,
      /** Asks now, whenever it was asked last. */
      fresh: Flag.optional(),
    }),
    returns: page(ControlRow).extend({
      /** When live data was asked: at most twenty seconds ago. */
      checkedAt: Moment,
      /** Of all controls, whatever is filtered by. */
      frameworks: z.array(Counted),
    }),
  },
  export: {
    method: 'GET',
    path: '/compliance/export.csv',
    summary: 'Take the controls with their checks away as CSV',
    may: 'compliance:view',
    on: 'organization',
    query: z.strictObject(Filters),
    returns: z.string(),
    media: 'text/csv',
    audits: 'each',
  },
  view: {
    method: 'GET',
    path: '/compliance/:controlId',
    summary: 'One control: its checks with the rows that prove them, owner, note and history',
    may: 'compliance:view',
    on: 'organization',
    params: z.strictObject({ controlId: ControlId }),
    returns: Control,
  },
  update: {
    method: 'PATCH',
    path: '/compliance/:controlId',
    summary: 'Say who answers for a control, and note what the product cannot know',
    may: 'compliance:update',
    on: 'organization',
    ifMatch: true,
    params: z.strictObject({ controlId: ControlId }),
    body: z.strictObject({ ownerId: Id.nullable().optional(), note: prose(2_000).optional() }),
    returns: Control,
  },
})
