import { spawnSync } from 'node:child_process'
import { createRequire } from 'node:module'
import type * as CedarModule from '@cedar-policy/cedar-wasm/nodejs'
import { describe, expect, test } from 'vitest'
import { policyActions } from '../../contract/config-actions.ts'
import { permissions } from '../../contract/permissions.ts'
import { createCedar, schemaText } from './cedar.ts'
import { createDecider, permissionsOn } from './decide.ts'
import type { PolicyInForce } from './policy-judge.ts'
import { brokenLimit, fromBytes } from '../../contract/policy-limits.ts'
import type { RunFacts } from './run-facts.ts'
import type { Actor, Resource } from './types.ts'

const cedar = createRequire(import.meta.url)(
  '@cedar-policy/cedar-wasm/nodejs',
) as typeof CedarModule
const ada: Actor = {
  kind: 'person',
  id: 'p1',
  name: 'Ada',
  email: 'ada@example.test',
  teams: [{ id: 't1', name: 'Platform', lead: false }],
  grants: [
    {
      id: 'g',
      roleId: 'r',
      roleName: 'Security admin',
      permissions: new Set(permissions),
      scope: { kind: 'organization', name: 'organization' },
      via: { kind: 'person', id: 'p1', name: 'Ada' },
    },
  ],
}
const context: Resource = {
  kind: 'context',
  id: 'c1',
  name: 'prod',
  within: { context: 'c1', segment: 's1' },
}
const noon = new Date('2026-11-23T12:00:00Z')
const policy = (text: string, mode: PolicyInForce['mode'] = 'enforce', id = 'x') => ({
  id,
  name: id,
  version: 3,
  mode,
  text,
})
const engine = createCedar()
const under = (...policies: PolicyInForce[]) =>
  createDecider({ policies: engine.prepare(policies) }).decide({
    actor: ada,
    action: 'context:delete',
    resource: context,
    facts: { now: noon, ip: '10.0.0.9' },
  })
const forbid = (when: string) =>
  `forbid (principal, action == Sallyport::Action::"context:delete", resource) when { ${when} };`

test('the schema has exactly the actions of the contract: permissions, and parts of configs', () => {
  const parsed = cedar.schemaToJson(schemaText)
  if (parsed.type === 'failure') throw new Error(parsed.errors[0]?.message)
  const actions = Object.keys(parsed.json['Sallyport']?.actions ?? {})
  expect(actions.filter((id) => id.includes(':')).sort()).toEqual([...policyActions].sort())
})

test.each(permissions.filter((action) => action !== 'context:use'))(
  '%s can be asked on its own kind and on the organization',
  (action) => {
    const text = 'forbid (principal, action, resource) when { resource.name == "never" };'
    const decider = createDecider({ policies: engine.prepare([policy(text)]) })
    const noun = action.split(':')[0] ?? ''
    // What has no objects of its own is the organization's, or its projects'.
    const own: Readonly<Record<string, string>> = {
      overview: 'organization',
      federation: 'organization',
      compliance: 'organization',
      'request:configure': 'organization',
      pipeline: 'project',
    }
    const kind = (own[action] ?? own[noun] ?? noun) as Resource['kind']
    for (const resource of [
      { ...context, kind, id: 'o1' },
      { kind: 'organization' as const, id: 'o', name: 'organization', within: {} },
    ]) {
      expect(decider.decide({ actor: ada, action, resource, facts: { now: noon } })).toMatchObject({
        outcome: 'permitted',
      })
    }
  },
)

describe('policies narrow what grants permit', () => {
  test('a forbid denies, with its reason; one that does not apply leaves things as they are', () => {
    const denied = under(policy(`@reason("no deleting at noon") ${forbid('context.weekday == 1')}`))
    expect(denied).toMatchObject({
      outcome: 'denied',
      policies: [{ id: 'x', version: 3, mode: 'enforce' }],
    })
    expect(denied.sentence).toContain('no deleting at noon')
    expect(under(policy(forbid('context.weekday == 2'))).outcome).toBe('permitted')
  })
  test('a group of actions, a team, an address and a segment are known', () => {
    const all = `forbid (principal in Sallyport::Team::"t1", action in Sallyport::Action::"change",
      resource in Sallyport::Segment::"s1") when { context has ip && context.ip.isInRange(ip("10.0.0.0/8")) };`
    expect(under(policy(all)).outcome).toBe('denied')
  })
  test('a permit permits nothing that a forbid takes', () => {
    const permit = 'permit (principal, action, resource);'
    expect(under(policy(permit, 'enforce', 'y'), policy(forbid('true'))).outcome).toBe('denied')
  })
  test('in evaluate mode it only says so', () => {
    expect(under(policy(forbid('true'), 'evaluate'))).toMatchObject({
      outcome: 'permitted',
      wouldDeny: true,
    })
  })
  test('several sets prepared from one engine do not mix', () => {
    const one = createDecider({ policies: engine.prepare([policy(forbid('true'))]) })
    const two = createDecider({ policies: engine.prepare([policy(forbid('false'))]) })
    const ask = (decider: typeof one) =>
      decider.decide({
        actor: ada,
        action: 'context:delete',
        resource: context,
        facts: { now: noon },
      }).outcome
    expect([ask(one), ask(two), ask(one)]).toEqual(['denied', 'permitted', 'denied'])
  })
})

describe('what one may do with each row of a list', () => {
  const facts = { now: noon, ip: '10.0.0.9' }
  const at = (id: string, segment?: string): Resource => ({
    kind: 'context',
    id,
    name: `context ${id}`,
    within: { context: id, ...(segment && { segment }) },
  })
  const rows = [context, at('c2', 's1'), at('c3', 's2'), at('c4'), { ...context, id: 'c5' }]
  const to = (scope: string, conditions = '') =>
    `forbid (principal, action in [Sallyport::Action::"context:delete", Sallyport::Action::"secret:store"], ${scope}) ${conditions};`
  /** Every row's answer by one decider, and how often the engine was asked for them. */
  const list = (text: string) => {
    let asked = 0
    const judge = engine.prepare([policy(text)])
    const decider = createDecider({
      policies: {
        ...judge,
        judge(mode, question) {
          asked++
          return judge.judge(mode, question)
        },
      },
    })
    const allowed = rows.map((row) => decider.allowed(ada, row, facts))
    return { allowed, asked, decider }
  }

  test.each([
    ['of one', to('resource == Sallyport::Context::"c1"')],
    ['of a place', to('resource in Sallyport::Segment::"s1"')],
    ['of a kind in a place', to('resource is Sallyport::Context in Sallyport::Segment::"s2"')],
    ['by its name', to('resource', 'when { resource has name && resource.name == "context c2" }')],
    ['by what it brings with it', to('resource', 'when { Sallyport::Segment::"s1" has name }')],
    ['by where it lies', to('resource', 'unless { resource in Sallyport::Segment::"s2" }')],
    [
      'by where it lies, within',
      to(
        'resource',
        'when { if principal == resource then true else resource in Sallyport::Segment::"s1" }',
      ),
    ],
  ])('%s: each is told what a decision on it would be', (_, text) => {
    const { allowed, decider } = list(text)
    const decided = rows.map((resource) =>
      permissionsOn('context').filter(
        (action) => decider.decide({ actor: ada, action, resource, facts }).outcome === 'permitted',
      ),
    )
    expect(allowed).toEqual(decided)
    expect(new Set(allowed.map(({ length }) => length)).size, 'it turns on the row').toBe(2)
  })

  test.each([
    ['on nothing', to('resource'), false],
    ['on the kind', to('resource is Sallyport::Context'), false],
    ['on another kind', to('resource is Sallyport::Segment'), true],
    ['on who asks', to('resource', 'when { principal.name == "Ben" }'), true],
    ['on a word', to('resource', 'when { principal.name == "{\\"Var\\":\\"resource\\"}" }'), true],
  ])('what turns %s is asked once for all of them', (_, text, may) => {
    const { allowed, asked } = list(text)
    expect(allowed.map((of) => of.includes('context:delete'))).toEqual(rows.map(() => may))
    expect(asked).toBe(2)
  })
})

describe('P18: an error never allows', () => {
  const erring = forbid('context.nothing.x == 1')
  test.each([
    ['a missing attribute in a forbid', erring],
    ['an overflow in a forbid', forbid('9223372036854775807 + context.weekday > 0')],
    ['an error in a permit', 'permit (principal, action, resource) when { context.nothing };'],
    ['text that is not Cedar', 'forbid (principal'],
    ['a template', 'forbid (principal == ?principal, action, resource);'],
  ])('%s', (_, text) => expect(under(policy(text)).outcome).toBe('denied'))
  test('an operator is told of each', () => {
    const heard: string[] = []
    const loud = createCedar((message) => heard.push(message))
    const ask = (text: string) =>
      createDecider({ policies: loud.prepare([policy(text)]) }).decide({
        actor: ada,
        action: 'context:delete',
        resource: context,
        facts: { now: noon, ip: '10.0.0.9' },
      }).outcome
    for (const text of [erring, 'forbid (principal']) expect(ask(text)).toBe('denied')
    expect(heard).toHaveLength(2)
    // The control: nothing is said of what is in order.
    expect(ask(forbid('false'))).toBe('permitted')
    expect(heard).toHaveLength(2)
  })
  test('negative control: the bare engine allows what the erring forbid should have stopped', () => {
    const answer = cedar.isAuthorized({
      principal: { type: 'P', id: '1' },
      action: { type: 'Action', id: 'a' },
      resource: { type: 'R', id: '1' },
      context: {},
      entities: [],
      policies: {
        staticPolicies: {
          base: 'permit (principal, action, resource);',
          f: 'forbid (principal, action, resource) when { context.nothing.x == 1 };',
        },
      },
    })
    expect(answer).toMatchObject({ response: { decision: 'allow' } })
  })
})

describe('P17: hostile text cannot disable the decision point', () => {
  const nested = [50, 1000, 100_000, 1_000_000].flatMap((depth) =>
    ['(', '[', '!(', '{a:', 'if ', '!', '-', 'context has '].map((form) => [form, depth] as const),
  )
  test.each(nested)('%s nested %d times', (form, depth) => {
    const closing = form.endsWith('(') ? ')' : form === '[' ? ']' : form === '{a:' ? '}' : ''
    const hostile = forbid(form.repeat(depth) + 'true' + closing.repeat(depth))
    under(policy(hostile))
    expect(under(policy(forbid('false'))).outcome).toBe('permitted')
    expect(under(policy(forbid('true'))).outcome).toBe('denied')
  })
  test.each(['&&', '||'])('a chain of 500 %s is refused before it is parsed', (operator) => {
    const chain = Array.from({ length: 500 }, () => 'true').join(` ${operator} `)
    expect(brokenLimit(forbid(chain))?.message).toContain('64')
    expect(under(policy(forbid(chain))).outcome).toBe('denied')
  })
  test('a chain of a mebibyte is refused, and the next is judged as ever', () => {
    const chain = `${'true && '.repeat(131_072)}true`
    expect(under(policy(forbid(chain))).outcome).toBe('denied')
    expect(under(policy(forbid('false'))).outcome).toBe('permitted')
  })
  test.each([9, 2_000, 100_000])(
    'facts nested %d deep deny, and the next is judged as ever',
    (depth) => {
      let deep: unknown = true
      for (let at = 0; at < depth; at++) deep = { deep }
      const ask = (facts: object) =>
        createDecider({
          policies: engine.prepare([policy(forbid('context.deep has deep'))]),
        }).decide({
          actor: ada,
          action: 'context:delete',
          resource: context,
          facts: { now: noon, ip: '10.0.0.9', ...facts },
        }).outcome
      expect(ask({ deep })).toBe('denied')
      expect(under(policy(forbid('false'))).outcome).toBe('permitted')
    },
  )
  test('negative control: the bare engine answers nothing any more after 150 brackets', () => {
    const script = `const cedar = require('@cedar-policy/cedar-wasm/nodejs')
      const ask = (when) => { try { return cedar.checkParsePolicySet({ staticPolicies:
        'permit (principal, action, resource) when { ' + when + ' };' }).type } catch { return 'trapped' } }
      console.log(JSON.stringify([ask('true'), ask('('.repeat(150) + 'true' + ')'.repeat(150)), ask('true')]))`
    const { stdout } = spawnSync(process.execPath, ['-e', script], { encoding: 'utf8' })
    expect(JSON.parse(stdout)).toEqual(['success', 'trapped', 'trapped'])
  })
  test('what ordinary policies need is within the limits', () => {
    expect(brokenLimit(forbid('["a", "b"].contains("(((") && (1 + 2) == 3'))).toBeUndefined()
  })
})

test('positions are turned from UTF-8 bytes into UTF-16 units', () => {
  expect(['é€😀x'].map((text) => fromBytes(text, 9))).toEqual([4])
})

test('runs are asked with their facts', () => {
  const run: RunFacts = {
    now: noon,
    project: { id: 'p', name: 'payments', segment: { id: 's', name: 'build' } },
    provider: 'circleci',
    fromFork: true,
    sshRerun: false,
    approvers: ['mia'],
    authors: ['mia'],
  }
  const workload: Actor = { kind: 'workload', id: 'w', name: 'w', teams: [], grants: [] }
  const restrictions = [
    { id: 'r', kind: 'project', target: { id: 'p', name: 'payments' } },
  ] as const
  const ask = (condition: string) =>
    createDecider({
      policies: engine.prepare([
        policy(
          `forbid (principal in Sallyport::Segment::"s", action == Sallyport::Action::"context:use", resource) when { ${condition} };`,
        ),
      ]),
    }).use(workload, { context, run, restrictions }).outcome
  expect(ask('context.fromFork')).toBe('denied')
  expect(ask('context.selfApproved')).toBe('denied')
  expect(ask('context.approvals > 1')).toBe('permitted')
})
