import type { InboxKind } from '../../contract/inbox.ts'
import { paths } from '../paths.ts'

/** What waits for one, by kind: its title, what its time means, and where it is done. In the order of what presses. */
export const inboxKinds: readonly {
  readonly kind: InboxKind
  readonly title: string
  readonly until: string
  readonly to: (id: string) => string
}[] = [
  {
    kind: 'decide',
    title: 'Requests to decide on',
    until: 'Lapses',
    to: (id) => paths.request(id),
  },
  {
    kind: 'exception',
    title: 'Exceptions to decide on',
    until: 'Lapses',
    to: (id) => paths.exception(id),
  },
  {
    kind: 'answer',
    title: 'Questions to answer',
    until: 'Lapses',
    to: (id) => paths.request(id),
  },
  {
    kind: 'enforcement',
    title: 'Policies that wait for a second person',
    until: 'Until',
    to: (id) => paths.policy(id, 'enforcement'),
  },
  {
    kind: 'review',
    title: 'Access to review',
    until: 'Due',
    to: (id) => paths.review(id, undefined, { mine: true }),
  },
  {
    kind: 'signOff',
    title: 'Reviews to sign off',
    until: 'Due',
    to: (id) => paths.review(id),
  },
  {
    kind: 'ending',
    title: 'Your grants that end soon',
    until: 'Ends',
    to: (id) => paths.grant(id),
  },
]
