import { randomUUID } from 'node:crypto'
import { sql } from 'kysely'
import { builtInRoles } from '../../contract/built-in-roles.ts'
import { operationOf, operations, type OperationId } from '../../contract/index.ts'
import type { OperationSpec } from '../../contract/operation.ts'
import type { Db } from '../db/connect.ts'
import { openPipeline } from './pipeline.ts'
import { findingChanges } from './finding-changes.ts'
import { exceptionChanges } from './exception-changes.ts'
import { peopleChanges } from './people-changes.ts'
import { requestChanges } from './request-changes.ts'
import { reviewChanges } from './review-changes.ts'
import type { Sent, World, WorldPerson } from './world.ts'
import { unique } from './unique.ts'

/** One change, ready to be sent: everything it needs is there, and it would be done. */
export interface Ready {
  readonly id: OperationId
  readonly spec: OperationSpec
  readonly who: WorldPerson
  /** Path and query below the origin. */
  readonly path: string
  readonly body?: Readonly<Record<string, unknown>>
  /** What `If-Match` names, where the operation wants it. */
  readonly version?: number
}

export interface Recipe {
  readonly who?: WorldPerson
  readonly at?: Readonly<Record<string, string>>
  readonly query?: string
  readonly body?: Readonly<Record<string, unknown>>
  readonly version?: number
}

/**
 * Every operation by which a person or a token of theirs changes something, in the contract's order. What a pipeline does
 * with its own credentials takes forms, and is asked by the tests of leases; what begins work in the background goes on
 * changing its own tables after its answer, and is asked by the tests of replays, exports and reviews.
 */
export const changing = operations().filter(
  ({ id, spec }) =>
    spec.method !== 'GET' &&
    !spec.readOnly &&
    spec.may !== 'workload' &&
    spec.may !== 'lease' &&
    !/^(replays|exports)\.|^policies\.replayAsked$|^reviews\.signOff$/.test(id),
)

const anything = 'forbid (principal, action, resource) when { false };'
/** For every changing operation of the contract, a request that would be permitted, on objects made for it. */
export async function openChanges(world: World) {
  const ada = await world.as('ada')
  const ben = await world.as('ben')
  await world.grant(ben, 'securityAdmin')
  await world.as('grouped', { groups: ['platform'] })
  const { items } = await ada.call('teams.list', {})
  const teamId = items[0]?.id ?? ''

  const context = () => ada.call('contexts.create', { name: unique('context') })
  const segment = () => ada.call('segments.create', { name: unique('segment'), tier: 'build' })
  const projectBody = async () => {
    const name = unique('project')
    const repository = `meridian/${name}`
    const { id: segmentId } = await segment()
    return { name, slug: `gh/${repository}`, provider: 'github' as const, repository, segmentId }
  }
  const project = async () => ada.call('projects.create', await projectBody())
  const role = () =>
    ada.call('roles.create', {
      name: unique('role'),
      description: '',
      permissions: ['context:view'],
    })
  const view = () =>
    ada.call('auditViews.create', { name: unique('view'), search: { q: 'noun:roles' } })
  const apiToken = () =>
    ada.call('apiTokens.create', {
      name: unique('token'),
      roleId: builtInRoles.developer.id,
      expiresInDays: 1,
      allowSensitive: false,
    })
  const grantee = () => world.as(unique('person'))
  const granted = async () =>
    ada.call('grants.create', {
      roleId: builtInRoles.developer.id,
      subject: { kind: 'person', id: (await grantee()).id },
      scope: { kind: 'organization' },
      reason: 'for a test',
    })
  const secretIn = async () => {
    const { id: contextId } = await context()
    await ada.call('contexts.store', { contextId, name: 'KEY', value: 'one' })
    await ada.call('contexts.store', { contextId, name: 'KEY', value: 'two' })
    return { at: { contextId, name: 'KEY' }, version: 2 }
  }
  const restricted = async () => {
    const { id: contextId } = await context()
    const restriction = { kind: 'project', targetId: (await project()).id } as const
    const made = await ada.call('contexts.restrict', { contextId, restriction })
    const { version } = await ada.call('contexts.restrictions', { contextId })
    return { at: { contextId, restrictionId: made.id }, version }
  }
  const policy = async (mode: 'draft' | 'evaluate' | 'asked' | 'enforce' = 'draft') => {
    const made = await ada.call('policies.create', { name: unique('policy'), text: anything })
    const at = { policyId: made.id }
    if (mode === 'draft') return { at, version: made.version }
    let now = await ada.call('policies.setMode', { ...at, mode: 'evaluate' }, made)
    if (mode !== 'evaluate') now = await ada.call('policies.askEnforcement', at, now)
    if (mode === 'enforce') now = await ben.call('policies.approveEnforcement', at, now)
    return { at, version: now.version }
  }
  const facts = {
    kind: 'run' as const,
    at: '2026-11-25T12:00:00Z',
    workload: { id: 'circleci:gh/a', name: 'a pipeline' },
    context: { id: 'c', name: 'prod' },
    provider: 'circleci' as const,
    fromFork: false,
    sshRerun: false,
  }
  const policyTest = async () => {
    const { at } = await policy()
    const given = { name: unique('test'), expected: 'permitted', facts } as const
    const made = await ada.call('policyTests.create', { ...at, ...given })
    return { at: { ...at, testId: made.id }, version: made.version }
  }
  /** A decision that was recorded with all that it was asked with. */
  const decisionId = async () => {
    await ada.call(
      'contexts.update',
      { contextId: (await context()).id, description: 'x' },
      {
        version: 1,
      },
    )
    const { items } = await ada.call('decisions.list', { action: 'context:update' })
    return items[0]?.id ?? ''
  }
  const issuerBody = () => ({
    name: unique('issuer'),
    kind: 'circleci' as const,
    url: `http://localhost:9/${randomUUID()}`,
    audience: 'https://sallyport.example',
  })
  const issuer = () => ada.call('issuers.create', issuerBody())
  const trustRuleBody = async () => ({
    name: unique('rule'),
    issuerId: (await issuer()).id,
    projectId: (await project()).id,
    conditions: [
      { claim: 'oidc.circleci.com/project-id', op: 'eq' as const, values: [randomUUID()] },
    ],
  })
  const trustRule = async () => ada.call('trustRules.create', await trustRuleBody())
  const vaultBody = () => ({
    name: unique('vault'),
    address: `https://${unique('vault')}.example`,
    role: 'sallyport',
    audience: 'https://vault.example',
  })
  const vault = () => ada.call('vaults.create', vaultBody())
  const lease = async () => {
    await using pipeline = await openPipeline(world, ada)
    return (await pipeline.lease()).lease
  }
  const versioned = ({ id, version }: { id: string; version: number }, name: string) => ({
    at: { [name]: id },
    version,
  })

  const recipes: Readonly<Record<string, () => Promise<Recipe>>> = {
    'apiTokens.create': async () => ({
      body: {
        name: unique('token'),
        roleId: builtInRoles.developer.id,
        expiresInDays: 1,
        allowSensitive: false,
      },
    }),
    'apiTokens.revoke': async () => ({ at: { apiTokenId: (await apiToken()).id } }),
    'auditViews.create': async () => ({ body: { name: unique('view'), search: { q: 'x' } } }),
    'auditViews.update': async () => ({
      ...versioned(await view(), 'viewId'),
      body: { name: unique('view') },
    }),
    'auditViews.remove': async () => versioned(await view(), 'viewId'),
    'compliance.update': async () => {
      const controlId = 'pci-dss-8.2.6'
      const { version } = await ada.call('compliance.view', { controlId })
      return { at: { controlId }, version, body: { ownerId: ben.id, note: unique('note') } }
    },
    'contexts.create': async () => ({ body: { name: unique('context') } }),
    'contexts.update': async () => ({
      ...versioned(await context(), 'contextId'),
      body: { description: 'changed' },
    }),
    'contexts.remove': async () => {
      const made = await context()
      return { ...versioned(made, 'contextId'), query: `?confirm=${made.name}` }
    },
    'contexts.store': async () => ({ at: (await secretIn()).at, body: { value: 'three' } }),
    'contexts.removeSecret': secretIn,
    'contexts.rollback': async () => ({ ...(await secretIn()), body: { version: 1 } }),
    'contexts.refer': async () => ({
      at: (await secretIn()).at,
      body: {
        reference: { vaultId: (await vault()).id, mount: 'kv', path: 'deploy', field: 'key' },
      },
    }),
    'contexts.federate': async () => ({
      ...versioned(await context(), 'contextId'),
      body: { audiences: ['https://cloud.example'] },
    }),
    'contexts.importSecrets': async () => ({
      at: { contextId: (await context()).id },
      body: { text: 'ONE=1' },
    }),
    'contexts.restrict': async () => ({
      at: { contextId: (await context()).id },
      body: { restriction: { kind: 'project', targetId: (await project()).id } },
    }),
    'contexts.removeRestriction': restricted,
    'grants.create': async () => ({
      body: {
        roleId: builtInRoles.developer.id,
        subject: { kind: 'person', id: (await grantee()).id },
        scope: { kind: 'organization' },
        reason: 'for a test',
      },
    }),
    'grants.update': async () => ({
      ...versioned(await granted(), 'grantId'),
      body: { reason: 'changed' },
    }),
    'grants.revoke': async () => ({
      ...versioned(await granted(), 'grantId'),
      body: { reason: 'over' },
    }),
    'grants.revokeMany': async () => ({
      body: { grantIds: [(await granted()).id], reason: 'over' },
    }),
    'issuers.create': async () => ({ body: issuerBody() }),
    'issuers.update': async () => ({
      ...versioned(await issuer(), 'issuerId'),
      body: { name: unique('issuer') },
    }),
    'issuers.remove': async () => versioned(await issuer(), 'issuerId'),
    'leases.revoke': async () => ({ at: { leaseId: await lease() }, body: { reason: 'over' } }),
    'leases.revokeMany': async () => {
      await lease()
      return { body: { which: { all: true, reason: 'over' } } }
    },
    'federation.rotate': async () => ({ body: { atOnce: false } }),
    'vaults.create': async () => ({ body: vaultBody() }),
    'vaults.update': async () => ({
      ...versioned(await vault(), 'vaultId'),
      body: { name: unique('vault') },
    }),
    'vaults.remove': async () => versioned(await vault(), 'vaultId'),
    'trustRules.create': async () => ({ body: await trustRuleBody() }),
    'trustRules.update': async () => ({
      ...versioned(await trustRule(), 'trustRuleId'),
      body: { name: unique('rule') },
    }),
    'trustRules.remove': async () => versioned(await trustRule(), 'trustRuleId'),
    'pipelines.check': async () => ({
      query: `?project=${(await project()).id}`,
      body: { text: 'on: push\njobs: {a: {runs-on: ubuntu-latest, steps: [{run: make}]}}\n' },
    }),
    'policies.create': async () => ({ body: { name: unique('policy'), text: anything } }),
    'policies.update': async () => ({ ...(await policy()), body: { description: 'changed' } }),
    'policies.remove': () => policy(),
    'policies.rollback': async () => {
      const { at } = await policy()
      const text = `${anything}\n${anything}`
      const { version } = await ada.call('policies.update', { ...at, text }, { version: 1 })
      return { at, version, body: { to: 1 } }
    },
    'policies.setMode': async () => ({ ...(await policy()), body: { mode: 'evaluate' } }),
    'policies.askEnforcement': async () => ({ ...(await policy('evaluate')), body: {} }),
    'policies.approveEnforcement': async () => ({ ...(await policy('asked')), who: ben }),
    'policies.declineEnforcement': async () => ({ ...(await policy('asked')), who: ben }),
    'policies.withdraw': () => policy('asked'),
    'policies.endEnforcement': async () => ({
      ...(await policy('enforce')),
      body: { mode: 'draft' },
    }),
    'policyTests.create': async () => ({
      at: (await policy()).at,
      body: { name: unique('test'), expected: 'permitted', facts },
    }),
    'policyTests.fromDecision': async () => ({
      at: (await policy()).at,
      body: { decisionId: await decisionId(), expected: 'permitted' },
    }),
    'policyTests.update': async () => ({ ...(await policyTest()), body: { name: unique('test') } }),
    'policyTests.remove': policyTest,
    'projects.create': async () => ({ body: await projectBody() }),
    'projects.update': async () => ({
      ...versioned(await project(), 'projectId'),
      body: { name: unique('project') },
    }),
    'projects.remove': async () => versioned(await project(), 'projectId'),
    ...findingChanges({ world, ada, ben, context }),
    ...peopleChanges({ ada, grantee }),
    ...requestChanges({ ada, grantee, role }),
    ...reviewChanges({ ada, ben, role }),
    ...exceptionChanges({ world, ada, ben, project, context }),
    'roles.create': async () => ({
      body: { name: unique('role'), description: '', permissions: ['context:view'] },
    }),
    'roles.update': async () => ({
      ...versioned(await role(), 'roleId'),
      body: { description: 'changed' },
    }),
    'roles.remove': async () => versioned(await role(), 'roleId'),
    'segments.create': async () => ({ body: { name: unique('segment'), tier: 'build' } }),
    'segments.update': async () => ({
      ...versioned(await segment(), 'segmentId'),
      body: { name: unique('segment') },
    }),
    'segments.changeFlows': async () => {
      const [from, to] = [await segment(), await segment()]
      const { version } = await ada.call('segments.flows', {})
      const allow = [{ from: from.id, to: to.id }]
      return { version, body: { allow, reason: 'for a test' } }
    },
    'segments.remove': async () => versioned(await segment(), 'segmentId'),
    'sessions.start': async () => {
      const name = unique('starter')
      const email = `${name}@meridian.example`
      const who = await world.browser({ sub: name, email, name })
      return { who: { ...who, id: '', name, sessionId: '' } }
    },
    'sessions.revoke': async () => ({ at: { sessionId: (await grantee()).sessionId } }),
    'sessions.revokeAll': async () => ({
      body: { person: (await grantee()).id, apiTokens: false },
    }),
    'teams.update': async () => {
      const { version } = await ada.call('teams.view', { teamId })
      return { at: { teamId }, version, body: { description: unique('changed') } }
    },
  }

  const ready = async (id: OperationId): Promise<Ready> => {
    const recipe = recipes[id]
    if (!recipe) throw new Error(`there is no example of ${id}: add it to testing/changes.ts`)
    const { who = ada, at = {}, query = '', ...rest } = await recipe()
    const spec: OperationSpec = operationOf(id)
    const path = spec.path.replaceAll(/:(\w+)/g, (_, name: string) => at[name] ?? randomUUID())
    return { id, spec, who, path: `/api/v1${path}${query}`, ...rest }
  }
  return { ada, ben, ready }
}

export interface Otherwise {
  readonly body?: unknown
  readonly headers?: Record<string, string>
}

/** Sends a change as it is, or with another body or further headers. */
export function sendChange(change: Ready, otherwise: Otherwise = {}): Promise<Sent> {
  const { who, path, spec, body, version } = change
  const given = 'body' in otherwise ? otherwise.body : body
  return who.send(path, {
    method: spec.method,
    headers: {
      ...(spec.ifMatch && { 'if-match': `"${version ?? 0}"` }),
      ...otherwise.headers,
    },
    ...(given !== undefined && { body: given }),
  })
}

/**
 * A digest of every table that holds state, by its name: what differs between two of them was changed. Decisions are
 * left out, since each refusal is one.
 */
export async function stateOf(db: Db): Promise<Readonly<Record<string, string>>> {
  const audited = await sql<{ name: string }>`
    select c.relname as name from pg_trigger t join pg_class c on c.oid = t.tgrelid
    where t.tgname = 'must_audit' and c.relname <> 'decision' order by 1`.execute(db)
  const digests = audited.rows.map(
    ({ name }) => sql`
      select ${name} as name, coalesce(md5(string_agg(row::text, E'\n' order by row::text)), '') as digest
      from ${sql.table(name)} row`,
  )
  const { rows } = await sql<{ name: string; digest: string }>`
    ${sql.join(digests, sql` union all `)}`.execute(db)
  return Object.fromEntries(rows.map(({ name, digest }) => [name, digest]))
}
