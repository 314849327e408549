import { createHash, randomBytes } from 'node:crypto'
import { federatedSeconds } from '../../../contract/federation.ts'
import type { InputOf, OutputOf } from '../../../contract/index.ts'
import { leaseSeconds, tokenType } from '../../../contract/exchange-words.ts'
import { newId } from '../../db/new-id.ts'
import type { RunProject } from '../../decision/run-of.ts'
import type { RunFacts } from '../../decision/run-facts.ts'
import type { Actor } from '../../decision/types.ts'
import type { Workload } from '../../http/authenticate/identity.ts'
import { hashLease } from '../../http/authenticate/workload.ts'
import { AfterCommit } from '../../http/outcome.ts'
import { problem } from '../../http/problem.ts'
import type { Scope } from '../../http/scope.ts'
import type { ContextInUse } from '../contexts/service.ts'
import { federatedClaims, type Federation } from '../federation/service.ts'
import { touchTrustRule, type Matched } from '../trust-rules/service.ts'
import type { RunRules } from './gate.ts'
import { insertLease, spendToken } from './store.ts'

type Exchanged = OutputOf<'leases.exchange'>

/** What was permitted to a run. */
export interface Issuing {
  readonly form: InputOf<'leases.exchange'>
  readonly workload: Workload
  readonly actor: Actor
  readonly run: RunFacts
  readonly project: RunProject
  readonly matched: Matched
  readonly contexts: readonly ContextInUse[]
  /** The decisions about the contexts, in their order. */
  readonly ids: readonly string[]
  readonly uses: RunRules['uses']
}

interface Terms {
  readonly kind: 'secrets' | 'token'
  readonly secret?: string
  readonly seconds: number
  readonly audience?: string
}

/**
 * Spends the token, and leaves the lease to be stored with the commit. Throws for a token that was traded for the same
 * contexts before.
 */
async function storeLease(scope: Scope, issuing: Issuing, terms: Terms): Promise<string> {
  const { workload, actor, run, project, matched, contexts, ids, uses } = issuing
  const { transaction, now } = scope
  const { token, jkt } = workload
  const { kind, secret, seconds, audience } = terms
  const id = newId()
  const set = contexts.map((each) => each.id).toSorted()
  const spent = await spendToken(transaction, {
    key: token.replayKey,
    contexts: createHash('sha256')
      .update([kind, audience ?? '', ...set].join('\0'))
      .digest(),
    expiresAt: token.expiresAt,
    leaseId: id,
  })
  if (!spent) throw replayed()
  insertLease(transaction, {
    id,
    kind,
    secretHash: secret === undefined ? null : hashLease(secret),
    issuerId: token.issuer.id,
    trustRuleId: matched.rule?.id ?? null,
    project,
    actor,
    runId: matched.run.runId ?? null,
    jobId: matched.run.jobId ?? null,
    run,
    audience: audience ?? null,
    boundAddress: token.issuer.bindAddress ? scope.request.ip : null,
    jkt: jkt ?? null,
    issuedAt: now,
    expiresAt: new Date(now.getTime() + seconds * 1000),
    contexts: contexts.map(({ id: contextId, name }, index) => ({
      id: contextId,
      name,
      decisionId: ids[index] ?? null,
    })),
    redeemedFrom: kind === 'token' ? scope.request.ip : null,
  })
  const { rule } = matched
  if (rule && uses.due(rule.id, now)) {
    transaction.last(touchTrustRule(rule.id, now))
    transaction.after(() => uses.note(rule.id, now))
  }
  scope.record({ after: { lease: id, seconds, ...(audience !== undefined && { audience }) } })
  return id
}

const replayed = () =>
  problem(
    'replayed_token',
    'This token was traded for these contexts already. Each token is traded once: ask the CI system for a new one, and look into who else has it.',
    {
      error: 'invalid_grant',
      failed: [
        {
          layer: 'identity',
          clause: 'The token has not been traded for these contexts before',
          change: 'Ask the CI system for a new token in this job.',
        },
      ],
    },
  )

/** A lease: 256 bits that are told once, and kept as a hash. */
export async function issue(scope: Scope, issuing: Issuing): Promise<Exchanged> {
  const { form, workload, contexts } = issuing
  const secret = `sp_lease_${randomBytes(32).toString('base64url')}`
  const seconds = form.lease_seconds ?? leaseSeconds.usual
  const lease = await storeLease(scope, issuing, { kind: 'secrets', secret, seconds })
  return {
    access_token: secret,
    issued_token_type: tokenType.lease,
    token_type: workload.jkt ? 'DPoP' : 'Bearer',
    expires_in: seconds,
    lease,
    contexts: contexts.map(({ name }) => name),
  }
}

/** The one context that a federated token is asked for, which must name the audience. */
export function theContextFor(audience: string, contexts: readonly ContextInUse[]): ContextInUse {
  const [context, another] = contexts
  if (!context || another) {
    const title = 'A federated token is of one context: name one `resource`.'
    throw problem('invalid_target', title, { error: 'invalid_target' })
  }
  if (!context.audiences.includes(audience)) {
    throw problem(
      'invalid_target',
      `Runs of context “${context.name}” are given no tokens for “${audience}”.`,
      {
        error: 'invalid_target',
        failed: [
          {
            layer: 'restriction',
            clause: 'The context names the audience',
            expected: context.audiences.join(' or ') || 'an audience; it names none',
            actual: audience,
            change: `Add ${audience} to the audiences of ${context.name}.`,
          },
        ],
      },
    )
  }
  return context
}

/** A federated token instead: for an audience that the one context names, so that no static secret exists. */
export async function issueToken(
  scope: Scope,
  federation: Federation,
  issuing: Issuing,
  audience: string,
): Promise<AfterCommit<Exchanged>> {
  const { run, project, matched } = issuing
  const context = theContextFor(audience, issuing.contexts)
  const seconds = federatedSeconds
  const lease = await storeLease(scope, issuing, { kind: 'token', seconds, audience })
  const runId = matched.run.runId ?? null
  const claims = federatedClaims({ ...run, project, context, runId, lease })
  return new AfterCommit(async () => ({
    access_token: await federation.sign(claims, audience),
    issued_token_type: tokenType.jwt,
    // RFC 8693 §2.2.1: what is not used as an access token here.
    token_type: 'N_A',
    expires_in: seconds,
    lease,
    contexts: [context.name],
  }))
}
