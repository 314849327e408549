import type { OutputOf } from '../../../contract/index.ts'
import { decideUse } from '../../decision/decide-use.ts'
import type { Transaction } from '../../db/transaction.ts'
import type { RunFacts } from '../../decision/run-facts.ts'
import type { Actor } from '../../decision/types.ts'
import { invalidToken } from '../../http/authenticate/challenge.ts'
import type { LeaseShown } from '../../http/authenticate/identity.ts'
import { AfterCommit, Refusal } from '../../http/outcome.ts'
import { problem } from '../../http/problem.ts'
import type { Scope } from '../../http/scope.ts'
import { questionOf, sealedSecrets, touchUsed } from '../contexts/service.ts'
import { prepareDelivery, type DeliveryParts } from './deliver.ts'
import type { RunRules } from './gate.ts'
import {
  contextsOf,
  leaseByHash,
  noteReplay,
  takeLease,
  waitForLease,
  type LeaseRow,
  type TakenRow,
} from './store.ts'

type Redeemed = OutputOf<'leases.redeem'>

const holderOf = ({ actorId: id, actorName: name }: Pick<LeaseRow, 'actorId' | 'actorName'>) =>
  ({ kind: 'workload', id, name, teams: [], grants: [] }) satisfies Actor

type Held = Pick<TakenRow, 'contextId' | 'contextName'>

/** Whose lease it is, and of what, for whatever event comes of it. */
function tell(
  scope: Scope,
  lease: Pick<LeaseRow, 'id' | 'actorId' | 'actorName' | 'projectId'>,
  held: readonly Held[],
): Actor {
  const actor = holderOf(lease)
  scope.actAs(actor)
  const contexts = held.map(({ contextName }) => contextName)
  scope.record({
    resource: { kind: 'lease', id: lease.id, name: contexts.join(', ') },
    project: lease.projectId,
    ...(held[0] && { context: held[0].contextId }),
    detail: { contexts },
  })
  return actor
}

/**
 * Gives the secrets of a lease, exactly once. What policies and restrictions say now is asked again. The secrets are opened
 * when the event is on record, and not before; an answer that is lost is lost, and the run asks for another lease.
 */
export async function redeem(
  scope: Scope,
  { judge, gate, uses }: RunRules,
  parts: DeliveryParts,
): Promise<Redeemed | Refusal | AfterCommit<Redeemed>> {
  const shown = scope.leaseShown
  if (!shown) throw new Error('a redemption without a lease')
  const from = { ip: scope.request.ip, jkt: shown.jkt ?? null }
  const rows = await taken(scope.transaction, shown.hash, from)
  const [lease] = rows
  if (!lease) return notTaken(scope, shown)
  const held = rows.filter(({ contextId }, at) => contextId !== rows[at - 1]?.contextId)
  const actor = tell(scope, lease, held)
  const run = { ...(lease.run as Omit<RunFacts, 'now'>), now: scope.now }
  const contexts = gate.contexts(held.flatMap(({ contextId, there }) => (there ? contextId : [])))
  if (contexts.length < held.length) {
    throw problem('use_denied', 'Denied: a context of this lease has been deleted since.')
  }
  for (const context of contexts) {
    const decision = decideUse(judge, actor, questionOf(context, run))
    if (decision.outcome === 'permitted') continue
    const id = scope.decided({
      resource: context.resource,
      decision,
      run,
      projectId: lease.projectId,
      contextId: context.id,
      latencyUs: 0,
    })
    throw problem(
      'use_denied',
      `${decision.sentence} (It was permitted when the lease was given.)`,
      {
        decision: `${scope.config.publicUrl}/decisions/${id}`,
      },
    )
  }
  const sealed = sealedSecrets(rows.flatMap((row) => (row.secretId === null ? [] : row)))
  scope.record({ after: Object.fromEntries(sealed.map(({ name, token }) => [name, token])) })
  const { transaction, now } = scope
  const used = contexts.map(({ id }) => id).filter((id) => uses.due(id, now))
  if (used.length > 0) {
    transaction.last(touchUsed(used, now))
    transaction.after(() => used.forEach((id) => uses.note(id, now)))
  }
  const giving = { lease: lease.id, run, project: gate.project(lease.projectId), contexts, sealed }
  const delivery = await prepareDelivery(scope.db, giving)
  return new AfterCommit(() => delivery.carryOut(parts))
}

/** Takes the lease, once whoever else is at it has done or failed. */
async function taken(
  transaction: Transaction,
  hash: Buffer,
  from: { ip: string; jkt: string | null },
): Promise<TakenRow[]> {
  const rows = await takeLease(transaction, hash, from)
  if (rows.length > 0) return rows
  // Whoever was first is waited for, and what is told of a lease that was taken may end others.
  transaction.alone()
  return (await waitForLease(transaction, hash)) ? takeLease(transaction, hash, from) : []
}

/** Why a lease was not given: what was shown twice has consequences, the rest is refused. */
async function notTaken(scope: Scope, { hash, jkt }: LeaseShown): Promise<Refusal> {
  // Looked at after the taking of it failed: the loser of a race reads what the winner has done.
  const now = await leaseByHash(scope.db, hash)
  if (!now) throw invalidToken('There is no such lease. Ask for one with POST /api/v1/exchange.')
  tell(scope, now, await contextsOf(scope.db, [now.id]))
  if (now.state === 'redeemed') {
    const ended = await noteReplay(scope.db, now, { ip: scope.request.ip, now: scope.now })
    const also =
      ended > 0
        ? ` ${ended === 1 ? '1 other lease of the same job was' : `${ended} other leases of the same job were`} revoked.`
        : ''
    scope.record({
      detail: { code: 'lease_spent', replay: (now.replays ?? 0) + 1, revoked: ended },
    })
    return new Refusal(
      problem(
        'lease_spent',
        `This lease was redeemed already, ${(now.redeemedAt ?? scope.now).toISOString()}. A lease is redeemed once: if it was not this job, rotate its secrets.${also}`,
        { error: 'invalid_grant' },
      ),
    )
  }
  if (now.state === 'revoked') {
    throw problem(
      'lease_spent',
      `This lease was revoked: ${now.revokeReason ?? 'no reason given'}.`,
    )
  }
  if (now.expired) {
    throw problem(
      'lease_spent',
      `This lease expired ${now.expiresAt.toISOString()}. Ask for another.`,
    )
  }
  if (now.jkt && now.jkt !== jkt) {
    throw problem('lease_spent', 'This lease is bound to a key: send a DPoP proof of that key.')
  }
  const was = scope.request.ip
  const { boundAddress } = now
  throw problem(
    'lease_spent',
    `This lease may be redeemed from ${boundAddress} only, not from ${was}.`,
    {
      failed: [
        {
          layer: 'identity',
          clause: 'The lease is redeemed from the address that it was given to',
          expected: String(boundAddress),
          actual: was,
          change: 'Redeem it in the job that asked for it.',
        },
      ],
    },
  )
}
