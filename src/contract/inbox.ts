import { z } from 'zod'
import { Id, Moment, Named } from './id.ts'
import { noun } from './operation.ts'

/**
 * What waits for one: a request to `decide` on, an `exception` from restrictions to decide on, a question to `answer`, a
 * policy whose `enforcement` a second person must approve, an access `review` with lines to answer, one of one's own that
 * waits to be signed off (`signOff`), and a grant of one's own that is `ending`: in the last fifth of its time, at most
 * seven days before its end.
 */
const InboxKind = z.enum([
  'decide',
  'exception',
  'answer',
  'enforcement',
  'review',
  'signOff',
  'ending',
])
export type InboxKind = z.infer<typeof InboxKind>

const InboxItem = z.strictObject({
  kind: InboxKind,
  /** Of the request, the exception, the policy, the review or the grant. */
  id: Id,
  title: z.string(),
  /** The reason or the question. */
  text: z.string(),
  by: Named.optional(),
  since: Moment,
  /** When it lapses or ends. */
  until: Moment.optional(),
})
export type InboxItem = z.output<typeof InboxItem>

export const inbox = noun({
  view: {
    method: 'GET',
    path: '/inbox',
    summary: 'What waits for one, most urgent first',
    may: 'signed-in',
    returns: z.strictObject({ items: z.array(InboxItem) }),
  },
  tail: {
    method: 'GET',
    path: '/inbox/tail',
    summary:
      'How much waits for one, now and whenever it changes, as server-sent events for a minute',
    may: 'signed-in',
    stream: true,
    returns: z.strictObject({ waiting: z.int() }),
  },
})
