import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { OperationId } from '../../contract/index.ts'
import { changing, openChanges, sendChange, stateOf } from '../testing/changes.ts'
import { openWorld, type World } from '../testing/world.ts'

/*
 * Nothing is overwritten or taken away by somebody who has not seen it (P43): asked of every operation of the contract
 * that changes something, so that one added tomorrow either names the version it was looked at or stands here.
 */

/** Operations that need no version, each with the reason. */
const unversioned: Partial<Record<OperationId, string>> = {
  'apiTokens.create': 'makes something new',
  'apiTokens.revoke': 'an ending: whatever else was changed, it is to end',
  'auditViews.create': 'makes something new',
  'contexts.create': 'makes something new',
  'contexts.store': 'adds a version from outside; earlier ones stay, and rollback brings them back',
  'contexts.refer': 'adds a version, as store does',
  'contexts.importSecrets': 'adds versions, as store does',
  'contexts.restrict': 'adds a restriction; the same one twice is refused',
  'grants.create': 'makes something new',
  'findings.muteMany': 'sets several to the same, whatever each was: all of them, or none',
  'grants.revokeMany': 'endings, of a leaver for instance: must not fail since one of them moved',
  'issuers.create': 'makes something new',
  'leases.revoke': 'an ending: whatever else was changed, it is to end',
  'leases.revokeMany':
    'endings, of what a leak may have reached: must not fail since one of them moved',
  'federation.rotate': 'adds a key; the old ones stay published',
  'vaults.create': 'makes something new',
  'trustRules.create': 'makes something new',
  'people.import': 'adds people and memberships; what it changes is previewed',
  'pipelines.check': 'makes something new',
  'policies.create': 'makes something new',
  'policyTests.create': 'makes something new',
  'policyTests.fromDecision': 'makes something new',
  'projects.create': 'makes something new',
  'exceptions.create': 'makes something new',
  'requests.create': 'makes something new',
  'reviews.create': 'makes something new',
  'reviews.decideMany': 'names the version of each line in its body',
  'roles.create': 'makes something new',
  'segments.create': 'makes something new',
  'sessions.start': 'makes something new',
  'sessions.revoke': 'an ending: whatever else was changed, it is to end',
  'sessions.revokeAll': 'an ending: whatever else was changed, they are to end',
}

let world: World
let changes: Awaited<ReturnType<typeof openChanges>>
beforeAll(async () => {
  world = await openWorld()
  changes = await openChanges(world)
})
afterAll(() => world.close())

const versioned = changing.filter(({ spec }) => spec.ifMatch)

test('every change names the version it was looked at, or says why it need not', () => {
  const without = changing.filter(({ spec }) => !spec.ifMatch).map(({ id }) => id)
  expect(without.toSorted()).toEqual(Object.keys(unversioned).toSorted())
  expect(versioned.length).toBeGreaterThan(20)
})

/** What `If-Match` may not be: no version, a weak one (RFC 9110 §13.1.1 wants strong ones), any, several, malformed. */
const wrong = ['W/"1"', '*', '"1", "2"', '1', '"one"', '""', '"99999999999"', "'1'", '"-1"']

describe('without the version that there is now, nothing is done; of two who name it at once, one is told (P43)', () => {
  test.each(versioned.map(({ id }) => id))('%s', async (id) => {
    const change = await changes.ready(id)
    const { who, path, spec, body, version = 0 } = change
    const before = await stateOf(world.app.db)
    const missing = await who.send(path, { method: spec.method, ...(body && { body }) })
    expect(missing).toMatchObject({ status: 428, body: { code: 'version_required' } })
    for (const tag of [...wrong, `"${version + 1}"`, `W/"${version}"`]) {
      const sent = await sendChange(change, { headers: { 'if-match': tag } })
      expect([tag, sent]).toMatchObject([tag, { status: 412, body: { code: 'stale' } }])
    }
    expect(await stateOf(world.app.db)).toEqual(before)
    // The control, and two at once: the same request with the right version is done, and once.
    const sent = await Promise.all([sendChange(change), sendChange(change)])
    const statuses = sent.map(({ status }) => status)
    expect([statuses.filter((status) => status < 300).length, sent]).toEqual([1, sent])
    expect(await stateOf(world.app.db)).not.toEqual(before)
    // What the first took away is not there any more for the second.
    expect([404, 409, 412]).toContain(statuses.find((status) => status >= 300))
  })
})

test('the control: where no version is asked, both are done', async () => {
  const change = await changes.ready('contexts.store')
  const sent = await Promise.all([sendChange(change), sendChange(change)])
  expect(sent.map(({ status }) => status)).toEqual([200, 200])
})

test('two removals at once do not leave a context wider than either meant', async () => {
  const { ada } = changes
  const { id: contextId } = await ada.call('contexts.create', { name: 'skew' })
  for (const branch of ['main', 'release', 'hotfix']) {
    const expression = `pipeline.git.branch == "${branch}"`
    await ada.call('contexts.restrict', {
      contextId,
      restriction: { kind: 'expression', expression },
    })
  }
  const { items, version } = await ada.call('contexts.restrictions', { contextId })
  const remove = (at: number) =>
    ada
      .call(
        'contexts.removeRestriction',
        { contextId, restrictionId: items[at]?.id ?? '' },
        { version },
      )
      .then(
        () => 'removed',
        (error: { code: string }) => error.code,
      )
  expect((await Promise.all([remove(0), remove(1)])).toSorted()).toEqual(['removed', 'stale'])
  expect((await ada.call('contexts.restrictions', { contextId })).items).toHaveLength(2)
})
