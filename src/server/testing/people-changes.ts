import type { Recipe } from './changes.ts'
import type { WorldPerson } from './world.ts'

interface Parts {
  readonly ada: WorldPerson
  readonly grantee: () => Promise<{ readonly id: string }>
}

/** Examples of every change of people, each on somebody of its own. */
export function peopleChanges({ ada, grantee }: Parts) {
  let imported = 0
  const leaver = async () => {
    const { id: personId } = await grantee()
    const { version } = await ada.call('people.view', { personId })
    return ada.call('people.update', { personId, state: 'left' }, { version })
  }
  const recipes: Readonly<Record<string, () => Promise<Recipe>>> = {
    'people.update': async () => {
      const { id: personId } = await grantee()
      const { version } = await ada.call('people.view', { personId })
      return { at: { personId }, version, body: { state: 'left' } }
    },
    'people.erase': async () => {
      const { id: personId, version } = await leaver()
      return { at: { personId }, version, body: { reason: 'They asked for it' } }
    },
    'people.import': async () => ({
      body: { csv: `email,name\nimported-${(imported += 1)}@meridian.example,New Person\n` },
    }),
  }
  return recipes
}
