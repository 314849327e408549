import { afterAll, describe, expect, test } from 'vitest'
import { permissions } from '../../../contract/permissions.ts'
import { createCedar } from '../../decision/cedar.ts'
import { createDecider } from '../../decision/decide.ts'
import { decideConfig } from '../../decision/decide-config.ts'
import { createDraftHost } from '../../decision/draft-host.ts'
import type { RunFacts } from '../../decision/run-facts.ts'
import type { Actor, Resource } from '../../decision/types.ts'
import { readConfig } from '../../pipelines/read-config.ts'
import { starterLibrary, type StarterExample } from './starter-library.ts'

const host = createDraftHost({ timeoutMs: 30_000 })
afterAll(() => host.close())
const engine = createCedar()
const organization: Resource = {
  kind: 'organization',
  id: 'organization',
  name: 'organization',
  within: {},
}
const context: Resource = { kind: 'context', id: 'c', name: 'prod', within: { context: 'c' } }

function outcomeOf(text: string, example: StarterExample) {
  const now = new Date(example.at ?? '2026-11-25T12:00:00Z')
  const policies = text ? [{ id: 'x', name: 'x', version: 1, mode: 'enforce', text } as const] : []
  if (example.config) {
    const project = { id: 'p', slug: 'gh/meridian/payments', provider: example.config.provider }
    const facts = readConfig({ ...example.config, defaultBranch: 'main' })
    const run = { now, branch: 'main', fromFork: false, sshRerun: false }
    const judge = engine.prepare(policies)
    const { status } = decideConfig(judge, { project, path: 'config.yml' }, facts, run)
    return status === 'PASS' ? 'permitted' : 'denied'
  }
  const decider = createDecider({ policies: engine.prepare(policies) })
  const consoleAction = example.action ?? (text.includes('"change"') ? 'context:update' : undefined)
  if (!consoleAction) {
    const run: RunFacts = {
      now,
      project: { id: 'p', name: 'payments' },
      provider: 'circleci',
      fromFork: false,
      sshRerun: false,
      ...example.run,
    }
    const workload: Actor = { kind: 'workload', id: 'w', name: 'w', teams: [], grants: [] }
    const target = { id: 'p', name: 'payments' }
    return decider.use(workload, {
      context,
      run,
      restrictions: [{ id: 'r', kind: 'project', target }],
    }).outcome
  }
  const { signedInMinutesAgo } = example
  const actor: Actor = {
    kind: example.client ?? 'person',
    id: 'p',
    name: 'Ada',
    teams: [],
    ...(signedInMinutesAgo !== undefined && {
      authenticatedAt: new Date(now.getTime() - signedInMinutesAgo * 60_000),
    }),
    grants: [
      {
        id: 'g',
        roleId: 'r',
        roleName: 'Security admin',
        permissions: new Set(permissions),
        scope: { kind: 'organization', name: 'organization' },
        via: { kind: 'person', id: 'p', name: 'Ada' },
      },
    ],
  }
  return decider.decide({
    actor,
    action: consoleAction,
    resource: organization,
    facts: { now, ...(example.ip && { ip: example.ip }) },
  }).outcome
}

test('there are at least a dozen, each with an example of both outcomes', () => {
  expect(starterLibrary.length).toBeGreaterThanOrEqual(12)
  expect(new Set(starterLibrary.map(({ id }) => id)).size).toBe(starterLibrary.length)
  for (const { examples } of starterLibrary) {
    expect(new Set(examples.map(({ outcome }) => outcome)).size).toBe(2)
  }
})

describe.each(starterLibrary)('$name', ({ text, examples }) => {
  test('validates without a warning', async () => {
    expect(await host.check(text)).toMatchObject({ problems: [], valid: true })
  })
  test.each(examples)('$says: $outcome', (example) => {
    expect(outcomeOf(text, example)).toBe(example.outcome)
  })
  test('negative control: without it, everything in its examples is permitted', () => {
    const bare = examples.map((example) =>
      outcomeOf(
        '',
        text.includes('context:use') ? example : { action: 'context:update', ...example },
      ),
    )
    expect(new Set(bare)).toEqual(new Set(['permitted']))
  })
})
