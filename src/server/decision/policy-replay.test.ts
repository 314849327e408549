import { describe, expect, test } from 'vitest'
import type { PolicyFacts } from '../../contract/policy-facts.ts'
import { canonical, createReplay } from './policy-replay.ts'
import type { PolicyInForce } from './policy-judge.ts'
import { countUses } from './statements.ts'

const facts = (given: Partial<Extract<PolicyFacts, { kind: 'run' }>> = {}): PolicyFacts => ({
  kind: 'run',
  at: '2026-11-25T12:00:00.000Z',
  workload: { id: 'w', name: 'w' },
  context: { id: 'c', name: 'prod' },
  provider: 'circleci',
  fromFork: false,
  sshRerun: false,
  branch: 'main',
  ip: '192.0.2.1',
  ...given,
})
const use = 'forbid (principal, action == Sallyport::Action::"context:use", resource)'
const policy = (id: string, clause: string): PolicyInForce => ({
  id,
  name: id,
  version: 1,
  mode: 'enforce',
  text: `@reason("${id}")\n${use} when { ${clause} };`,
})

describe('equal facts are told by what the policies can read', () => {
  const one = facts()
  const later = facts({ at: '2026-11-26T13:30:00.000Z', ip: '198.51.100.1' })
  test.each([
    ['context.fromFork', true],
    ['context has branch && context.branch == "now"', false],
    ['context.weekday > 5', false],
    ['context has ip && context.ip.isLoopback()', false],
    // Members named by strings, or the whole record: anything may be read.
    ['context has "n\\u{6f}w"', false],
    ['context == {}', false],
    ['resource == Sallyport::Context::"context"', true],
  ])('%s: the same is %s', (clause, same) => {
    const key = canonical([policy('a', clause).text])
    expect(key(one) === key(later)).toBe(same)
  })
})

describe('both sets are told by what differs, then by what they share', () => {
  test('what the shared part forbids is turned by nothing', () => {
    const shared = policy('shared', 'context.fromFork')
    const added = policy('added', 'context has branch && context.branch == "main"')
    const replay = createReplay([shared], [shared, added])
    expect(replay.ask(facts())).toMatchObject({
      newlyDenied: true,
      before: { verdict: 'not_asked' },
      after: { verdict: 'denied', because: [{ id: 'added' }] },
      sentence: expect.stringContaining('added'),
    })
    expect(replay.ask(facts({ fromFork: true }))).toBeUndefined()
    expect(replay.ask(facts({ branch: 'other' }))).toBeUndefined()
    const back = createReplay([shared, added], [shared])
    expect(back.ask(facts())).toMatchObject({ newlyDenied: false })
    expect(back.ask(facts({ fromFork: true }))).toBeUndefined()
  })

  test('an error denies, in either set (P18)', () => {
    const errs = policy('errs', 'context.tag == "v1"')
    expect(createReplay([], [errs]).ask(facts())).toMatchObject({
      newlyDenied: true,
      after: { verdict: 'error' },
    })
    expect(createReplay([errs], []).ask(facts())).toMatchObject({ newlyDenied: false })
    expect(createReplay([errs], [policy('errs', 'true')]).ask(facts())).toBeUndefined()
  })
})

test('each forbid is counted: what it applies to by its scope, and what it denies', () => {
  const here = use.replace('resource)', 'resource == Sallyport::Context::"c")')
  const two: PolicyInForce = {
    ...policy('two', 'true'),
    text: `@reason("first")\n${use} when { context.fromFork };\n@reason("second")\n${here};\npermit (principal, action, resource);`,
  }
  const count = countUses([two, policy('never', 'context has tag && context.tag == "no"')])
  for (let at = 0; at < 3; at++) count.ask(facts())
  count.ask(facts({ fromFork: true }))
  count.ask(facts({ context: { id: 'other', name: 'other' } }))
  expect(count.uses()).toEqual([
    { policyId: 'two', number: 0, reason: 'first', applies: 5, denies: 1 },
    { policyId: 'two', number: 1, reason: 'second', applies: 4, denies: 4 },
    { policyId: 'never', number: 0, reason: 'never', applies: 5, denies: 0 },
  ])
})
