import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { countUsage } from './usage.ts'
import { noTags, openPast, past, use, type Past } from '../../testing/past.ts'

const { runs, all, isTag, turned } = past
const expected = all.filter(turned).length
let there: Past

beforeAll(async () => {
  there = await openPast()
})
afterAll(() => there.close())

describe('the second person sees what exactly the asked version would change', () => {
  test('it is worked out when it is asked for, told in the event, and asked for a reason where it opens', async () => {
    const policy = await there.enforce(noTags)
    const event = await there.world.lastEvent()
    expect(event).toMatchObject({
      action: 'policies.approveEnforcement',
      detail: { impact: { state: 'done', newlyDenied: expected, newlyPermitted: 0 } },
    })
    // The next version forbids less: that needs words from one of the two.
    const policyId = policy.id
    const next = await there.ada.call(
      'policies.update',
      { policyId, text: noTags.replace('context has tag', 'context has tag && false') },
      { version: policy.version },
    )
    const asked = await there.ada.call(
      'policies.askEnforcement',
      { policyId, policyVersion: 2 },
      { version: next.version },
    )
    await there.world.app.replays.settled()
    const replayId = asked.asked?.replayId ?? ''
    expect(await there.ben.call('replays.view', { replayId })).toMatchObject({
      state: 'done',
      newlyPermitted: expected,
      changes: [{ policyVersion: 2 }],
    })
    const version = asked.version
    await expect(
      there.ben.call('policies.approveEnforcement', { policyId }, { version }),
    ).rejects.toMatchObject({ code: 'reason_required' })
    await there.ben.call(
      'policies.approveEnforcement',
      { policyId, reason: 'Tags again' },
      { version },
    )
    expect(await there.world.lastEvent()).toMatchObject({
      detail: { reason: 'Tags again', impact: { replay: replayId, newlyPermitted: expected } },
    })
  })
})

describe('what each rule did in ninety days', () => {
  test('one that never fired, one that denies all it applies to, and one that applies to nothing', async () => {
    const here = `resource == Sallyport::Context::"${there.context.id}"`
    const tried = async (text: string) => {
      const { id: policyId } = await there.draft(text)
      await there.ada.call('policies.setMode', { policyId, mode: 'evaluate' }, { version: 1 })
      return policyId
    }
    const ids = {
      never: await tried(`${use} when { context has branch && context.branch == "nowhere" };`),
      all: await tried(`${use.replace('resource)', `${here})`)};`),
      some: await tried(
        `@reason("tagged")\n${use} when { context has tag };\n${use} when { false };`,
      ),
      nothing: await tried(use.replace('resource)', 'resource == Sallyport::Context::"gone");')),
    }
    await countUsage(there.world.app.db)
    const { items } = await there.ada.call('policies.list', { limit: 200 })
    const usage = (id: string) => items.find((policy) => policy.id === id)?.usage
    expect(usage(ids.never)).toMatchObject({ days: 90, applies: runs, denies: 0 })
    expect(usage(ids.all)).toMatchObject({ applies: runs, denies: runs })
    expect(usage(ids.nothing)).toMatchObject({ applies: 0, denies: 0 })
    // Also those runs that a restriction refused: policies are asked about every run.
    expect(usage(ids.some)).toMatchObject({
      statements: [
        { reason: 'tagged', applies: runs, denies: all.filter(isTag).length },
        { reason: null, applies: runs, denies: 0 },
      ],
    })
    // The counts are of every decision: not for who may see those of one project.
    const seen = await there.lin.call('policies.view', { policyId: ids.all })
    expect(seen.usage).toBeNull()
    // Another version in force has not been counted yet.
    const changed = await there.ada.call(
      'policies.update',
      { policyId: ids.all, text: noTags },
      { version: 2 },
    )
    await there.ada.call(
      'policies.setMode',
      { policyId: ids.all, mode: 'evaluate', policyVersion: 2 },
      { version: changed.version },
    )
    expect((await there.ada.call('policies.view', { policyId: ids.all })).usage).toBeNull()
  })

  test('a config that was checked counts once for each rule of its parts', async () => {
    const [project] = there.projects
    const lines = ['on: push', 'jobs:', '  a:', '    runs-on: ubuntu-24.04', '    steps:']
    const uses = (...pins: readonly string[]) =>
      [...lines, ...pins.map((pin) => `      - uses: actions/checkout@${pin}`), ''].join('\n')
    const tried = async (text: string) => {
      const { id: policyId } = await there.draft(text)
      await there.ada.call('policies.setMode', { policyId, mode: 'evaluate' }, { version: 1 })
      return policyId
    }
    const refs = 'forbid (principal, action == Sallyport::Action::"config:ref", resource)'
    const ids = {
      pinned: await tried(`${refs} when { context.pin != "sha" };`),
      images: await tried(
        'forbid (principal, action == Sallyport::Action::"config:image", resource);',
      ),
      elsewhere: await tried(
        refs.replace('principal,', 'principal == Sallyport::Project::"another",').concat(';'),
      ),
    }
    const sha = 'a1'.repeat(20)
    for (const text of [uses('main', 'main'), uses(sha), uses(sha)]) {
      const checked = await there.ada.send(
        `/api/v1/pipelines/check?provider=github&project=${project?.id}`,
        {
          method: 'POST',
          body: { text },
        },
      )
      expect(checked.status).toBe(200)
    }
    await countUsage(there.world.app.db)
    const { items } = await there.ada.call('policies.list', { limit: 200 })
    const usage = (id: string) => items.find((policy) => policy.id === id)?.usage
    expect(usage(ids.pinned)).toMatchObject({ applies: 3, denies: 1 })
    expect(usage(ids.images)).toMatchObject({ applies: 0, denies: 0 })
    expect(usage(ids.elsewhere)).toMatchObject({ applies: 0, denies: 0 })
  })
})
