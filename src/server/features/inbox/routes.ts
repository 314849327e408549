import { setTimeout as wait } from 'node:timers/promises'
import type { AnswerOf } from '../../../contract/index.ts'
import { demandPerson } from '../../http/person.ts'
import type { Handlers, Scope, StreamItem } from '../../http/scope.ts'
import { organization } from '../../decision/organization.ts'
import type { SizeWatch } from '../../ledger/size.ts'
import { exceptionsWaiting } from '../exceptions/service.ts'
import { requestsWaiting } from '../requests/service.ts'
import { reviewsWaiting } from '../reviews/service.ts'
import { endingGrants, enforcementAsked } from './store.ts'

type Item = AnswerOf<'inbox.view'>['items'][number]

/** How often a stream looks. */
const lookMs = 5_000

export const inboxHandlers = ({ size }: { size: SizeWatch }): Handlers<'inbox'> => ({
  async view(scope) {
    return { items: await waiting(scope) }
  },
  async *tail(scope): AsyncGenerator<StreamItem<AnswerOf<'inbox.tail'>>> {
    let told: number | undefined
    let known: number | undefined
    while (!scope.signal.aborted) {
      const record = await size()
      // Nothing comes or goes without an event, but by the clock: for that, streams begin anew often enough.
      if (record !== known) {
        known = record
        const { length } = await waiting({ ...scope, now: new Date() })
        if (length !== told) yield { data: { waiting: length } }
        told = length
      }
      await wait(lookMs, undefined, { signal: scope.signal }).catch(() => {})
    }
  },
})

/** Everything that waits for the actor, what ends first before what has no end. */
async function waiting(
  scope: Pick<Scope, 'db' | 'actor' | 'now' | 'reach' | 'decide'>,
): Promise<Item[]> {
  const { db, now } = scope
  const personId = demandPerson(scope, 'Only people have an inbox.')
  const { decide, answer } = await requestsWaiting(scope)
  const enforces = scope.decide('policy:enforce', organization).outcome === 'permitted'
  const policies = enforces ? await enforcementAsked(db, personId) : []
  const reviews = await reviewsWaiting(scope)
  const ending = await endingGrants(db, personId, now)
  const items: Item[] = [
    ...decide.map((row): Item => ({
      kind: 'decide',
      id: row.id,
      title: `${row.requesterName} asks for ${row.roleNameNow} in ${row.scopeName}`,
      text: row.reason,
      by: { id: row.requesterId, name: row.requesterName },
      since: row.createdAt,
      until: row.answerBy,
    })),
    ...(await exceptionsWaiting(scope, personId)).map((row): Item => ({
      kind: 'exception',
      id: row.id,
      title: `${row.requesterName} asks that ${row.projectNameNow} may use ${row.contextNameNow} on ${row.branch ?? row.tag}`,
      text: row.reason,
      by: { id: row.requesterId, name: row.requesterName },
      since: row.createdAt,
      until: row.answerBy,
    })),
    ...answer.map((row): Item => ({
      kind: 'answer',
      id: row.id,
      title: `Your request for ${row.roleNameNow} in ${row.scopeName} was asked back`,
      text: row.question,
      since: row.createdAt,
      until: row.answerBy,
    })),
    ...policies.map((row): Item => ({
      kind: 'enforcement',
      id: row.id,
      title: `${row.askedByName} asks to enforce ${row.name}, version ${row.number}`,
      text: row.reason,
      by: { id: row.askedBy, name: row.askedByName },
      since: row.askedAt,
    })),
    ...reviews.answer.map((row): Item => ({
      kind: 'review',
      id: row.id,
      title: `${row.open === 1 ? '1 line' : `${row.open} lines`} of ${row.name} to review`,
      text: row.remindedAt ? 'Reminder: it is due soon.' : '',
      by: { id: row.startedBy, name: row.starterName },
      since: row.startedAt,
      until: row.dueAt,
    })),
    ...reviews.signOff.map((row): Item => ({
      kind: 'signOff',
      id: row.id,
      title: `${row.name} can be signed off`,
      text: row.dueAt <= now ? 'It is due.' : 'Every line is answered.',
      since: row.startedAt,
      until: row.dueAt,
    })),
    ...ending.map((row): Item => ({
      kind: 'ending',
      id: row.id,
      title: `Your ${row.roleName} in ${row.scopeName ?? organization.name} ends`,
      text: row.reason,
      since: row.grantedAt,
      until: row.expiresAt,
    })),
  ]
  const due = ({ until }: Item) => (until ? new Date(until).getTime() : Infinity)
  return items.toSorted((one, other) => due(one) - due(other))
}
