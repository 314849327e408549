import type { AnswerOf, InputOf } from '../../../contract/index.ts'
import type { Database, Db } from '../../db/connect.ts'
import { untilDone } from '../../db/transaction.ts'
import { z } from 'zod'
import { newId } from '../../db/new-id.ts'
import type { ResourceLoader } from '../../decision/types.ts'
import { problem } from '../../http/problem.ts'
import type { Scope } from '../../http/scope.ts'
import { organization } from '../../decision/organization.ts'
import { revokeTokensOfPerson } from '../api-tokens/service.ts'
import { grantFirstAdministrator } from '../grants/service.ts'
import { emit, sallyport } from '../../ledger/emit.ts'
import { demandPerson, signInPerson } from '../people/service.ts'
import { endOf, overOf, type SessionLimits } from './lifetime.ts'
import {
  endSession,
  endSessionsOf,
  findSession,
  findSignIn,
  takeExpired,
  writeExpired,
  type SessionRow,
} from './store.ts'

export { overOf } from './lifetime.ts'
export { findSignIn, touchSession } from './store.ts'

/** ASCII only, as the import wants it: a look-alike letter would make it another person's to the eye (P37). */
const Email = z.email().max(254)

export const sessionResource: ResourceLoader<Db> = async (db, id) => {
  const row = await findSession(db, id)
  return row && { kind: 'session', id, name: `${row.personName}'s session`, within: {} }
}

/**
 * The first request of a sign-in: the person is brought up to date from what the identity provider says of them and the
 * session begins. A sign-in whose session was revoked cannot begin another: its key stays the same until the provider's
 * own session has ended.
 */
export async function startSession(scope: Scope) {
  const { identity, request, now, db } = scope
  if (!identity) {
    throw problem('session_required', 'Only a person who signed in can begin a session.')
  }
  if (!identity.email) {
    throw problem(
      'forbidden',
      'Your identity provider does not say which e-mail is yours. It must put `email` into access tokens for this API.',
    )
  }
  if (!Email.safeParse(identity.email).success) {
    throw problem('forbidden', 'What your identity provider conveys as your e-mail is none.')
  }
  const { issuer, subject, email, emailVerified, name, groups } = identity
  const known = await findSignIn(db, issuer, identity.sessionKey)
  const over = known && overOf(known, scope.config.session, now)
  if (over) throw over
  const signedIn = await signInPerson(scope, {
    issuer,
    subject,
    email,
    ...(emailVerified !== undefined && { emailVerified }),
    ...(name && { name }),
    ...(groups && { groups }),
  })
  const { person } = signedIn
  // The same sid for another person would hand one's session to the other.
  if (known && known.personId !== person.id) {
    throw problem('session_revoked', 'Somebody else signed in with this session. Sign in again.')
  }
  const admin = await grantFirstAdministrator(
    db,
    {
      personId: person.id,
      email,
      ...(emailVerified !== undefined && { emailVerified }),
      ...(groups && { groups }),
    },
    scope.config.admin,
  )
  const how = {
    authenticatedAt: identity.authenticatedAt ?? null,
    acr: identity.acr ?? null,
    amr: [...(identity.amr ?? [])],
  }
  const id = known?.id ?? newId()
  if (known) {
    await db.updateTable('session').set(how).where('id', '=', id).execute()
  } else {
    await db
      .insertInto('session')
      .values({
        id,
        personId: person.id,
        issuer,
        sessionKey: identity.sessionKey,
        client: identity.clientId ?? 'console',
        ip: request.ip,
        userAgent: request.userAgent.slice(0, 400),
        jkt: identity.jkt ?? null,
        startedAt: now,
        ...how,
      })
      .execute()
  }
  scope.record({
    resource: { kind: 'session', id, name: `${person.name}'s session` },
    detail: {
      person: person.name,
      how: signedIn.how,
      again: known !== undefined,
      ...(signedIn.joined.length > 0 && { joined: signedIn.joined }),
      ...(signedIn.left.length > 0 && { left: signedIn.left }),
      ...(signedIn.kept && { kept: [signedIn.kept.name] }),
      ...(admin && { firstAdministrator: admin }),
    },
  })
  if (signedIn.kept) {
    const { id: teamId, name: team } = signedIn.kept
    scope.also(
      'teams.keepAdministrator',
      { resource: { kind: 'team', id: teamId, name: team }, detail: { person: person.name } },
      {
        outcome: 'denied',
        sentence: `The identity provider no longer lists ${person.name} in ${team}, but ${person.name} is the last administrator: the membership stays until somebody else holds Security admin.`,
      },
    )
  }
  return { id, person: { id: person.id, name: person.name } }
}

/** Who may not end it is not told that it is there. */
export async function revokeSession(scope: Scope, id: string): Promise<SessionRow> {
  const row = await findSession(scope.db, id)
  const own = row !== undefined && row.personId === scope.actor.personId
  if (!row || (!own && scope.decide('session:view', organization).outcome === 'denied')) {
    throw problem('not_found', 'There is no such session.')
  }
  if (!own) scope.demand('session:revoke', organization)
  const reason = reasonOf(own)
  await endSession(scope.db, id, scope.actor.personId ?? null, reason, scope.now)
  scope.record({
    resource: { kind: 'session', id, name: `${row.personName}'s session` },
    before: { ended: row.endedAt !== null },
    after: { ended: true, reason },
  })
  return (await findSession(scope.db, id)) ?? row
}

const reasonOf = (own: boolean) => (own ? 'ended by its owner' : 'revoked by an administrator')

/** Ends the live sessions of a person, but one, each with its event; answers how many. */
export async function endSessionsOfPerson(
  scope: Scope,
  person: { id: string; name: string },
  reason: string,
  but?: string,
): Promise<number> {
  const { db, actor, now } = scope
  const by = actor.personId ?? null
  const ended = await endSessionsOf(db, person.id, by, reason, now, but)
  for (const id of ended) {
    scope.also('sessions.revoke', {
      resource: { kind: 'session', id, name: `${person.name}'s session` },
      after: { ended: true, reason },
    })
  }
  return ended.length
}

/**
 * Cuts a person off wherever they are signed in, and what they made to act for them where that is asked for; spared is what
 * asks. Whoever may not learns of nobody.
 */
export async function revokeSessions(
  scope: Scope,
  { person: personId, apiTokens }: InputOf<'sessions.revokeAll'>,
): Promise<AnswerOf<'sessions.revokeAll'>> {
  const own = personId === scope.actor.personId
  if (!own) {
    scope.demand('session:view', organization)
    scope.demand('session:revoke', organization)
    if (apiTokens) scope.demand('apiToken:revoke', organization)
  }
  const person = await demandPerson(scope.db, personId)
  const { sessionId, tokenId } = scope.actor
  const ended = {
    sessions: await endSessionsOfPerson(scope, person, reasonOf(own), sessionId),
    apiTokens: apiTokens ? await revokeTokensOfPerson(scope, person, reasonOf(own), tokenId) : 0,
  }
  scope.record({ resource: { kind: 'person', id: person.id, name: person.name }, detail: ended })
  return ended
}

/**
 * Writes down, each with its event, which sessions have ended by themselves. They are refused from that moment on whether
 * this has run or not; it makes the record say so, and a longer limit bring none of them back.
 */
export async function expireSessions(db: Database, limits: SessionLimits): Promise<void> {
  await untilDone(db, async (tx, transaction) => {
    const rows = await takeExpired(tx, limits, transaction.now)
    for (const row of rows) {
      const end = endOf(row, limits)
      await writeExpired(tx, row.id, end)
      emit(transaction, {
        actor: sallyport,
        action: 'sessions.expire',
        outcome: 'permitted',
        resource: { kind: 'session', id: row.id, name: `${row.personName}'s session` },
        after: { ended: true, reason: end.reason },
      })
    }
    return rows.length > 0
  })
}
