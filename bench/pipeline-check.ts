import { Composer, Lexer, Parser } from 'yaml'
import { createCedar } from '../src/server/decision/cedar.ts'
import { decideConfig } from '../src/server/decision/decide-config.ts'
import { createDecider } from '../src/server/decision/decide.ts'
import type { PolicyInForce } from '../src/server/decision/policy-judge.ts'
import type { Actor, Resource } from '../src/server/decision/types.ts'
import { starterLibrary } from '../src/server/features/policies/starter-library.ts'
import { createConfigReader } from '../src/server/pipelines/config-reader.ts'

/*
 * A 90 kB config checked end to end (read by the child process, decided by every config rule of the starter library),
 * beside a bare parse of the same text. The goal is 150 ms. Nothing here is a test.
 */

const jobs = (one: (number: number) => string, most: number) => {
  let text = ''
  for (let number = 0; text.length < most; number++) text += one(number)
  return text
}
let count = 0
const circleci = `version: 2.1
orbs: {node: circleci/node@5.2.0}
executors: {base: {docker: [{image: "cimg/node:22.11.0"}], resource_class: large}}
jobs:
${jobs((number) => {
  count = number + 1
  return `  job-${number}:
    executor: base
    environment: {NODE_ENV: test}
    steps:
      - checkout
      - run: {name: "Test ${number}", command: npm test}
      - run: |
          npm ci
          npm run build -- --filter package-${number}
`
}, 62_000)}workflows:
  main:
    jobs:
${Array.from({ length: count }, (_, number) => `      - job-${number}: {context: [build], requires: [${number ? `job-${number - 1}` : ''}], filters: {branches: {only: main}}}\n`).join('')}`

const quantiles = (all: number[]) => {
  const sorted = all.sort((one, other) => one - other)
  const at = (part: number) =>
    sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * part))] ?? 0
  return { p50: at(0.5), p99: at(0.99) }
}
async function timed(times: number, work: () => unknown) {
  const all: number[] = []
  for (let time = 0; time < times; time++) {
    const from = performance.now()
    await work()
    all.push(performance.now() - from)
  }
  return quantiles(all)
}
const ms = (value: number) => `${value.toFixed(1)} ms`

const parse = (text: string) => {
  const parser = new Parser()
  const tokens = [...new Lexer().lex(text)].flatMap((lexeme) => Array.from(parser.next(lexeme)))
  return [
    ...new Composer({ uniqueKeys: false }).compose([...tokens, ...parser.end()], true, text.length),
  ]
}

const policies: PolicyInForce[] = starterLibrary.map(({ id, text }) => ({
  id,
  name: id,
  version: 1,
  mode: 'enforce',
  text,
}))
const engine = createCedar()
const judge = engine.prepare(policies)
const reader = createConfigReader()
await reader.warm()
const place = { project: { id: 'p', slug: 'shop', provider: 'circleci' }, path: 'config.yml' }
const run = { now: new Date(), branch: 'main', fromFork: false, sshRerun: false }
const check = async () => {
  const facts = await reader.read({ provider: 'circleci', text: circleci })
  return decideConfig(judge, place, facts, run)
}
console.log(
  `config: ${circleci.length} bytes, ${count} jobs; rules: ${policies.filter(({ text }) => text.includes('config:')).length} policies of the starter library`,
)
const first = await timed(1, check)
const whole = await timed(30, check)
const facts = await reader.read({ provider: 'circleci', text: circleci })
const read = await timed(30, () => reader.read({ provider: 'circleci', text: circleci }))
const decided = await timed(30, () => decideConfig(judge, place, facts, run))
const bare = await timed(30, () => parse(circleci))
console.log(`first check after warming: ${ms(first.p50)}`)
console.log(`check, end to end:  p50 ${ms(whole.p50)}, p99 ${ms(whole.p99)} (goal 150 ms)`)
console.log(`  read to facts:    p50 ${ms(read.p50)}`)
console.log(`  decided:          p50 ${ms(decided.p50)}`)
console.log(`bare parse:         p50 ${ms(bare.p50)}`)
console.log(`ratio check / bare parse: ${(whole.p50 / bare.p50).toFixed(2)}`)
await reader.close()

/** A console action is decided as quickly with every config rule in force as with none: they are another index. */
const others = policies.filter(({ text }) => !text.includes('config:'))
const actor: Actor = {
  kind: 'person',
  id: 'p',
  name: 'Ada',
  teams: [],
  grants: [
    {
      id: 'g',
      roleId: 'r',
      roleName: 'Security admin',
      permissions: new Set(['context:update']),
      scope: { kind: 'organization', name: 'organization' },
      via: { kind: 'person', id: 'p', name: 'Ada' },
    },
  ],
}
const resource: Resource = { kind: 'context', id: 'c', name: 'c', within: { context: 'c' } }
const rate = (inForce: readonly PolicyInForce[]) => {
  const decider = createDecider({ policies: engine.prepare(inForce) })
  const from = process.cpuUsage()
  for (let time = 0; time < 3_000; time++) {
    decider.decide({ actor, action: 'context:update', resource, facts: { now: run.now } })
  }
  const { user, system } = process.cpuUsage(from)
  return (user + system) / 3_000
}
rate(others)
const [without, besides] = [rate(others), rate(policies)]
console.log(
  `context:update: ${without.toFixed(1)} µs without config rules, ${besides.toFixed(1)} µs beside them, ratio ${(besides / without).toFixed(2)}`,
)
