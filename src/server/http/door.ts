import { operations, type OperationId } from '../../contract/index.ts'
import { inTransaction, type Transaction } from '../db/transaction.ts'
import { answerOf, changes, replayed, type Answered, type Asked } from './asked.ts'
import { authenticate } from './authenticate/authenticate.ts'
import type { Credential } from './authenticate/identity.ts'
import { enter } from './enter.ts'
import { firstOfMinute, writeEvent } from './events.ts'
import { answeredBefore, keepAnswer, repeatableOf } from './idempotency.ts'
import { demandCalm, knowing } from './limits.ts'
import { makeScope } from './make-scope.ts'
import { problemFor, refusalOf, writeRefusal } from './refusal.ts'
import type { Record, Scope } from './scope.ts'
import { onOf, stand, type DoorParts, type Trail } from './standing.ts'

/** A handler as the door calls it: what it takes and answers was checked where it was written (`Handlers`). */
export type Handle = (scope: Scope, input: never) => Promise<unknown>

/** The one door: every operation of the contract passes here, and none can forget any of it. */
export function createDoor(parts: DoorParts, handlers: ReadonlyMap<OperationId, Handle>) {
  for (const { id, spec } of operations()) {
    if (!handlers.has(id)) throw new Error(`the operation ${id} has no handler`)
    if (!spec.may) throw new Error(`the operation ${id} does not say who may`)
  }

  const carryOut = async (
    transaction: Transaction,
    asked: Asked,
    credential: Credential,
    trail: Trail,
  ): Promise<Answered> => {
    const { spec, id, request } = asked
    const { db } = transaction
    const standing = await stand(parts, transaction, asked, credential, trail)
    const { actor, now, decision } = standing
    const repeatable =
      spec.method === 'POST' && changes(spec)
        ? repeatableOf(asked.headers['idempotency-key']?.[0], actor.id, id, {
            path: request.path,
            body: asked.body,
          })
        : undefined
    const before = repeatable && (await answeredBefore(db, repeatable))
    if (before) return replayed(spec, before)
    let narrowed = false
    let record: Record = {}
    const more: { action: string; record: Record }[] = []
    const scope = makeScope(parts, db, asked, standing, {
      narrowed: () => {
        narrowed = true
      },
      refused(refusal, on) {
        trail.decision = refusal
        trail.resource = on
      },
      record(about) {
        record = { ...record, ...about }
      },
      also: (action, about) => more.push({ action, record: about }),
    })
    const result = await handlers.get(id)?.(scope, standing.input as never)
    if (spec.may.includes(':') && onOf(spec) === 'any' && !narrowed) {
      throw new Error(`${id} answers what nobody narrowed by what the actor holds`)
    }
    const who =
      spec.may === 'authenticated' ? (await enter(db, parts.keeper, credential, now)).actor : actor
    const happening = { actor: who, outcome: 'permitted' as const, request }
    const about = {
      ...happening,
      ...(decision && { decision, sentence: decision.sentence }),
      ...(standing.resource && { resource: standing.resource }),
    }
    if (changes(spec) || spec.audits === 'each') {
      const outcome = decision?.wouldDeny ? 'would_deny' : 'permitted'
      writeEvent(transaction, { ...about, outcome, action: id, record })
      for (const one of more) writeEvent(transaction, { ...happening, ...one })
    } else if (spec.audits && (await firstOfMinute(db, actor.id, id))) {
      writeEvent(transaction, { ...happening, action: id, record })
    }
    const answered = answerOf(asked, result)
    if (repeatable) {
      const kept = spec.revealsOnce ? null : (answered.body ?? '')
      keepAnswer(transaction, repeatable, answered.status, kept)
    }
    return answered
  }

  return async (asked: Asked): Promise<Answered> => {
    const trail: Trail = {}
    const { spec, request } = asked
    try {
      const credential = await knowing(
        parts.limits,
        request.ip,
        authenticate(
          { method: request.method, path: request.path, headers: asked.headers },
          parts.authenticate,
        ),
      )
      demandCalm(parts.limits, credential, request.ip, changes(spec))
      const readOnly = !changes(spec) && !spec.audits
      const answered = await inTransaction(parts.db, { readOnly }, (_, transaction) =>
        carryOut(transaction, asked, credential, trail),
      )
      const { actor, now, decision } = trail
      if (actor && now) {
        parts.onUse({ actor, grants: decision?.grants ?? [], ip: request.ip, now })
      }
      return answered
    } catch (error) {
      const told = problemFor(error, (fault) => parts.onError(fault, request.id))
      await writeRefusal(parts, asked, trail, told, error).catch((fault: unknown) =>
        parts.onError(fault, request.id),
      )
      return refusalOf(told, request.id)
    }
  }
}
