import type { Config } from './config.ts'
import { loadActor } from './decision/load-actor.ts'
import { findLiveToken, narrowedGrants } from './features/api-tokens/service.ts'
import { findSignIn, overOf } from './features/sessions/service.ts'
import { anonymous, type Doorkeeper } from './http/enter.ts'
import { problem } from './http/problem.ts'

/** Sessions and API tokens as the door asks for them. */
export const keeperOf = (limits: Config['session']): Doorkeeper => ({
  async session(transaction, { issuer, sessionKey, subject, authenticatedAt, acr }) {
    const { planned } = transaction
    const found = await findSignIn(planned, issuer, sessionKey)
    if (!found) return undefined
    const { id, personId, personName } = found
    const session = {
      sessionId: id,
      issuer,
      subject,
      // The token's, not the session's: a confirmation brings a newer token (RFC 9470 §6).
      ...(authenticatedAt && { authenticatedAt }),
      ...(acr && { acr }),
    }
    const over = overOf(found, limits, transaction.now)
    const actor = over ? undefined : await loadActor(planned, personId, session)
    if (actor) return { actor }
    const gone = { ...anonymous, kind: 'person' as const, id: personId, personId, name: personName }
    const left = 'You are marked as having left. An administrator can mark you as returned.'
    return { actor: { ...gone, ...session }, over: over ?? problem('session_revoked', left) }
  },
  async token({ planned, now }, hash) {
    const token = await findLiveToken(planned, hash, now)
    const maker = token && (await loadActor(planned, token.personId))
    if (!token || !maker) return undefined
    return {
      ...maker,
      kind: 'token',
      id: token.id,
      name: `${token.name} (${maker.name})`,
      tokenId: token.id,
      allowSensitive: token.allowSensitive,
      grants: narrowedGrants(maker.grants, token.permissions),
    }
  },
})
