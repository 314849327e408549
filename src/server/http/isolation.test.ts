import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { builtInRoles } from '../../contract/built-in-roles.ts'
import { operations, type OperationId } from '../../contract/index.ts'
import type { OperationSpec } from '../../contract/operation.ts'
import { newId } from '../db/new-id.ts'
import { inTransaction } from '../db/transaction.ts'
import { insertLease } from '../features/leases/store.ts'
import { emit } from '../ledger/emit.ts'
import { refusedRun } from '../testing/refused-run.ts'
import { sampleInput, type IdFor } from '../testing/sample-input.ts'
import { openWorld, type World, type WorldPerson } from '../testing/world.ts'

/*
 * Nobody learns of what lies outside of where they were granted anything (P15, ASVS 8.2.2): every operation that takes
 * an id answers one from elsewhere exactly as it answers an id that nothing has. Derived from the contract, so that an
 * operation added tomorrow is asked too.
 */

/** Ids by the name of the field or path segment that takes them. */
type Ids = Readonly<Record<string, string>>

let world: World
let ada: WorldPerson
/** Security admin in segment B only. */
let bea: WorldPerson
/** Sees everything, changes nothing: the negative control. */
let noor: WorldPerson
let inA: Ids
let inB: Ids

const random: IdFor = () => randomUUID()

/** Everything that can lie in a segment, once. */
async function furnish(name: string): Promise<Ids> {
  const segment = await ada.call('segments.create', { name, tier: 'build' })
  const segmentId = segment.id
  const project = await ada.call('projects.create', {
    name: `${name} project`,
    slug: `gh/meridian/${name}`,
    provider: 'github',
    repository: `meridian/${name}`,
    segmentId,
  })
  const context = await ada.call('contexts.create', { name: `${name}-context`, segmentId })
  await ada.call('contexts.store', { contextId: context.id, name: 'KEY', value: 'canary' })
  const restriction = await ada.call('contexts.restrict', {
    contextId: context.id,
    restriction: { kind: 'project', targetId: project.id },
  })
  const tenant = await world.as(`tenant-${name}`)
  const grantId = await world.grant(tenant, 'developer', { kind: 'segment', id: segmentId, name })
  const request = await tenant.call('requests.create', {
    roleId: builtInRoles.teamLead.id,
    scope: { kind: 'segment', id: segmentId },
    reason: 'for a test',
    durationMinutes: 60,
  })
  const decisionId = await refusedRun(world, project, context, segmentId)
  const exception = await ada.call('exceptions.create', { decisionId, reason: 'for a test' })
  const token = await ada.call('apiTokens.create', {
    name: `${name} token`,
    roleId: '00000000-0000-7000-8000-000000000003',
    expiresInDays: 1,
    allowSensitive: false,
  })
  const view = await ada.call('auditViews.create', {
    name: `${name} view`,
    search: { q: 'noun:contexts' },
  })
  const issuer = await ada.call('issuers.create', {
    name: `${name} CI`,
    kind: 'github',
    url: `https://${name}.example`,
    audience: 'https://sallyport.example',
  })
  const rule = await ada.call('trustRules.create', {
    name: `${name} rule`,
    issuerId: issuer.id,
    projectId: project.id,
    conditions: [{ claim: 'repository_id', op: 'eq', values: ['1'] }],
  })
  const review = await ada.call('reviews.create', {
    name: `${name} review`,
    scope: { kind: 'segment', scopeId: segmentId },
    reviewers: 'named',
    people: [ada.id],
    fallback: [ada.id, tenant.id],
    dueAt: new Date(Date.now() + 86_400_000).toISOString(),
  })
  const reviewed = await ada.call('reviews.lines', { reviewId: review.id })
  const leaseId = newId()
  await inTransaction(world.app.db, { readOnly: false }, async (_, transaction) => {
    insertLease(transaction, {
      id: leaseId,
      kind: 'token',
      secretHash: null,
      issuerId: issuer.id,
      trustRuleId: rule.id,
      project,
      actor: { id: name, name },
      runId: null,
      jobId: null,
      run: { now: transaction.now, provider: 'github', fromFork: false, sshRerun: false },
      audience: null,
      boundAddress: null,
      jkt: null,
      issuedAt: transaction.now,
      expiresAt: new Date(transaction.now.getTime() + 60_000),
      contexts: [{ id: context.id, name: context.name, decisionId: null }],
      redeemedFrom: null,
    })
    emit(transaction, {
      actor: { kind: 'system', id: 'test', name: 'test' },
      action: 'leases.exchange',
      outcome: 'permitted',
    })
  })
  const check = await ada.call('pipelines.check', {
    project: project.id,
    text: 'on: push\njobs: {a: {runs-on: ubuntu-latest, steps: [{run: make}]}}\n',
  })
  const taken = await ada.call('exports.create', {
    asked: { what: 'access', format: 'csv', query: {} },
  })
  await world.app.exports.settled()
  await world.app.ledger.settle()
  await world.app.findings.look()
  const findings = await ada.call('findings.list', { context: context.id })
  const event = (await world.events()).find(({ resource }) => resource?.id === context.id)
  const { items } = await ada.call('decisions.list', { context: context.id })
  return {
    segmentId,
    projectId: project.id,
    contextId: context.id,
    restrictionId: restriction.id,
    grantId,
    requestId: request.id,
    exceptionId: exception.id,
    apiTokenId: token.id,
    sessionId: ada.sessionId,
    viewId: view.id,
    checkId: check.id,
    eventId: event?.eventId ?? '',
    decisionId: items[0]?.id ?? '',
    issuerId: issuer.id,
    trustRuleId: rule.id,
    leaseId,
    exportId: taken.id,
    findingId: findings.items[0]?.id ?? '',
    reviewId: review.id,
    lineId: reviewed.items.find(({ person }) => person.id === tenant.id)?.id ?? '',
    name: 'KEY',
  }
}

beforeAll(async () => {
  world = await openWorld()
  ada = await world.as('ada')
  inA = await furnish('aleph')
  inB = await furnish('beth')
  bea = await world.as('bea')
  await world.grant(bea, 'securityAdmin', {
    kind: 'segment',
    id: inB['segmentId'] ?? '',
    name: 'beth',
  })
  noor = await world.as('noor')
  await world.grant(noor, 'auditor')
})
afterAll(() => world.close())

/**
 * People, teams, roles, policies with their replays, issuers and controls are the organization's own: known to everybody who may see any at all. What can
 * be changed in them takes a permission on the whole organization, which is asserted by itself below.
 */
const catalogue = new Set([
  'personId',
  'teamId',
  'roleId',
  'policyId',
  'replayId',
  'issuerId',
  'vaultId',
  'vault',
  'controlId',
  'ownerId',
  'people',
  'fallback',
  'leads',
  'add',
  'remove',
])

const pathNames = (spec: OperationSpec) =>
  [...spec.path.matchAll(/:(\w+)/g)].map(([, name = '']) => name)

interface Asking {
  readonly path: Ids
  readonly refs?: IdFor
  readonly optional?: boolean
}

/** Sends a well-formed request for an operation: status and body, without what names the request itself. */
async function ask(
  who: WorldPerson,
  spec: OperationSpec,
  { path, refs = random, optional = false }: Asking,
) {
  const url = spec.path.replaceAll(/:(\w+)/g, (_, name: string) => path[name] ?? randomUUID())
  const query = spec.query ? sampleInput(spec.query, refs, { optional }) : {}
  const search = new URLSearchParams(
    Object.entries(query)
      .filter(([name]) => name !== 'cursor')
      .map(([name, value]) => [name, typeof value === 'string' ? value : JSON.stringify(value)]),
  )
  const sent = await who.send(`/api/v1${url}${search.size > 0 ? `?${search.toString()}` : ''}`, {
    method: spec.method,
    headers: { 'if-match': '"1"' },
    ...(spec.body && { body: sampleInput(spec.body, refs, { optional }) }),
  })
  const body: Record<string, unknown> = { ...(sent.body as object) }
  delete body['requestId']
  return { status: sent.status, body }
}

const withIds = operations().filter(
  ({ spec }) => pathNames(spec).length > 0 && !pathNames(spec).some((name) => catalogue.has(name)),
)

test.each(withIds.map(({ id, spec }) => [id, spec] as const))(
  '%s: an object elsewhere is answered as one that is nowhere (P15)',
  async (_, spec) => {
    const elsewhere = await ask(bea, spec, { path: inA })
    const nowhere = await ask(bea, spec, {
      path: Object.fromEntries(
        Object.keys(inA).map((name) => [name, name === 'name' ? 'KEY' : randomUUID()]),
      ),
    })
    expect(elsewhere).toEqual(nowhere)
    expect(elsewhere.status).toBe(404)
    // The control: whoever may know of it is answered otherwise, so the request did reach the object.
    const owner = spec.path.startsWith('/audit-views') ? ada : noor
    expect(await ask(owner, spec, { path: inA })).not.toMatchObject({
      status: nowhere.status,
      body: nowhere.body,
    })
  },
)

test('every operation with an id in its path was asked, of objects that are there', () => {
  expect(withIds.length).toBeGreaterThan(30)
  for (const [name, id] of Object.entries(inA)) expect([name, id]).not.toEqual([name, ''])
})

describe('what is the organization’s own', () => {
  const changes = operations().filter(
    ({ spec }) =>
      spec.method !== 'GET' &&
      !spec.readOnly &&
      pathNames(spec).some((name) => catalogue.has(name)),
  )
  test.each(changes.map(({ id, spec }) => [id, spec] as const))(
    '%s is not for who holds the permission in one segment',
    async (_, spec) => {
      const { id: roleId } = await ada.call('roles.create', {
        name: `role ${randomUUID().slice(0, 8)}`,
        description: '',
        permissions: ['context:view'],
      })
      const { id: policyId } = await ada.call('policies.create', {
        name: `policy ${randomUUID().slice(0, 8)}`,
        text: 'forbid (principal, action, resource) when { false };',
      })
      const issuerId = inA['issuerId'] ?? ''
      const { id: vaultId } = await ada.call('vaults.create', {
        name: `vault ${randomUUID().slice(0, 8)}`,
        address: 'https://vault.example',
        role: 'sallyport',
        audience: 'https://vault.example',
      })
      const controlId = 'pci-dss-8.2.6'
      const path = { roleId, policyId, issuerId, vaultId, controlId, personId: noor.id }
      const { status } = await ask(bea, spec, { path })
      expect([403, 404]).toContain(status)
    },
  )
})

/** Fields of a query or body that name an object: those whose samples ask for a UUID. */
function references(spec: OperationSpec): string[] {
  const asked = new Set<string>()
  for (const schema of [spec.query, spec.body]) {
    if (!schema) continue
    sampleInput(
      schema,
      (field) => {
        asked.add(field)
        return randomUUID()
      },
      { optional: true },
    )
  }
  return [...asked]
}

/** The object of segment A that a field would name. */
const named: Readonly<Record<string, string>> = {
  targetId: 'projectId',
  project: 'projectId',
  context: 'contextId',
  grantIds: 'grantId',
  scopeId: 'segmentId',
  scope: 'segmentId',
  extends: 'requestId',
  segment: 'segmentId',
  from: 'segmentId',
  to: 'segmentId',
  findingIds: 'findingId',
  lines: 'lineId',
}
const inAFor = (field: string) => inA[field] ?? inA[named[field] ?? '']

const referring = operations()
  .flatMap(({ id, spec }) => references(spec).map((field) => [id, field, spec] as const))
  .filter(
    ([, field]) =>
      !catalogue.has(field) &&
      // `projects` of a policy template are only written into the text that is answered.
      !['person', 'team', 'role', 'policy', 'subject', 'projects'].includes(field),
  )

const same = async (who: WorldPerson, spec: OperationSpec, field: string) => {
  const asking = (refs: IdFor) => ask(who, spec, { path: inB, refs, optional: true })
  const others = randomUUID()
  const [real, fake] = [
    await asking((one) => (one === field ? (inAFor(one) ?? '') : others)),
    await asking((one) => (one === field ? randomUUID() : others)),
  ]
  return { real, fake }
}

test.each(referring)(
  '%s: `%s` from elsewhere is answered as one that is nowhere (P15)',
  async (_, field, spec) => {
    expect(inAFor(field)).toBeDefined()
    const { real, fake } = await same(bea, spec, field)
    expect(real).toEqual(fake)
  },
)

test('the control: for who may see everything most of those references make a difference', async () => {
  const differ: OperationId[] = []
  for (const [id, field, spec] of referring) {
    const { real, fake } = await same(ada, spec, field)
    if (JSON.stringify(real) !== JSON.stringify(fake)) differ.push(id)
  }
  expect(differ).toEqual(
    expect.arrayContaining([
      'contexts.create',
      'contexts.restrict',
      'contexts.tryRun',
      'projects.update',
    ]),
  )
})
