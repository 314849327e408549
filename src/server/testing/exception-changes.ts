import type { Recipe } from './changes.ts'
import { refusedRun } from './refused-run.ts'
import type { World, WorldPerson } from './world.ts'

interface Named {
  readonly id: string
  readonly name: string
}

interface Parts {
  readonly world: World
  readonly ada: WorldPerson
  readonly ben: WorldPerson
  readonly project: () => Promise<Named>
  readonly context: () => Promise<Named>
}

/** Examples of every change of exceptions: Ben asks, Ada decides. */
export function exceptionChanges({ world, ada, ben, project, context }: Parts) {
  const body = async () => {
    const at = await context()
    const decisionId = await refusedRun(world, await project(), at)
    return { contextId: at.id, given: { decisionId, minutes: 60, reason: 'for a test' } }
  }
  const asked = async () => {
    const { contextId, given } = await body()
    const { id: exceptionId, version } = await ben.call('exceptions.create', given)
    return { at: { contextId, exceptionId }, version }
  }
  const approved = async () => {
    const { at, version } = await asked()
    const now = await ada.call('exceptions.approve', { ...at, reason: '' }, { version })
    return { at, version: now.version }
  }
  const recipes: Readonly<Record<string, () => Promise<Recipe>>> = {
    'exceptions.create': async () => ({ who: ben, body: (await body()).given }),
    'exceptions.approve': async () => ({ ...(await asked()), who: ada, body: { reason: '' } }),
    'exceptions.deny': async () => ({ ...(await asked()), who: ada, body: { reason: 'no' } }),
    'exceptions.end': async () => ({ ...(await approved()), who: ada, body: {} }),
    'exceptions.withdraw': async () => {
      const { at, version } = await asked()
      return { at: { exceptionId: at.exceptionId }, version, who: ben, body: {} }
    },
  }
  return recipes
}
