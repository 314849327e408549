import type { Recipe } from './changes.ts'
import type { World, WorldPerson } from './world.ts'

interface Parts {
  readonly world: World
  readonly ada: WorldPerson
  readonly ben: { readonly id: string }
  readonly context: () => Promise<{ readonly id: string }>
}

/** Examples of every change of findings: a context that nobody restricted is always one. */
export function findingChanges({ world, ada, ben, context }: Parts) {
  const until = new Date(Date.now() + 86_400_000).toISOString()
  const finding = async () => {
    const { id } = await context()
    await world.app.ledger.settle()
    await world.app.findings.look()
    const { items } = await ada.call('findings.list', { context: id })
    return { at: { findingId: items[0]?.id ?? '' }, version: items[0]?.version ?? 0 }
  }
  const recipes: Readonly<Record<string, () => Promise<Recipe>>> = {
    'findings.mute': async () => ({ ...(await finding()), body: { reason: 'known', until } }),
    'findings.accept': async () => ({
      ...(await finding()),
      body: { reason: 'known', until, ownerId: ben.id },
    }),
    'findings.reopen': async () => {
      const { at, version } = await finding()
      const muted = await ada.call('findings.mute', { ...at, reason: 'x', until }, { version })
      return { at, version: muted.version, body: { reason: 'not so' } }
    },
    'findings.muteMany': async () => ({
      body: { findingIds: [(await finding()).at.findingId], reason: 'known', until },
    }),
  }
  return recipes
}
