import type { Opening } from '../../proof/personal.ts'
import type { AuditEvent } from './emit.ts'
import { erased, openLeaf } from './personal.ts'

/** A leaf, read back. */
export interface StoredEvent extends AuditEvent {
  readonly v: number
  readonly eventId: string
  readonly occurredAt: string
}

/** The event of a leaf, with what stands beside it. */
export function eventOf(leaf: Uint8Array, openings: readonly Opening[]): StoredEvent {
  const { ip, userAgent, ...event } = JSON.parse(openLeaf(leaf, openings)) as StoredEvent
  // Whence somebody came who was erased, nobody says.
  return {
    ...event,
    ...(ip !== undefined && ip !== erased && { ip }),
    ...(userAgent !== undefined && userAgent !== erased && { userAgent }),
  }
}

/** PostgreSQL's text cannot hold NUL, nor UTF-8 a lone surrogate: shown by stand-ins in the searchable columns only. */
function searchable(text: string | undefined, most = 500): string | null {
  if (text === undefined) return null
  return text.slice(0, most).toWellFormed().replaceAll('\u0000', '␀')
}

/** The searchable columns of an event, derived from its leaf and what stands beside it; `verify` derives them again and compares. */
export function entryOf(leaf: Uint8Array, openings: readonly Opening[]) {
  const event = eventOf(leaf, openings)
  return {
    eventId: event.eventId,
    occurredAt: new Date(event.occurredAt),
    actorKind: searchable(event.actor.kind) ?? '',
    actorId: searchable(event.actor.id) ?? '',
    actorName: searchable(event.actor.name) ?? '',
    action: searchable(event.action) ?? '',
    noun: searchable(event.action.split('.', 1)[0]) ?? '',
    resourceKind: searchable(event.resource?.kind),
    resourceId: searchable(event.resource?.id),
    resourceName: searchable(event.resource?.name),
    outcome: event.outcome,
    projectId: searchable(event.project),
    contextId: searchable(event.context),
    sessionId: searchable(event.actor.session),
    requestId: searchable(event.requestId),
    ip: searchable(event.ip),
    sentence: searchable(event.sentence, 1_000),
  }
}
