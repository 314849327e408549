import { globSync, readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { basename, dirname } from 'node:path'
import { fileURLToPath } from 'node:url'
import type * as CedarModule from '@cedar-policy/cedar-wasm/nodejs'
import { describe, expect, test } from 'vitest'
import { parse } from 'yaml'
import type { ConfigFacts, ConfigKind, Unresolved } from '../../contract/pipeline-facts.ts'
import type { Provider } from '../../contract/projects.ts'
import { createCedar, schemaText } from '../decision/cedar.ts'
import { questionsOf } from '../decision/config-question.ts'
import { decideConfig } from '../decision/decide-config.ts'
import { starterLibrary } from '../features/policies/starter-library.ts'
import { readConfig } from './read-config.ts'
import { ConfigRefused } from './refused.ts'

/*
 * Configs written after the three CI systems' public documentation. What each line says is written behind it, as
 * `# => job main/deploy {contexts: [production]}`: facts are compared field by field, their number and what is unknown
 * exactly, and broken rules by rule and line.
 */

type Fields = Readonly<Record<string, unknown>>
interface Expected {
  readonly line: number
  readonly word: string
  readonly name: string
  readonly fields: Fields
}

const folder = fileURLToPath(new URL('./configs/', import.meta.url))
const configs = globSync('*/*.yml', { cwd: folder }).toSorted()

function expectedIn(text: string): Expected[] {
  return text.split('\n').flatMap((content, index) => {
    const [, ...marks] = content.split(/(?:#| )=> /)
    return marks.map((mark) => {
      const brace = mark.indexOf('{')
      const [word = '', ...name] = (brace === -1 ? mark : mark.slice(0, brace)).trim().split(' ')
      const fields = brace === -1 ? {} : (parse(mark.slice(brace)) as Fields)
      return { line: index + 1, word, name: name.join(' '), fields }
    })
  })
}

const sorted = (value: unknown): unknown =>
  Array.isArray(value) ? value.map(String).toSorted() : value
const unknownIn = (unresolved: readonly Unresolved[]) =>
  [...new Set(unresolved.map(({ fact }) => fact))].toSorted()

/** The named fields of a fact, as the mark writes them. */
function seen(fact: Fields & { unresolved: readonly Unresolved[] }, fields: Fields) {
  const named = Object.keys(fields).map((key) => [key, sorted(fact[key])])
  return { ...Object.fromEntries(named), unknown: unknownIn(fact.unresolved) }
}
const wanted = (fields: Fields) => ({
  ...Object.fromEntries(Object.entries(fields).map(([key, value]) => [key, sorted(value)])),
  unknown: sorted(fields['unknown'] ?? []),
})

const engine = createCedar()
const cedar = createRequire(import.meta.url)(
  '@cedar-policy/cedar-wasm/nodejs',
) as typeof CedarModule
/** Read once: a config has hundreds of questions. */
cedar.preparseSchema('configs', schemaText)
cedar.preparsePolicySet('configs', { staticPolicies: 'permit(principal, action, resource);' })

/** Whether the schema has such a question: each fact that there is, of its type. */
function fits(action: string, context: CedarModule.Context): boolean {
  const answer = cedar.statefulIsAuthorized({
    principal: { type: 'Sallyport::Project', id: 'p' },
    action: { type: 'Sallyport::Action', id: action },
    resource: { type: 'Sallyport::Config', id: 'c' },
    context,
    entities: [],
    preparsedSchemaName: 'configs',
    validateRequest: true,
    preparsedPolicySetId: 'configs',
  })
  return answer.type === 'success' && answer.response.decision === 'allow'
}

/** What a mark says that is not so; nothing when its fact is on its line and is what the mark says. */
function faultOf(facts: ConfigFacts, { line, word, name, fields }: Expected): string | undefined {
  const all: Readonly<Record<string, readonly (Fields & Here)[]>> = {
    job: facts.jobs.map((job) => ({ ...job, called: `${job.workflow}/${job.name}` })),
    workflow: facts.workflows.map((workflow) => ({ ...workflow, called: workflow.name })),
    ref: facts.refs,
    image: facts.images,
  }
  const here = (all[word] ?? []).filter((one) => one.line === line && (one.called ?? '') === name)
  const want = JSON.stringify(wanted(fields))
  const said = here.map((one) => {
    const found = seen(one, fields)
    // A workflow adds up what is unknown in its jobs; it is compared where it is written.
    if (word === 'workflow' && !('unknown' in fields)) found.unknown = []
    return JSON.stringify(found)
  })
  if (said.includes(want)) return undefined
  return `line ${line}: ${word} ${name} should be ${want}, is ${said.join(' or ') || 'not there'}`
}
interface Here {
  readonly line: number
  readonly unresolved: readonly Unresolved[]
  readonly called?: string
}

const kinds = new Set(['job', 'workflow', 'ref', 'image'])

const cases = configs.map((path) => {
  const provider = dirname(path) as Provider
  const text = readFileSync(`${folder}${path}`, 'utf8')
  const expected = expectedIn(text)
  const of = (word: string) => expected.find((one) => one.word === word)
  const kind = of('told')?.name as ConfigKind | undefined
  // `null` in a mark: whoever asks does not say.
  const told = { branch: 'main', fromFork: false, sshRerun: false, ...of('run')?.fields }
  const run = Object.fromEntries(Object.entries(told).filter(([, value]) => value !== null))
  return {
    path,
    expected,
    file: of('file')?.fields ?? {},
    refused: of('refused'),
    run: { now: new Date('2026-11-25T12:00:00Z'), ...run },
    provider,
    read: () => readConfig({ provider, text, defaultBranch: 'main', ...(kind && { kind }) }),
  }
})
const readable = cases.filter(({ refused }) => !refused)

describe.each(cases.filter(({ refused }) => refused))('$path', ({ refused, read }) => {
  test('is refused, on its line', () => {
    const line = refused?.fields['line'] ?? refused?.line
    const message = expect.stringContaining(String(refused?.fields['says'])) as string
    expect(read).toThrow(ConfigRefused)
    expect(read).toThrow(expect.objectContaining({ line, message }) as Error)
  })
})

describe.each(readable)('$path', ({ expected, file, run, read }) => {
  test('says what is written behind each line, and nothing more', () => {
    const facts = read()
    const marks = expected.filter(({ word }) => kinds.has(word))
    expect(marks.flatMap((mark) => faultOf(facts, mark) ?? [])).toEqual([])
    const counted = {
      jobs: facts.jobs.length,
      refs: facts.refs.length,
      images: facts.images.length,
    }
    const told = { kind: facts.kind, ...counted, unknown: unknownIn(facts.unresolved) }
    expect(told).toMatchObject({
      unknown: [],
      ...Object.fromEntries(Object.entries(file).filter(([key]) => key in told)),
    })
    const named = marks
      .filter(({ word }) => word === 'job')
      .map(({ line, name }) => `${line} ${name}`)
    const found = facts.jobs.map((job) => `${job.line} ${job.workflow}/${job.name}`)
    expect(found.toSorted()).toEqual(named.toSorted())
  })

  test('every question fits the schema that policies are validated with', () => {
    const refusals = questionsOf(read(), run).flatMap(({ action, facts, unresolved, subject }) => {
      const unknown = [...new Set(unresolved.map(({ fact }) => fact))]
      const told = fits(action, { ...facts, now: run.now.toISOString(), unknown })
      const strange = unknown.filter((fact) => !(fact in facts))
      return told && strange.length === 0 ? [] : [subject]
    })
    expect(refusals).toEqual([])
  })
})

test('negative control: a fact of another type, one too few or one too many fits nothing', () => {
  const [{ action, facts } = { action: '', facts: {} }] = readable
    .slice(0, 1)
    .flatMap(({ read, run }) => questionsOf(read(), run))
  const context = { ...facts, now: '2026-11-25T12:00:00.000Z', unknown: [] }
  expect(fits(action, context)).toBe(true)
  const { unknown, ...less } = context
  const spoilt = [{ ...context, now: 1 }, less, { ...context, more: unknown }]
  expect(spoilt.map((each) => fits(action, each))).toEqual([false, false, false])
})

const ruled = readable.filter(({ file }) => 'rules' in file)
test.each(ruled)('$path breaks the rules that are written behind its lines', (one) => {
  const rules = one.file['rules'] as string[]
  const policies = starterLibrary
    .filter(({ id }) => rules.includes(id))
    .map(({ id, text }) => ({ id, name: id, version: 1, mode: 'enforce' as const, text }))
  expect(policies.length).toBe(rules.length)
  const project = { id: 'p', slug: 'gh/meridian/shop', provider: one.provider }
  const place = { project, path: basename(one.path) }
  const { status, violations } = decideConfig(engine.prepare(policies), place, one.read(), one.run)
  const marks = one.expected.filter(({ word }) => word === 'breaks')
  expect(violations.map(({ rule, line }) => `${line} ${rule}`)).toEqual(
    marks.map(({ line, name }) => `${line} ${name}`),
  )
  expect(status).toBe(one.file['status'])
})

test('negative control: a fact that is not so is named', () => {
  const broken = readable.flatMap(({ expected, read }) => {
    const facts = read()
    // A reader that believes every context and branch it cannot tell, and sees no approvals.
    const trusting: ConfigFacts = {
      ...facts,
      jobs: facts.jobs.map((job) => Object.assign({}, job, { unresolved: [], approvals: [] })),
    }
    return expected
      .filter(({ word }) => word === 'job')
      .flatMap((mark) => faultOf(trusting, mark) ?? [])
  })
  expect(broken.length).toBeGreaterThan(30)
})

test('of however much that is unknown each fact stays, and each text once', () => {
  const jobs = Array.from({ length: 150 }, (_, nth) => `      - j${nth}`).join('\n')
  const steps = Array.from(
    { length: 150 },
    (_, nth) =>
      `  j${nth}: { docker: [{ image: "cimg/base:2026.10.1" }], steps: [{ run: "<< pipeline.parameters.p${nth} >>" }, again] }`,
  ).join('\n')
  const text = `version: 2.1
commands: { again: { steps: [{ run: "<< pipeline.parameters.q >>" }, again, again] } }
jobs:
${steps}
workflows:
  main:
    jobs:
${jobs}
      - j0: { name: last, context: << pipeline.parameters.c >> }
`
  const { jobs: read, workflows } = readConfig({ provider: 'circleci', text })
  expect(new Set(workflows[0]?.unresolved.map(({ fact }) => fact))).toEqual(
    new Set(['steps', 'contexts']),
  )
  for (const { unresolved } of [...read, ...workflows]) {
    expect(unresolved.length).toBe(new Set(unresolved.map((one) => JSON.stringify(one))).size)
    expect(unresolved.length).toBeLessThan(100)
  }
})

test('there are more than sixty of them, and they speak of everything', () => {
  expect(configs.length).toBeGreaterThanOrEqual(60)
})
