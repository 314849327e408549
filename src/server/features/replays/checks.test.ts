import { afterAll, beforeAll, expect, test } from 'vitest'
import { openPast, type Past } from '../../testing/past.ts'

/* A rule about configs is asked about the checks that were made: which would have been stopped, and which no longer. */

let there: Past
let checks: Record<'latest' | 'pinned' | 'other', string>

const config = (image: string) => `version: 2.1
jobs:
  build: {docker: [{image: ${image}}], steps: [checkout]}
workflows: {main: {jobs: [build]}}
`
const noLatest = `@id("no-latest")
@reason("{raw} is not pinned to a tag")
forbid (principal, action == Sallyport::Action::"config:image", resource)
when { context.imageTag == "latest" };
`

beforeAll(async () => {
  there = await openPast()
  const { ada, projects } = there
  const [one, two] = projects
  const check = async (project: { id: string } | undefined, image: string) =>
    (
      await ada.call('pipelines.check', {
        project: project?.id ?? '',
        text: config(image),
        branch: 'main',
      })
    ).id ?? ''
  checks = {
    latest: await check(one, 'cimg/base:latest'),
    pinned: await check(one, 'cimg/base:2026.10.1'),
    other: await check(two, 'cimg/go:latest'),
  }
})
afterAll(() => there.close())

async function replay(changes: object[]) {
  const { id } = await there.ada.call('replays.create', { changes, action: 'pipeline:check' })
  await there.world.app.replays.settled()
  const done = await there.ada.call('replays.view', { replayId: id })
  const { items } = await there.ada.call('replays.changed', { replayId: id, limit: 50 })
  return {
    done,
    turned: items.map(({ decisionId, change }) => `${decisionId} ${change}`).toSorted(),
  }
}

test('a draft rule turns exactly the checks whose config breaks it; enforced and taken away, it turns them back', async () => {
  const { id: policyId } = await there.draft(noLatest)
  const { done, turned } = await replay([{ policyId }])
  expect(done).toMatchObject({ state: 'done', total: 3, newlyDenied: 2, newlyPermitted: 0 })
  const of = (change: string) =>
    [checks.latest, checks.other].map((id) => `${id} ${change}`).toSorted()
  expect(turned).toEqual(of('newly_denied'))
  const trace = await there.ada.call('replays.trace', {
    replayId: done.id,
    decisionId: checks.latest,
  })
  expect(trace.sentence).toContain('cimg/base:latest is not pinned to a tag')

  const enforced = await there.enforce(noLatest)
  const away = await replay([{ policyId: enforced.id, removed: true }])
  expect(away.turned).toEqual(of('newly_permitted'))
})

test('a change that does not speak of configs asks about none of them', async () => {
  const { id: policyId } = await there.draft(
    'forbid (principal, action == Sallyport::Action::"context:use", resource) when { context has tag };',
  )
  const { done, turned } = await replay([{ policyId }])
  expect(done).toMatchObject({ state: 'done', total: 3 })
  expect(turned).toEqual([])
})
