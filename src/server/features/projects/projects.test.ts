import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { openWorld, type World, type WorldPerson } from '../../testing/world.ts'
import { unique } from '../../testing/unique.ts'

let world: World
let ada: WorldPerson

beforeAll(async () => {
  world = await openWorld()
  ada = await world.as('ada')
})
afterAll(() => world.close())

const segment = () =>
  ada.call('segments.create', {
    name: unique('segment'),
    tier: 'production',
    runnerClasses: ['self-hosted/production'],
  })
const project = (segmentId: string, name = unique('shop')) =>
  ada.call('projects.create', {
    name,
    slug: `acme/${name}`,
    provider: 'github',
    repository: `github.com/acme/${name}`,
    segmentId,
  })

describe('projects', () => {
  test('remember what they were called, and are found under it', async () => {
    const { id: segmentId } = await segment()
    const old = unique('old')
    const made = await project(segmentId, old)
    const name = unique('new')
    const renamed = await ada.call('projects.update', { projectId: made.id, name }, { version: 1 })
    expect(renamed).toMatchObject({ name, renamedFrom: old, version: 2 })
    const { items } = await ada.call('projects.list', { q: old })
    expect(items.map(({ id }) => id)).toEqual([made.id])
  })

  test('are seen and changed only where a grant holds', async () => {
    const [here, there] = [await segment(), await segment()]
    const [mine, theirs] = [await project(here.id), await project(there.id)]
    const lee = await world.as(unique('lee'))
    await world.grant(lee, 'teamLead', { kind: 'segment', id: here.id, name: here.name })
    const { items } = await lee.call('projects.list', {})
    expect(items.map(({ id }) => id)).toEqual([mine.id])
    await expect(lee.call('projects.view', { projectId: theirs.id })).rejects.toMatchObject({
      code: 'not_found',
    })
    const move = lee.call(
      'projects.update',
      { projectId: mine.id, segmentId: there.id },
      { version: 1 },
    )
    await expect(move).rejects.toMatchObject({ code: 'invalid_input' })
    expect((await lee.call('segments.list', {})).items.map(({ id }) => id)).toEqual([here.id])
  })

  test('reach the contexts whose every kind of restriction names them', async () => {
    const { id: segmentId } = await segment()
    const [mine, other] = [await project(segmentId), await project(segmentId)]
    const restricted = async (targets: { kind: 'project' | 'segment'; targetId: string }[]) => {
      const context = await ada.call('contexts.create', { name: unique('context') })
      for (const restriction of targets) {
        await ada.call('contexts.restrict', { contextId: context.id, restriction })
      }
      return context.id
    }
    const direct = await restricted([{ kind: 'project', targetId: mine.id }])
    const both = await restricted([
      { kind: 'project', targetId: mine.id },
      { kind: 'segment', targetId: segmentId },
    ])
    await restricted([
      { kind: 'project', targetId: other.id },
      { kind: 'segment', targetId: segmentId },
    ])
    await restricted([])
    const { items } = await ada.call('projects.contexts', { projectId: mine.id })
    expect(items.map(({ context }) => context.id).toSorted()).toEqual([direct, both].toSorted())
    const remove = ada.call('projects.remove', { projectId: mine.id }, { version: 1 })
    await expect(remove).rejects.toMatchObject({ code: 'in_use' })
  })
})
