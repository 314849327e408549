import { printableJson } from '../../contract/printable.ts'
import { inTransaction } from '../db/transaction.ts'
import { changes, inTerminal, type Answered, type Asked } from './asked.ts'
import { isRecordFault, problemOf as databaseProblemOf } from './constraints.ts'
import { anonymous } from './enter.ts'
import { firstOfMinute, writeEvent } from './events.ts'
import { problem, ProblemError } from './problem.ts'
import type { DoorParts, Trail } from './standing.ts'
import { terminalText } from './terminal.ts'

/** What asks to be asked again, with a session, a nonce or patience. */
const challenges = new Set<string>(['session_required', 'use_dpop_nonce', 'too_many_requests'])

/** The problem that an error is told as; what is a defect of ours is logged and told without its words. */
function problemFor(error: unknown, onDefect: (error: unknown) => void): ProblemError {
  if (error instanceof ProblemError) return error
  const known = databaseProblemOf(error)
  if (known && isRecordFault(error)) onDefect(error)
  if (known) return known
  onDefect(error)
  return problem('internal', 'The server failed at this, and nothing was changed. Try again.')
}

/** A problem to the wire, where no operation was found that could be asked how it reads. */
export function problemOf(told: ProblemError, requestId: string): Answered {
  return {
    status: told.status,
    body: printableJson(told.toProblem(requestId)),
    headers: { 'content-type': 'application/problem+json', ...told.details.headers },
  }
}

/** The refusal to the wire: as a problem, or as a terminal reads it where it was asked for. */
export function refusalOf(
  asked: Pick<Asked, 'spec' | 'headers' | 'request'>,
  told: ProblemError,
): Answered {
  const { id } = asked.request
  if (!inTerminal(asked)) return problemOf(told, id)
  const headers = { 'content-type': 'text/plain; charset=utf-8', ...told.details.headers }
  return { status: told.status, body: terminalText(told.toProblem(id)), headers }
}

/**
 * What is answered when a request fails, once its attempt is in the record. An attempt that cannot be recorded is told
 * nothing else than that: a refusal, too, says something of what it refuses (P2).
 */
export async function refuse(
  parts: DoorParts,
  asked: Asked,
  trail: Trail,
  error: unknown,
): Promise<Answered> {
  const { id } = asked.request
  const onDefect = (fault: unknown) => parts.onError(fault, id)
  const told = problemFor(error, onDefect)
  try {
    await writeRefusal(parts, asked, trail, told, error)
    return refusalOf(asked, told)
  } catch (fault) {
    onDefect(fault)
    if (told.code === 'unavailable') return refusalOf(asked, told)
    const sentence = 'The audit trail cannot take this now, so nothing is told. Try again.'
    const headers = { 'retry-after': '2' }
    return refusalOf(asked, problem('unavailable', sentence, { headers }))
  }
}

/** A refused or failed attempt, by itself: what it tried has been rolled back. Nobody known is folded per minute and address. */
async function writeRefusal(
  parts: DoorParts,
  { id, request, spec }: Asked,
  trail: Trail,
  told: ProblemError,
  error: unknown,
): Promise<void> {
  const known = trail.actor && trail.actor.id !== 'anonymous' ? trail.actor : undefined
  const denied = trail.decision?.outcome === 'denied' || told.status === 401 || told.status === 403
  // A read of what is not there changes nothing and asks nothing of anybody.
  if (known && !denied && !changes(spec) && told.status < 500) return
  // Clients ask again by themselves; the challenge is no refusal of a person.
  if (challenges.has(told.code)) return
  // What would have been after it has not come to be.
  const { after: _, ...said } = trail.record ?? {}
  await inTransaction(parts.db, { readOnly: false }, async (db, transaction) => {
    // A page of an expired session asks for several things at once, and says one thing by it.
    const once = known ? told.code === 'session_expired' : true
    const who = known?.sessionId ?? known?.id ?? request.ip
    if (once && !(await firstOfMinute(db, who, `refused ${told.code}`))) return
    writeEvent(transaction, {
      actor: known ?? anonymous,
      action: id,
      outcome: denied ? 'denied' : 'failed',
      request,
      sentence: trail.decision?.outcome === 'denied' ? trail.decision.sentence : told.message,
      record: {
        ...said,
        detail: {
          ...(said.detail as object | undefined),
          code: told.code,
          ...(told.code === 'internal' && error instanceof Error && { fault: error.name }),
        },
      },
      ...(trail.resource && { resource: trail.resource }),
      ...(trail.decision && { decision: trail.decision }),
      ...(trail.decided && { decided: trail.decided }),
    })
  })
}
