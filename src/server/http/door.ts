import type { Db } from '../db/connect.ts'
import { operations, type OperationId } from '../../contract/index.ts'
import { createConvoy } from '../db/convoy.ts'
import { inTransaction, type Transaction } from '../db/transaction.ts'
import type { Decision, Resource } from '../decision/types.ts'
import {
  answerOf,
  changes,
  ofRuns,
  replayed,
  type Answered,
  type Asked,
  type Sent,
} from './asked.ts'
import { authenticate } from './authenticate/authenticate.ts'
import type { Credential } from './authenticate/identity.ts'
import { authenticateLease, authenticateWorkload, ciTokenIn } from './authenticate/workload.ts'
import { bodyOf } from './body.ts'
import type { Downloads } from './download.ts'
import { enter } from './enter.ts'
import { firstOfMinute, writeEvent, type Happening } from './events.ts'
import { answeredBefore, keepAnswer, repeatableOf } from './idempotency.ts'
import { demandCalm, demandRoom, knowing } from './limits.ts'
import { makeScope, silent } from './make-scope.ts'
import { AfterCommit, Refusal } from './outcome.ts'
import { refusalOf, refuse } from './refusal.ts'
import type { Record, Scope } from './scope.ts'
import { onOf, stand, type DoorParts, type Standing, type Trail } from './standing.ts'

/** A handler as the door calls it: what it takes and answers was checked where it was written (`Handlers`). */
export type Handle = (scope: Scope, input: never) => Promise<unknown>

/**
 * Whose a key is: who begins a session is another actor afterwards, by the same identity; and whoever holds a lease is
 * nobody until it has been found, so that the lease itself stands for them.
 */
function ownerOf({ identity, leaseShown, actor }: Standing): string {
  if (identity) return `${identity.issuer}#${identity.subject}`
  return leaseShown ? `lease ${leaseShown.hash.toString('hex')}` : actor.id
}

const repeatableIn = ({ spec, id, request, headers, body }: Asked, standing: Standing) =>
  spec.method === 'POST' && changes(spec)
    ? repeatableOf(headers['idempotency-key']?.[0], ownerOf(standing), id, {
        path: request.path,
        body,
      })
    : undefined

function noteRefusal(trail: Trail, decision: Decision, on: Resource): void {
  trail.decision = decision
  trail.resource = on
}

/** The one door: every operation of the contract passes here, and none can forget any of it. */
export function createDoor(
  parts: DoorParts,
  handlers: ReadonlyMap<OperationId, Handle>,
  downloads: Downloads,
) {
  for (const { id, spec } of operations()) {
    if (!handlers.has(id)) throw new Error(`the operation ${id} has no handler`)
    if (!spec.may) throw new Error(`the operation ${id} does not say who may`)
  }

  const convoy = createConvoy(parts.db)

  const carryOut = async (
    transaction: Transaction,
    asked: Asked,
    credential: Credential,
    trail: Trail,
    handle: Handle | undefined,
  ): Promise<Answered | AfterCommit<Answered>> => {
    const { spec, id, request } = asked
    const { db } = transaction
    const standing = await stand(parts, transaction, asked, credential, trail)
    const { actor, decision } = standing
    const repeatable = repeatableIn(asked, standing)
    const before = repeatable && (await answeredBefore(db, repeatable))
    if (before) return replayed(spec, before)
    let narrowed = false
    let record: Record = {}
    const more: (Pick<Happening, 'action'> & Partial<Happening>)[] = []
    const bare = makeScope(parts, db, asked, standing, {
      narrowed: () => {
        narrowed = true
      },
      refused: (refusal, on) => noteRefusal(trail, refusal, on),
      record(about) {
        record = { ...record, ...about }
        trail.record = record
      },
      actAs(as) {
        narrowed = true
        trail.actor = as
      },
      decided(made, decisionId) {
        ;(trail.decided ??= []).push({ ...made, id: decisionId })
      },
      also: (action, about, how) => more.push({ action, record: about, ...how }),
    })
    const scope = { ...bare, transaction }
    const result = await handle?.(scope, standing.input as never)
    if (spec.may.includes(':') && onOf(spec) === 'any' && !narrowed) {
      throw new Error(`${id} answers what nobody narrowed by what the actor holds`)
    }
    const who =
      spec.may === 'authenticated'
        ? (await enter(transaction, parts.keeper, credential)).actor
        : (trail.actor ?? actor)
    const happening = { actor: who, outcome: 'permitted' as const, request }
    const { decided } = trail
    const about = {
      ...happening,
      ...(decision && { decision, sentence: decision.sentence }),
      ...(standing.resource && { resource: standing.resource }),
      ...(decided && { decided }),
    }
    const write = (came: Pick<Happening, 'outcome' | 'sentence'>) => {
      writeEvent(transaction, { ...about, ...came, action: id, record })
      for (const one of more) writeEvent(transaction, { ...happening, ...one })
    }
    if (result instanceof Refusal) {
      write({ outcome: 'denied', sentence: result.problem.message })
      return refusalOf(asked, result.problem)
    }
    if (changes(spec) || spec.audits === 'each') {
      const wouldDeny = decision?.wouldDeny || decided?.some((one) => one.decision.wouldDeny)
      write({ outcome: wouldDeny ? 'would_deny' : 'permitted' })
    } else if (spec.audits && (await firstOfMinute(db, actor.id, id))) {
      writeEvent(transaction, { ...happening, action: id, record })
    }
    if (result instanceof AfterCommit) {
      // What is made after the commit is shown once: kept is only that it was delivered.
      if (repeatable) keepAnswer(transaction, repeatable, 200, null)
      return new AfterCommit(async () => answerOf(asked, await result.work()))
    }
    const answered = answerOf(asked, result)
    if (repeatable) {
      const kept = spec.revealsOnce ? null : (answered.body ?? '')
      keepAnswer(transaction, repeatable, answered.status, kept)
    }
    return answered
  }

  /** What carries the operation out, after everything slow has been done outside of a transaction. */
  const prepared = async (
    asked: Asked,
    credential: Credential,
    trail: Trail,
  ): Promise<Handle | undefined> => {
    const work = await inTransaction(
      parts.db,
      { readOnly: true, eager: true, gate: true },
      async (db, transaction) => {
        const standing = await stand(parts, transaction, asked, credential, trail)
        const bare = makeScope(parts, db, asked, standing, {
          ...silent,
          refused: (refusal, on) => noteRefusal(trail, refusal, on),
          record(about) {
            trail.record = { ...trail.record, ...about }
          },
          actAs(as) {
            trail.actor = as
          },
          decided(made, decisionId) {
            ;(trail.decided ??= []).push({ ...made, id: decisionId })
          },
        })
        const repeatable = repeatableIn(asked, standing)
        // What was answered before is answered again; nothing slow is done for it.
        if (repeatable && (await answeredBefore(db, repeatable))) return undefined
        return handlers.get(asked.id)?.({ ...bare, transaction }, standing.input as never)
      },
    )
    return (work as (() => Promise<Handle>) | undefined)?.()
  }

  return async (asked: Asked): Promise<Sent> => {
    let trail: Trail = {}
    const { spec, request } = asked
    try {
      const credential = await knowing(parts.limits, request.ip, credentialOf(parts, asked))
      demandCalm(parts.limits, credential, request.ip, changes(spec))
      if (changes(spec)) await demandRoom(parts.backlog)
      const readOnly = !changes(spec) && !spec.audits
      const handle = spec.prepares
        ? await prepared(asked, credential, trail)
        : handlers.get(asked.id)
      const work = (_: Db, transaction: Transaction) => {
        trail = {}
        return carryOut(transaction, asked, credential, trail, handle)
      }
      const made = await (travels(asked)
        ? convoy(work)
        : inTransaction(parts.db, { readOnly, eager: true }, work))
      const answered = made instanceof AfterCommit ? await made.work() : made
      const { actor, now, decision } = trail
      if (actor && now) {
        parts.onUse({ actor, grants: decision?.grants ?? [], ip: request.ip, now })
      }
      const { file, ...rest } = answered
      if (!file) return rest
      return {
        ...rest,
        body: await downloads.begin(asked, credential, actor?.id ?? request.ip, file),
      }
    } catch (error) {
      return refuse(parts, asked, trail, error)
    }
  }
}

/**
 * What pipelines ask for comes in crowds, and is told apart by its own rows: it shares a transaction. Not under a key, whose
 * lock is the connection's and would let two in.
 */
const travels = ({ spec, headers }: Asked) => ofRuns(spec) && !headers['idempotency-key']

/** Who asks: by the `Authorization` header; for a pipeline by the token in its form; for a lease by the lease. */
async function credentialOf(parts: DoorParts, asked: Asked): Promise<Credential> {
  const { request, headers, spec } = asked
  const shown = { method: request.method, path: request.path, headers }
  const ciToken = spec.orWorkload && ciTokenIn(shown, parts.authenticate)
  if (ciToken) {
    return authenticateWorkload(shown, ciToken, parts.ciTokens, parts.authenticate)
  }
  if (!ofRuns(spec)) return authenticate(shown, parts.authenticate)
  const body = bodyOf(asked) as { subject_token?: unknown; lease?: unknown } | undefined
  return spec.may === 'lease'
    ? authenticateLease(shown, body?.lease, parts.authenticate)
    : authenticateWorkload(shown, body?.subject_token, parts.ciTokens, parts.authenticate)
}
