import type { Recipe } from './changes.ts'
import type { WorldPerson } from './world.ts'

interface Parts {
  readonly ada: WorldPerson
  readonly ben: WorldPerson
  readonly role: () => Promise<{ readonly id: string }>
}

/** Examples of every change of access reviews: of a role that somebody was just granted, reviewed by Ada. */
export function reviewChanges({ ada, ben, role }: Parts) {
  const body = async () => {
    const { id: scopeId } = await role()
    await ada.call('grants.create', {
      roleId: scopeId,
      subject: { kind: 'person', id: ben.id },
      scope: { kind: 'organization' },
      reason: 'for a test',
    })
    return {
      name: 'Every quarter',
      scope: { kind: 'role' as const, scopeId },
      reviewers: 'named' as const,
      people: [ada.id],
      fallback: [ben.id],
      dueAt: new Date(Date.now() + 86_400_000).toISOString(),
    }
  }
  const line = async () => {
    const { id: reviewId } = await ada.call('reviews.create', await body())
    const { items } = await ada.call('reviews.lines', { reviewId })
    const { id: lineId = '', version = 0 } = items[0] ?? {}
    return { at: { reviewId, lineId }, version }
  }
  const recipes: Readonly<Record<string, () => Promise<Recipe>>> = {
    'reviews.create': async () => ({ body: await body() }),
    'reviews.decide': async () => ({ ...(await line()), body: { decision: 'keep' } }),
    'reviews.decideMany': async () => {
      const { at, version } = await line()
      const lines = [{ lineId: at.lineId, version }]
      return { at, body: { lines, decision: 'revoke', justification: 'not needed' } }
    },
    'reviews.undo': async () => {
      const { at, version } = await line()
      const after = await ada.call('reviews.decide', { ...at, decision: 'keep' }, { version })
      return { at, version: after.version }
    },
    'reviews.cancel': async () => {
      const { id: reviewId, version } = await ada.call('reviews.create', await body())
      return { at: { reviewId }, version, body: { reason: 'of the wrong role' } }
    },
    'reviews.delegate': async () => ({
      ...(await line()),
      body: { to: ada.id },
    }),
  }
  return recipes
}
