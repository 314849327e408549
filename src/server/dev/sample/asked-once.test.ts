import { expect, test } from 'vitest'
import { createCedar } from '../../decision/cedar.ts'
import type { Judgement, PolicyInForce, PolicyJudge } from '../../decision/policy-judge.ts'
import type { RunFacts } from '../../decision/run-facts.ts'
import type { Actor, Resource } from '../../decision/types.ts'
import { starterLibrary } from '../../features/policies/starter-library.ts'
import { askedOnce } from './asked-once.ts'
import { createChance } from './chance.ts'

const policies = starterLibrary.map(({ id, name, text }, at): PolicyInForce => ({
  id,
  name,
  text,
  version: 1,
  mode: at % 2 === 0 ? 'enforce' : 'evaluate',
}))
const context: Resource = { kind: 'context', id: 'c', name: 'deploy', within: { context: 'c' } }
const actor = (id: string): Actor => ({ kind: 'workload', id, name: id, teams: [], grants: [] })

/** Runs of two weeks in which everything varies that a policy could read. */
function* runs(count: number): Generator<RunFacts> {
  const chance = createChance(7)
  for (let at = 0; at < count; at++) {
    yield {
      now: new Date(Date.UTC(2026, 11, 14) + chance.between(0, 14 * 86_400) * 1_000),
      provider: 'circleci',
      project: { id: chance.pick(['p1', 'p2']), name: 'payments' },
      fromFork: chance.happens(0.2),
      sshRerun: chance.happens(0.2),
      branch: chance.pick(['main', 'fix']),
      ...(chance.happens(0.5) && { defaultBranch: chance.happens(0.5) }),
      ...(chance.happens(0.3) && { tag: 'v1' }),
      trigger: chance.pick(['push', 'api', 'schedule']),
      ip: chance.pick(['10.8.0.1', '192.0.2.1', '203.0.113.9']),
      approvers: chance.pick([[], ['mia'], ['mia', 'lin']]),
      authors: chance.pick([['lin'], ['tom']]),
    }
  }
}

/** A judgement without the order in which the engine names several policies, which it leaves open. */
const told = ({ verdict, because, reasons }: Judgement) =>
  JSON.stringify([verdict, because.map(({ id }) => id).toSorted(), reasons.toSorted()])

/** How many runs the two judges see differently, and how often the engine was asked. */
function compare(policiesRead: readonly PolicyInForce[], inForce: readonly PolicyInForce[]) {
  const engine = createCedar().prepare(inForce)
  let asked = 0
  const counted: PolicyJudge = {
    ...engine,
    judge(mode, question) {
      asked += 1
      return engine.judge(mode, question)
    },
  }
  const once = askedOnce(counted, policiesRead)
  let differing = 0
  for (const run of runs(300)) {
    for (const mode of ['enforce', 'evaluate'] as const) {
      const question = {
        actor: actor(run.project?.id ?? ''),
        action: 'context:use',
        resource: context,
        facts: {},
        run,
      } as const
      const same = told(once.judge(mode, question)) === told(engine.judge(mode, question))
      if (!same) differing += 1
    }
  }
  return { differing, asked }
}

test('what was judged before is judged the same, under every policy of the library at once', () => {
  expect(compare(policies, policies).differing).toBe(0)
})

test('policies that read few facts are asked few times', () => {
  const few = policies.filter(({ id }) =>
    ['no-forks', 'no-ssh-rerun', 'default-branch-only'].includes(id),
  )
  const { differing, asked } = compare(few, few)
  expect(differing).toBe(0)
  expect(asked).toBeLessThan(100)
})

test('the control: a fact that is read and not looked at is noticed', () => {
  const ofForks = policies.filter(({ text }) => text.includes('fromFork'))
  const { differing } = compare([], ofForks)
  expect(differing).toBeGreaterThan(0)
})
