import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { z } from 'zod'
import { builtInRoles } from '../../contract/built-in-roles.ts'
import { operations, type OperationId } from '../../contract/index.ts'
import type { OperationSpec } from '../../contract/operation.ts'
import { changing, openChanges, sendChange, stateOf, type Ready } from '../testing/changes.ts'
import { sampleInput } from '../testing/sample-input.ts'
import { openWorld, type World } from '../testing/world.ts'

/*
 * No field is written that the contract does not name, and none leaves that it does not name (P16, ASVS 8.2.3, 15.3.3):
 * asked of every operation.
 */

type Json = { readonly [key: string]: unknown }

const jsonOf = (schema: z.ZodType, io: 'input' | 'output' = 'input') =>
  z.toJSONSchema(schema, { io, unrepresentable: 'any' }) as Json
const choicesOf = (schema: Json) =>
  ['anyOf', 'oneOf', 'allOf'].flatMap((name) => (schema[name] ?? []) as Json[])

/** Where a schema takes any member, however deep: an object that is not closed. */
function openings(schema: Json, at = ''): string[] {
  const members = Object.entries((schema['properties'] ?? {}) as Record<string, Json>)
  const closed = schema['additionalProperties'] === false
  return [
    ...(schema['type'] === 'object' && !closed ? [at] : []),
    ...members.flatMap(([name, member]) => openings(member, `${at}.${name}`)),
    ...choicesOf(schema).flatMap((choice) => openings(choice, at)),
    ...(schema['items'] ? openings(schema['items'] as Json, `${at}[]`) : []),
  ]
}

/** Members of a value that its schema does not name. */
function strangers(schema: Json, value: unknown, at = ''): string[] {
  if (Array.isArray(value)) {
    const items = schema['items'] as Json | undefined
    if (items) return value.flatMap((item) => strangers(items, item, `${at}[]`))
  }
  const choices = choicesOf(schema)
  if (choices.length > 0) {
    const found = choices.map((choice) => strangers(choice, value, at))
    return found.toSorted((one, other) => one.length - other.length)[0] ?? []
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return []
  // What a recorded event says of its object has no schema: secrets stand in it as their stand-ins (P31).
  if (Object.keys(schema).every((key) => key === '$schema')) return []
  const members = schema['properties'] as Record<string, Json> | undefined
  if (!members) return schema['additionalProperties'] ? [] : Object.keys(value)
  return Object.entries(value).flatMap(([name, inner]) => {
    const member = members[name]
    return member ? strangers(member, inner, `${at}.${name}`) : [`${at}.${name}`]
  })
}

/** The few places where members are named by the caller, or by the facts that a decision was given. */
const named = [
  'contexts.tryRun body .values',
  'decisions.view returns .facts',
  // What the engine is asked with, by the schema of policies.
  'policyTests.list returns .items[].request',
  'policyTests.create returns .request',
  'policyTests.fromDecision returns .request',
  'policyTests.update returns .request',
  // RFC 6749 §3.2: parameters that are not known are ignored.
  'leases.exchange body ',
  'leases.redeem returns .secrets',
]

const schemasOf = ({ body, query, params, returns }: OperationSpec) =>
  Object.entries({ body, query, params, returns }).flatMap(([part, schema]) =>
    schema ? [[part, schema] as const] : [],
  )

test('every object of every body, query and answer is closed', () => {
  const open = operations().flatMap(({ id, spec }) =>
    schemasOf(spec).flatMap(([part, schema]) =>
      openings(jsonOf(schema, part === 'returns' ? 'output' : 'input')).map(
        (at) => `${id} ${part} ${at}`,
      ),
    ),
  )
  expect(open.toSorted()).toEqual(named.toSorted())
  // Negative control: an object that takes anything, deep inside, is named.
  const loose = z.strictObject({ items: z.array(z.object({ id: z.string() }).loose()) })
  expect(openings(jsonOf(loose))).toEqual(['.items[]'])
})

/** What an attacker would add: who made it, what it is, who may. */
const privileged: Json = {
  id: '00000000-0000-7000-8000-000000000001',
  admin: true,
  allowed: ['role:update'],
  allowSensitive: true,
  builtIn: true,
  createdAt: '2020-01-01T00:00:00Z',
  createdBy: '00000000-0000-7000-8000-000000000001',
  current: true,
  endedAt: '2020-01-01T00:00:00Z',
  expiresAt: '2099-01-01T00:00:00Z',
  grantedBy: '00000000-0000-7000-8000-000000000001',
  hash: 'AAAA',
  issuer: 'https://elsewhere.example',
  mode: 'enforce',
  ownerId: 'somebody',
  permissions: ['role:update'],
  personId: '00000000-0000-7000-8000-000000000001',
  scopeId: '00000000-0000-7000-8000-000000000001',
  source: 'idp',
  state: 'active',
  subject: 'ada',
  token: 'sp_tok_x',
  version: 7,
}

/** A body with further members, as text: `__proto__` cannot be written as a literal. */
const withMembers = (body: Json | undefined, more: readonly (readonly [string, unknown])[]) =>
  `{${[...Object.entries(body ?? {}), ...more]
    .map(([name, value]) => `${JSON.stringify(name)}:${JSON.stringify(value)}`)
    .join()}}`

let world: World
let changes: Awaited<ReturnType<typeof openChanges>>
beforeAll(async () => {
  world = await openWorld()
  changes = await openChanges(world)
})
afterAll(() => world.close())

/** What was carried out, by its operation: a world with one of everything is made once. */
const carriedOut = new Map<OperationId, Ready>()
async function carryOut(id: OperationId): Promise<Ready> {
  const change = await changes.ready(id)
  await sendChange(change)
  return change
}

const membersOf = (schema: z.ZodType | undefined) =>
  new Set(Object.keys((schema ? (jsonOf(schema)['properties'] as Json) : undefined) ?? {}))

describe('a field that the contract does not name is refused, and nothing is changed (P16)', () => {
  test.each(changing.map(({ id }) => id))('%s', async (id) => {
    const change = await changes.ready(id)
    const known = membersOf(change.spec.body)
    const before = await stateOf(world.app.db)
    const added = { ...privileged, unknown: 1, constructor: {}, toString: 'x' }
    const extra = [...Object.entries(added), ['__proto__', { admin: true }] as const].filter(
      ([name]) => !known.has(name),
    )
    const { status, body } = await sendChange(change, { body: withMembers(change.body, extra) })
    expect(status).toBe(400)
    // Each is named: none was quietly dropped.
    const { fields = [] } = body as { fields?: { path: string }[] }
    expect(fields.map(({ path }) => path).toSorted()).toEqual(
      extra.map(([name]) => name).toSorted(),
    )
    const taken: string[] = []
    for (const [outer, inner] of Object.entries(change.body ?? {})) {
      if (typeof inner !== 'object' || inner === null || Array.isArray(inner)) continue
      const deep = { ...change.body, [outer]: { ...inner, builtIn: true } }
      if ((await sendChange(change, { body: deep })).status !== 400) taken.push(`${outer}.builtIn`)
    }
    expect(taken).toEqual([])
    expect(await stateOf(world.app.db)).toEqual(before)
    // The control: without the added field it is done; and its answer holds nothing that was not declared.
    const sent = await sendChange(change)
    expect(sent.status).toBeLessThan(300)
    carriedOut.set(id, change)
    expect(await stateOf(world.app.db)).not.toEqual(before)
    const declared = sent.status === 204 ? {} : jsonOf(change.spec.returns, 'output')
    expect(strangers(declared, sent.body)).toEqual([])
  })

  const others = operations().filter(({ spec }) => spec.method === 'GET' || spec.readOnly)
  test.each(others.map(({ id, spec }) => [id, spec] as const))('%s', async (_, spec) => {
    const path = `/api/v1${spec.path.replaceAll(/:(\w+)/g, (at) => (at === ':name' ? 'KEY' : randomUUID()))}`
    const known = membersOf(spec.query)
    const taken: string[] = []
    for (const name of ['unknown', 'admin', 'ownerId', '__proto__', 'actor[id]']) {
      if (known.has(name)) continue
      const sent = await changes.ada.send(`${path}?${name}=1`, {
        method: spec.method,
        ...(spec.body && { body: sampleInput(spec.body, () => randomUUID()) }),
      })
      if (sent.status !== 400) taken.push(`?${name}: ${sent.status}`)
    }
    if (spec.body) {
      const sample = sampleInput(spec.body, () => randomUUID())
      const body = withMembers(sample, [['builtIn', true]])
      const { status } = await changes.ada.send(path, { method: spec.method, body })
      if (status !== 400) taken.push(`builtIn: ${status}`)
    }
    expect(taken).toEqual([])
  })
})

describe('an answer holds what the contract declares, and no more (P16)', () => {
  test('every read, of a world with one of everything', async () => {
    const made = new Map<string, string>()
    const ids = changing.map(({ id }) => id).filter((id) => !id.endsWith('.remove'))
    // Last once more: the context that is looked at has a secret with versions.
    for (const id of [...ids, 'contexts.rollback'] as const) {
      const change = carriedOut.get(id) ?? (await carryOut(id))
      for (const [at, name] of change.spec.path.split('/').entries()) {
        if (name.startsWith(':')) made.set(name.slice(1), change.path.split('/')[at + 2] ?? '')
      }
    }
    const events = await world.events()
    made.set('eventId', events.at(-1)?.eventId ?? '')
    const { items } = await changes.ada.call('decisions.list', {})
    made.set('decisionId', items[0]?.id ?? '')
    const { id: exportId } = await changes.ada.call('exports.create', {
      asked: { what: 'access', format: 'csv', query: {} },
    })
    made.set('exportId', exportId)
    await world.app.exports.settled()
    const queries: Partial<Record<OperationId, string>> = {
      'audit.consistency': '?first=1&second=2',
      'policies.compare': '?from=1&until=1',
      'search.everything': '?q=context',
      'requests.preview': `?roleId=${builtInRoles.developer.id}&scope=organization`,
    }
    const faults: unknown[] = []
    let asked = 0
    for (const { id, spec } of operations()) {
      if (spec.method !== 'GET' || spec.stream || spec.media) continue
      // What a replay has found, and what was read of a repository, are asked by their own tests.
      if (/:(replayId|checkId)\b/.test(spec.path)) continue
      const path = spec.path.replaceAll(/:(\w+)/g, (_, name: string) => made.get(name) ?? name)
      const { status, body } = await changes.ada.send(`/api/v1${path}${queries[id] ?? ''}`)
      const found = strangers(jsonOf(spec.returns, 'output'), body)
      if (status !== 200 || found.length > 0) faults.push([id, status, found])
      asked++
    }
    expect(faults).toEqual([])
    expect(asked).toBeGreaterThan(35)
  })

  test('negative control: one member more, however deep, is found', () => {
    const role = operations().find(({ id }) => id === 'roles.list')
    const schema = jsonOf(role?.spec.returns ?? z.never(), 'output')
    expect(strangers(schema, { items: [{ id: 'x', name: 'y' }] })).toEqual([])
    expect(strangers(schema, { items: [{ id: 'x', hash: 'y' }] })).toEqual(['.items[].hash'])
  })
})
