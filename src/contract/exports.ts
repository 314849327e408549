import { z } from 'zod'
import { audit, AuditSearch } from './audit.ts'
import { compliance } from './compliance.ts'
import { DecisionFilter } from './decisions.ts'
import { findings } from './findings.ts'
import { GrantQuery } from './grants.ts'
import { Id, Moment, Named } from './id.ts'
import { noun } from './operation.ts'
import { page, PageQuery } from './page.ts'
import { requests } from './requests.ts'
import { reviews } from './reviews.ts'

const Rows = z.enum(['csv', 'ndjson'])
const RowsOrPaper = z.enum(['csv', 'ndjson', 'pdf'])

/** What is taken away, in which format, and by which query: the one of the page that lists the same. */
export const ExportAsked = z.discriminatedUnion('what', [
  z.strictObject({ what: z.literal('audit'), format: Rows, query: AuditSearch }),
  z.strictObject({
    what: z.literal('evidence'),
    format: z.literal('zip'),
    query: audit.evidence.query,
  }),
  z.strictObject({ what: z.literal('decisions'), format: Rows, query: DecisionFilter }),
  z.strictObject({
    what: z.literal('access'),
    format: Rows,
    query: GrantQuery.omit({ cursor: true, limit: true }),
  }),
  z.strictObject({
    what: z.literal('findings'),
    format: RowsOrPaper,
    query: findings.facets.query,
  }),
  z.strictObject({
    what: z.literal('reviews'),
    format: RowsOrPaper,
    query: reviews.lines.query.omit({ cursor: true, limit: true }).extend({ reviewId: Id }),
  }),
  z.strictObject({
    what: z.literal('compliance'),
    format: RowsOrPaper,
    query: compliance.export.query,
  }),
  z.strictObject({
    what: z.literal('requests'),
    format: Rows,
    query: requests.list.query.omit({ cursor: true, limit: true }),
  }),
])
export type ExportAsked = z.output<typeof ExportAsked>

const ExportState = z.enum(['waiting', 'running', 'done', 'failed', 'cancelled', 'expired'])

/** A file that is made in the background and kept for a week. */
export const Export = z.strictObject({
  id: Id,
  what: z.enum([
    'audit',
    'evidence',
    'decisions',
    'access',
    'findings',
    'reviews',
    'compliance',
    'requests',
  ]),
  format: z.enum(['csv', 'ndjson', 'zip', 'pdf']),
  /** As the search params of the page that lists the same. */
  query: z.string(),
  /** The one object that it is of, by the name that it had: a review. */
  about: Named.nullable(),
  state: ExportState,
  /**
   * Rows that are in the file so far, and how many there will be where that is known before. Of an evidence pack these are
   * all entries of the range: those that were not asked for are in it by their hash.
   */
  done: z.int(),
  total: z.int().nullable(),
  bytes: z.int(),
  /** Why it failed, or is not given out any more, and what helps. */
  fault: z.string().nullable(),
  createdBy: Named,
  createdAt: Moment,
  finishedAt: Moment.nullable(),
  /** When the file goes; its row stays. */
  expiresAt: Moment.nullable(),
  /** Whether the reader asked for it: nobody else takes it away. */
  mine: z.boolean(),
  /** What the reader may do with it now. */
  allowed: z.array(z.enum(['download', 'resume', 'cancel'])),
})
export type Export = z.output<typeof Export>

export const exports = noun({
  list: {
    method: 'GET',
    path: '/exports',
    summary: 'Exports, newest first: one’s own; with the audit trail of everything, everybody’s',
    may: 'signed-in',
    query: PageQuery.extend({ which: z.enum(['mine', 'all']).default('all') }),
    returns: page(Export),
  },
  create: {
    method: 'POST',
    path: '/exports',
    summary: 'Take what a list finds away as a file that is made in the background',
    may: 'signed-in',
    body: z.strictObject({ asked: ExportAsked }),
    returns: Export,
    stepUp: true,
  },
  view: {
    method: 'GET',
    path: '/exports/:exportId',
    summary: 'How far an export is',
    may: 'signed-in',
    returns: Export,
  },
  cancel: {
    method: 'POST',
    path: '/exports/:exportId/cancel',
    summary:
      'Stop one’s own export, or with permission to end anyone’s session anyone’s; what was made of it is deleted',
    may: 'signed-in',
    returns: Export,
  },
  resume: {
    method: 'POST',
    path: '/exports/:exportId/resume',
    summary: 'Go on with an export that failed, from its last piece',
    may: 'signed-in',
    returns: Export,
    stepUp: true,
  },
  download: {
    method: 'GET',
    path: '/exports/:exportId/file',
    summary: 'Take the file of a finished export',
    may: 'signed-in',
    returns: z.string(),
    media: 'application/octet-stream',
    stepUp: true,
    audits: 'each',
  },
})
