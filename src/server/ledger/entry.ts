import type { AuditEvent } from './emit.ts'

/** A leaf, read back. */
export interface StoredEvent extends AuditEvent {
  readonly v: number
  readonly eventId: string
  readonly occurredAt: string
}

export const eventOf = (leaf: Uint8Array): StoredEvent =>
  JSON.parse(Buffer.from(leaf).toString('utf8')) as StoredEvent

/** PostgreSQL's text cannot hold NUL, nor UTF-8 a lone surrogate: shown by stand-ins in the searchable columns only. */
function searchable(text: string | undefined, most = 500): string | null {
  if (text === undefined) return null
  return text.slice(0, most).toWellFormed().replaceAll('\u0000', '␀')
}

/** The searchable columns of an event, derived from its leaf; `verify` derives them again and compares. */
export function entryOf(leaf: Uint8Array) {
  const event = eventOf(leaf)
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
