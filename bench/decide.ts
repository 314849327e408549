/** Ratios of the decision point: `node bench/decide.ts`. Ratios travel between machines, times do not. */
import { createRequire } from 'node:module'
import type * as CedarModule from '@cedar-policy/cedar-wasm/nodejs'
import { permissions } from '../src/contract/permissions.ts'
import { requestOf } from '../src/server/decision/cedar-request.ts'
import { createCedar, schemaText } from '../src/server/decision/cedar.ts'
import { createDecider } from '../src/server/decision/decide.ts'
import { noPolicies, type PolicyInForce } from '../src/server/decision/policy-judge.ts'
import type { RunFacts } from '../src/server/decision/run-facts.ts'
import type { Actor, LiveGrant, Resource } from '../src/server/decision/types.ts'

/** CPU microseconds a call: the best of several rounds, for neighbours only ever add. */
let kept: unknown
function cost(call: () => unknown, calls: number): number {
  let best = Infinity
  for (let round = 0; round < 7; round++) {
    const before = process.cpuUsage()
    for (let i = 0; i < calls; i++) kept = call()
    const { user, system } = process.cpuUsage(before)
    best = Math.min(best, (user + system) / calls)
  }
  return best
}

const grants = Array.from({ length: 1000 }, (_, i): LiveGrant => ({
  id: `g${i}`,
  roleId: 'r',
  roleName: 'Team lead',
  permissions: new Set(permissions),
  scope: { kind: 'context', id: `c${i}`, name: `c${i}` },
  via: { kind: 'person', id: 'p', name: 'Ada' },
}))
const ada: Actor = { kind: 'person', id: 'p', name: 'Ada', teams: [], grants }
const context: Resource = {
  kind: 'context',
  id: 'c500',
  name: 'c500',
  within: { context: 'c500', segment: 's' },
}
const plain = createDecider({ policies: noPolicies })
const console_ = cost(
  () => plain.decide({ actor: ada, action: 'context:update', resource: context }),
  20_000,
)
console.log(`console action, 1,000 grants, no policy: ${Math.round(1e6 / console_)} decisions/s`)
// A request loads its actor anew, so that the index of the grants is made each time.
const fresh = cost(
  () => plain.decide({ actor: { ...ada }, action: 'context:update', resource: context }),
  1_000,
)
console.log(`the same, actor just loaded: ${Math.round(1e6 / fresh)} decisions/s`)
const fifty = cost(() => {
  for (let i = 0; i < 50; i++) plain.allowed(ada, context)
}, 200)
console.log(`allowed for 50 rows: ${(fifty / 1000).toFixed(2)} ms`)

const run: RunFacts = {
  now: new Date(),
  project: { id: 'p1', name: 'payments', segment: { id: 's', name: 'build' } },
  provider: 'circleci',
  branch: 'main',
  fromFork: false,
  sshRerun: false,
  ip: '10.1.2.3',
  approvers: ['mia'],
  authors: ['lin'],
}
const workload: Actor = { kind: 'workload', id: 'w', name: 'w', teams: [], grants: [] }
const question = {
  context,
  run,
  restrictions: [{ id: 'r', kind: 'project', target: { id: 'p1', name: 'payments' } }],
} as const
const policiesOn = (action: string, count: number): PolicyInForce[] =>
  Array.from({ length: count }, (_, i) => ({
    id: `${action}-${i}`,
    name: `${action}-${i}`,
    version: 1,
    mode: 'enforce',
    text: `forbid (principal, action == Sallyport::Action::"${action}", resource == Sallyport::Context::"k${i}")
      when { ${action === 'context:use' ? 'context.fromFork' : 'context.weekday > 7'} };`,
  }))
const hundred = policiesOn('context:use', 100)

// The bare engine call: the same request against the same hundred policies.
const cedar = createRequire(import.meta.url)(
  '@cedar-policy/cedar-wasm/nodejs',
) as typeof CedarModule
cedar.preparseSchema('bare', schemaText)
cedar.preparsePolicySet('bare', {
  staticPolicies: {
    base: 'permit(principal, action, resource);',
    ...Object.fromEntries(hundred.map(({ id, text }) => [id, text])),
  },
})
const request = requestOf({
  actor: workload,
  action: 'context:use',
  resource: context,
  facts: {},
  run,
})
const bareCall = () =>
  cedar.statefulIsAuthorized({
    ...request,
    preparsedPolicySetId: 'bare',
    preparsedSchemaName: 'bare',
    validateRequest: true,
  })
const engine = createCedar()
const with100 = createDecider({ policies: engine.prepare(hundred) })
bareCall()
const bare = cost(bareCall, 300)
const of100 = cost(() => with100.use(workload, question), 300)
console.log(`run, 100 policies: ${(of100 / bare).toFixed(2)} × the bare call (≤ 1.5)`)

const others = permissions.filter((action) => action.startsWith('context:')).slice(0, 5)
const ten = [
  ...new Set([
    'context:use',
    ...others,
    'secret:store',
    'secret:delete',
    'grant:create',
    'grant:revoke',
    'segment:view',
  ]),
].slice(0, 10)
const thousand = ten.flatMap((action) =>
  policiesOn(action, 100).map((policy) =>
    action.startsWith('context:') || action.startsWith('secret:')
      ? policy
      : Object.assign(policy, { text: policy.text.replace(/resource == [^)]*"/, 'resource') }),
  ),
)
const with1000 = createDecider({ policies: engine.prepare(thousand) })
const of1000 = cost(() => with1000.use(workload, question), 300)
console.log(
  `run, ${thousand.length} policies over ${ten.length} actions: ${(of1000 / of100).toFixed(2)} × that of 100 (≤ 3)`,
)

if (kept === undefined) throw new Error('nothing was decided')
