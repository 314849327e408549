import { impactDays } from '../../../contract/impact.ts'
import type { InputOf } from '../../../contract/index.ts'
import { evaluateDays } from '../../../contract/policy-limits.ts'
import { createCedar, type CedarEngine } from '../../decision/cedar.ts'
import { createDecider } from '../../decision/decide.ts'
import type { DraftHost } from '../../decision/draft-host.ts'
import { loadActor } from '../../decision/load-actor.ts'
import { lockedOut, type DecideFor } from '../../decision/lock-out.ts'
import { policiesInForce } from '../../decision/policy-store.ts'
import { demandPerson } from '../../http/person.ts'
import { invalidField, problem } from '../../http/problem.ts'
import type { Scope } from '../../http/scope.ts'
import { administrators, queueForAdministrators } from '../grants/service.ts'
import { demandReason } from '../decisions/service.ts'
import { beginReplay, replayTold, type ReplayRunner } from '../replays/service.ts'
import { change, detailOf, theFresh, thePolicy, theVersion, told } from './service.ts'
import { decideAsk, insertAsk, setAskedReplay, type PolicyRow } from './store.ts'
import { demandTestsPass } from './tests.ts'

/** Nobody leaves draft with a text that does not validate: checked where it may stop the engine without harm. */
async function demandValid(drafts: DraftHost, text: string): Promise<void> {
  const { valid, problems } = await drafts.check(text)
  if (valid) return
  const errors = problems.filter(({ severity }) => severity === 'error')
  throw problem(
    'invalid_policy',
    `The policy does not validate, so it stays a draft: ${errors[0]?.message ?? 'it has errors'}`,
    { fields: errors.map(({ message }) => ({ path: 'text', message })) },
  )
}

/** The person behind the actor; a second pair of eyes cannot be a machine's. */
const personBehind = (scope: Scope): string =>
  demandPerson(scope, 'Only people ask for enforcement and decide on it.')

/** What is tried is tried until a date: nobody thinks of it again otherwise. */
function evaluatedUntil(
  { now }: Scope,
  mode: 'draft' | 'evaluate',
  days: number | undefined,
): Date | null {
  if (mode === 'evaluate') {
    return new Date(now.getTime() + (days ?? evaluateDays.usual) * 86_400_000)
  }
  if (days === undefined) return null
  throw invalidField('evaluateDays', 'must be left out: a draft is not evaluated')
}

export async function setMode(
  scope: Scope,
  drafts: DraftHost,
  { policyId, mode, policyVersion, evaluateDays: days, reason }: InputOf<'policies.setMode'>,
) {
  const before = await thePolicy(scope, policyId)
  if (before.mode === 'enforce') {
    throw problem('conflict', 'The policy is enforced. End its enforcement first.')
  }
  if (mode === 'draft' && before.askedId) {
    throw problem('conflict', 'Enforcement has been asked for. Withdraw or decline that first.')
  }
  const number = policyVersion ?? before.currentVersion
  const versionInForce = mode === 'draft' ? null : number
  const stays = before.mode === mode && before.versionInForce === versionInForce
  if (stays && !(mode === 'evaluate' && days)) {
    throw problem('conflict', `The policy is in that mode already.`)
  }
  // What is only tried for longer was checked when it was put there.
  if (mode === 'evaluate' && !stays) {
    const version = await theVersion(scope, policyId, number)
    await demandValid(drafts, version.text)
    await demandTestsPass(scope, drafts, policyId, version)
  }
  const evaluateUntil = evaluatedUntil(scope, mode, days)
  const prolongs = evaluateUntil && before.evaluateUntil && evaluateUntil > before.evaluateUntil
  if (stays && prolongs && !reason.trim()) {
    throw invalidField('reason', 'must say why it is tried for longer')
  }
  const after = await change(scope, before, { mode, versionInForce, evaluateUntil })
  scope.record({
    before: told(before),
    after: told(after),
    ...(reason && { detail: { reason } }),
  })
  return detailOf(scope, policyId)
}

export async function askEnforcement(
  scope: Scope,
  drafts: DraftHost,
  { policyId, policyVersion, reason }: InputOf<'policies.askEnforcement'>,
) {
  const askedBy = personBehind(scope)
  const before = await thePolicy(scope, policyId)
  if (before.mode === 'draft') {
    throw problem(
      'conflict',
      'A draft is not enforced. Put it into evaluate mode first, and see what it would deny.',
    )
  }
  const number = policyVersion ?? before.currentVersion
  if (before.mode === 'enforce' && before.versionInForce === number) {
    throw problem('conflict', `Version ${number} is enforced already.`)
  }
  const version = await theVersion(scope, policyId, number)
  await demandValid(drafts, version.text)
  await demandTestsPass(scope, drafts, policyId, version)
  await demandNoLockOut(scope, before, number, version.text)
  const after = await change(scope, before, {})
  const askedAt = scope.now
  await insertAsk(scope.db, { policyId, number, askedBy, askedAt, reason, replayId: null })
  scope.record({
    before: told(before),
    after: { ...told(after), enforcementAsked: number },
    detail: { reason },
  })
  return detailOf(scope, policyId)
}

/** The open request for enforcement of the policy that the actor looked at. */
async function asked(scope: Scope, policyId: string) {
  const row = await theFresh(scope, policyId)
  const { askedId, askedBy, askedVersion } = row
  if (!askedId || !askedBy || !askedVersion) {
    throw problem('already_decided', 'Nobody waits for enforcement of this policy.')
  }
  return { row, askedId, askedBy, askedVersion }
}

/** Works out what exactly the version that was asked for would change, for whoever decides on it. */
export async function replayAsked(scope: Scope, replays: ReplayRunner, policyId: string) {
  const { name, askedId, askedVersion } = await thePolicy(scope, policyId)
  if (!askedId || !askedVersion) {
    throw problem('already_decided', 'Nobody waits for enforcement of this policy.')
  }
  const { text } = await theVersion(scope, policyId, askedVersion)
  const changes = [{ policyId, name, version: askedVersion, text, removed: false }]
  const replayId = await beginReplay(scope, replays, changes, { days: impactDays })
  await setAskedReplay(scope.db, askedId, replayId)
  return detailOf(scope, policyId)
}

export async function approveEnforcement(
  scope: Scope,
  drafts: DraftHost,
  { policyId, reason }: InputOf<'policies.approveEnforcement'>,
) {
  const decidedBy = personBehind(scope)
  const { row, askedId, askedBy, askedVersion } = await asked(scope, policyId)
  if (askedBy === decidedBy) {
    throw problem('conflict', 'Nobody approves what they asked for themselves. Ask another person.')
  }
  // Two people must stand behind it now, not one and somebody who has left or lost the permission since.
  const asker = await loadActor(scope.db, askedBy)
  if (
    !asker?.grants.some(
      (grant) => grant.scope.kind === 'organization' && grant.permissions.has('policy:enforce'),
    )
  ) {
    throw problem(
      'conflict',
      `${row.askedByName ?? 'Whoever asked'} may not ask for it any more. Decline it, and ask anew.`,
    )
  }
  const version = await theVersion(scope, policyId, askedVersion)
  await demandValid(drafts, version.text)
  await demandTestsPass(scope, drafts, policyId, version)
  await demandNoLockOut(scope, row, askedVersion, version.text)
  const impact = await replayTold(scope.db, row.askedReplay)
  await demandReason(scope, reason.trim() || (row.askedReason ?? ''), async () => impact)
  await decideAsk(scope.db, askedId, 'approved', decidedBy, scope.now)
  const after = await change(scope, row, {
    mode: 'enforce',
    versionInForce: askedVersion,
    evaluateUntil: null,
  })
  scope.record({
    before: told(row),
    after: told(after),
    detail: {
      askedBy: { id: askedBy, name: row.askedByName },
      // What the second person was shown, and when that was worked out.
      ...(impact && { impact }),
      ...(reason && { reason }),
    },
  })
  return detailOf(scope, policyId)
}

export async function endAsk(scope: Scope, policyId: string, verdict: 'declined' | 'withdrawn') {
  const decidedBy = personBehind(scope)
  const { row, askedId, askedBy, askedVersion } = await asked(scope, policyId)
  if (verdict === 'withdrawn' && askedBy !== decidedBy) {
    throw problem('conflict', 'Only who asked withdraws it. Decline it instead.')
  }
  if (verdict === 'declined' && askedBy === decidedBy) {
    throw problem('conflict', 'You asked for it yourself. Withdraw it instead.')
  }
  await decideAsk(scope.db, askedId, verdict, decidedBy, scope.now)
  const after = await change(scope, row, {})
  scope.record({
    before: { ...told(row), enforcementAsked: askedVersion },
    after: { ...told(after), enforcementAsked: null },
  })
  return detailOf(scope, policyId)
}

export async function endEnforcement(
  scope: Scope,
  { policyId, mode, evaluateDays: days, reason }: InputOf<'policies.endEnforcement'>,
) {
  const before = await thePolicy(scope, policyId)
  if (before.mode !== 'enforce') throw problem('conflict', 'The policy is not enforced.')
  await demandReason(scope, reason, async () => (await detailOf(scope, policyId)).denials)
  const person = scope.actor.personId
  if (before.askedId && person) {
    // A newer version may have been asked for meanwhile: of a policy that is taken out of force nothing is left open.
    await decideAsk(
      scope.db,
      before.askedId,
      before.askedBy === person ? 'withdrawn' : 'declined',
      person,
      scope.now,
    )
  }
  const after = await change(scope, before, {
    mode,
    evaluateUntil: evaluatedUntil(scope, mode, days),
    ...(mode === 'draft' && { versionInForce: null }),
  })
  scope.record({ before: told(before), after: told(after), detail: { reason } })
  return detailOf(scope, policyId)
}

let apart: CedarEngine | undefined

/**
 * Refuses what would leave no administrator able to manage roles, grants and policies. Asked of an engine apart from the
 * one that decides; two approvals at a time wait for each other, for together they could do what neither does alone.
 */
async function demandNoLockOut(
  scope: Scope,
  { id, name }: PolicyRow,
  version: number,
  text: string,
): Promise<void> {
  // Nor may an administrator go meanwhile on whom the others' being locked out does not depend yet.
  await queueForAdministrators(scope.db)
  const others = (await policiesInForce(scope.db)).filter(
    (policy) => policy.mode === 'enforce' && policy.id !== id,
  )
  const people = await Promise.all(
    (await administrators(scope.db)).map((person) => loadActor(scope.db, person)),
  )
  const policies = (apart ??= createCedar()).prepare([
    ...others,
    { id, name, version, mode: 'enforce', text },
  ])
  const decider = createDecider({ policies })
  const decide: DecideFor = (actor, action, resource, facts) =>
    decider.decide({ actor, action, resource, facts })
  const refused = lockedOut(decide, {
    administrators: people.flatMap((person) => person ?? []),
    policyId: id,
    now: scope.now,
    ip: scope.request.ip,
  })
  if (refused.length === 0) return
  throw problem(
    'conflict',
    `Enforcing this would lock every administrator out of ${refused.join(', ')}: nobody could ever undo it. Narrow the policy first.`,
    { permission: refused.join(' ') },
  )
}
