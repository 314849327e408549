import type { Database, Db } from '../../db/connect.ts'
import { untilDone } from '../../db/transaction.ts'
import { z } from 'zod'
import { newId } from '../../db/new-id.ts'
import type { ResourceLoader } from '../../decision/types.ts'
import { problem } from '../../http/problem.ts'
import type { Scope } from '../../http/scope.ts'
import { organization } from '../../decision/organization.ts'
import { grantFirstAdministrator } from '../grants/service.ts'
import { emit, sallyport } from '../../ledger/emit.ts'
import { signInPerson } from '../people/service.ts'
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
  const reason = own ? 'ended by its owner' : 'revoked by an administrator'
  await endSession(scope.db, id, scope.actor.personId ?? null, reason, scope.now)
  scope.record({
    resource: { kind: 'session', id, name: `${row.personName}'s session` },
    before: { ended: row.endedAt !== null },
    after: { ended: true, reason },
  })
  return (await findSession(scope.db, id)) ?? row
}

/** Ends the live sessions of somebody who goes, each with its event. */
export async function endSessionsOfPerson(
  scope: Scope,
  person: { id: string; name: string },
  reason: string,
): Promise<void> {
  const { db, actor, now } = scope
  for (const id of await endSessionsOf(db, person.id, actor.personId ?? null, reason, now)) {
    scope.also('sessions.revoke', {
      resource: { kind: 'session', id, name: `${person.name}'s session` },
      after: { ended: true, reason },
    })
  }
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
