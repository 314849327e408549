import { randomUUID } from 'node:crypto'
import { sql } from 'kysely'
import type { TrustCondition } from '../../contract/trust.ts'
import type { Db } from '../db/connect.ts'
import { below as told } from './below.ts'
import { accessStories } from './access-stories.ts'
import { dutyStories } from './duty-stories.ts'
import { openPipeline } from './pipeline.ts'
import type { World, WorldPerson } from './world.ts'
import { unique } from './unique.ts'

const day = 86_400_000
const inDays = (days: number) => new Date(Date.now() + days * day)

/** A world in which it fires: its subject, the clock, and the least that must change so that it does not. */
export interface Story {
  readonly subject: string
  readonly at?: Date
  readonly calm: () => Promise<unknown>
}

/** One for each detection, told when it is asked for. */
export function findingStories(world: World, ada: WorldPerson, teamId: string) {
  const below = (work: (db: Db) => Promise<unknown>) => told(world, work)

  const person = async () => world.as(unique('person'))
  let ranges = 0
  /** No range is of two segments. */
  const range = () => `10.${++ranges}.0.0/16`
  const segment = (tier: 'production' | 'build' = 'build', cidrs: string[] = [range()]) =>
    ada.call('segments.create', { name: unique('segment'), tier, cidrs })
  const project = async (given: { segmentId?: string; provider?: 'circleci' | 'github' } = {}) => {
    const repository = `meridian/${unique('project')}`
    return ada.call('projects.create', {
      name: unique('project'),
      slug: `gh/${repository}`,
      repository,
      provider: given.provider ?? 'github',
      segmentId: given.segmentId ?? (await segment()).id,
      externalId: String(Math.floor(Math.random() * 1e9)),
    })
  }
  const context = (segmentId?: string) =>
    ada.call('contexts.create', { name: unique('context'), ...(segmentId && { segmentId }) })
  const store = (contextId: string, value: string = randomUUID(), name = 'KEY') =>
    ada.call('contexts.store', { contextId, name, value })
  type Restriction = Parameters<typeof ada.call<'contexts.restrict'>>[1]['restriction']
  const restrict = (contextId: string, restriction: Restriction) =>
    ada.call('contexts.restrict', { contextId, restriction })
  const byProject = async (contextId: string, segmentId?: string) => {
    const made = await project(segmentId ? { segmentId } : {})
    await restrict(contextId, { kind: 'project', targetId: made.id })
    return made
  }
  const issuer = (kind: 'github' | 'circleci' = 'github', audience = unique('audience')) =>
    ada.call('issuers.create', {
      name: unique('issuer'),
      kind,
      url: `http://localhost:9/${randomUUID()}`,
      audience,
      algorithms: ['RS256'],
    })
  const rule = async (
    conditions: TrustCondition[],
    more: { allowForks?: boolean; allowSshReruns?: boolean; projectId?: string } = {},
  ) =>
    ada.call('trustRules.create', {
      name: unique('rule'),
      issuerId: (await issuer()).id,
      projectId: more.projectId ?? (await project()).id,
      conditions: conditions.map(({ values, ...rest }) => ({ ...rest, values: [...values] })),
      ...more,
    })
  const repositoryId = { claim: 'repository_id', op: 'eq', values: ['42'] } as const
  const change = (made: { id: string; version: number }, with_: object) =>
    ada.call('trustRules.update', { trustRuleId: made.id, ...with_ }, { version: made.version })
  const policy = async () => {
    const text = 'forbid (principal, action, resource) when { false };'
    const made = await ada.call('policies.create', { name: unique('policy'), text })
    return ada.call('policies.setMode', { policyId: made.id, mode: 'evaluate' }, made)
  }
  const usage = (policyId: string, applies: number, denies: number) =>
    sql`insert into policy_usage (policy_id, policy_version, days, applies, denies, statements, computed_at)
    values (${policyId}, 1, 90, ${applies}, ${denies}, '[]', now())
    on conflict (policy_id) do update set applies = excluded.applies, denies = excluded.denies`.execute(
      world.app.db,
    )
  const decided = (projectId: string, contextId: string, outcome: string, count: number) =>
    sql`insert into decision_rollup (hour, outcome, project_id, context_id, count)
    values (date_trunc('hour', now()), ${outcome}, ${projectId}, ${contextId}, ${count})`.execute(
      world.app.db,
    )
  const check = (projectId: string, text: string) =>
    ada.send(`/api/v1/pipelines/check?project=${projectId}`, { method: 'POST', body: { text } })
  const workflow = (uses: string) =>
    `on: push\njobs: {a: {runs-on: ubuntu-24.04, steps: [{uses: "${uses}"}]}}\n`
  const circle = (context: string, approval: boolean) =>
    [
      'version: 2.1',
      'jobs: {deploy: {docker: [{image: "cimg/base:2026.01"}], steps: [{run: make}]}}',
      'workflows:',
      '  main:',
      '    jobs:',
      ...(approval ? ['      - hold: {type: approval}'] : []),
      `      - deploy: {context: [${context}]${approval ? ', requires: [hold]' : ''}}`,
      '',
    ].join('\n')

  const stories: Readonly<Record<string, () => Promise<Story>>> = {
    ...dutyStories({ world, ada, person, unique }),
    ...accessStories({ world, ada, person, unique, segment, teamId }),
    'context-too-wide': async () => {
      const { id: segmentId } = await segment()
      const many = []
      for (let n = 0; n < 12; n++) many.push(await project({ segmentId }))
      const { id } = await context()
      await store(id)
      await restrict(id, { kind: 'segment', targetId: segmentId })
      const one = many[0]?.id ?? ''
      return { subject: id, calm: () => restrict(id, { kind: 'project', targetId: one }) }
    },
    'context-any-branch': async () => {
      const { id: segmentId } = await segment('production')
      const { id } = await context(segmentId)
      await store(id)
      await byProject(id, segmentId)
      const expression = 'pipeline.git.branch == "main"'
      return { subject: id, calm: () => restrict(id, { kind: 'expression', expression }) }
    },
    'context-lower-segment': async () => {
      const { id: segmentId } = await segment('production')
      const { id } = await context(segmentId)
      const { id: projectId, version } = await byProject(id)
      return {
        subject: id,
        calm: () => ada.call('projects.update', { projectId, segmentId }, { version }),
      }
    },
    'context-from-fork': async () => {
      const { id: segmentId } = await segment('production')
      const { id } = await context(segmentId)
      await store(id)
      const { id: targetId } = await project({ segmentId })
      await restrict(id, { kind: 'project', targetId })
      const made = await rule([repositoryId], { allowForks: true, projectId: targetId })
      return { subject: id, calm: () => change(made, { allowForks: false }) }
    },
    'context-closed': async () => {
      const { id } = await context()
      await store(id)
      return { subject: id, calm: () => byProject(id) }
    },
    'context-without-owner': async () => {
      const { id, version } = await context()
      return {
        subject: id,
        calm: () => ada.call('contexts.update', { contextId: id, teamId }, { version }),
      }
    },
    'secrets-old': async () => {
      const { id } = await context()
      await store(id)
      await below((db) =>
        db
          .updateTable('secret')
          .set({ updatedAt: inDays(-181) })
          .where('contextId', '=', id)
          .execute(),
      )
      return { subject: id, calm: () => store(id) }
    },
    'secrets-unused': async () => {
      const { id } = await context()
      await store(id)
      await byProject(id)
      const used = { lastUsedAt: new Date() }
      return {
        subject: id,
        at: inDays(31),
        calm: () =>
          below((db) => db.updateTable('secret').set(used).where('contextId', '=', id).execute()),
      }
    },
    'secrets-shared': async () => {
      const [one, other] = [await context(), await context()]
      await store(one.id, 'the very same')
      await store(other.id, 'the very same', 'OTHER')
      return { subject: one.id, calm: () => store(other.id, 'another', 'OTHER') }
    },
    'secrets-static': async () => {
      const { id: contextId } = await context()
      const { currentVersion: version } = await store(contextId, 'x', 'AWS_SECRET_ACCESS_KEY')
      const remove = { contextId, name: 'AWS_SECRET_ACCESS_KEY' }
      return {
        subject: contextId,
        calm: () => ada.call('contexts.removeSecret', remove, { version }),
      }
    },
    'trust-forks': async () => {
      const made = await rule([repositoryId], { allowForks: true })
      return { subject: made.id, calm: () => change(made, { allowForks: false }) }
    },
    'trust-by-name': async () => {
      const made = await rule([{ claim: 'repository', op: 'eq', values: ['meridian/shop'] }])
      return { subject: made.id, calm: () => change(made, { conditions: [repositoryId] }) }
    },
    'trust-wildcard': async () => {
      const wild = { claim: 'ref', op: 'glob', values: ['refs/heads/*'] } as const
      const made = await rule([repositoryId, wild])
      const firm = { ...wild, op: 'eq', values: ['refs/heads/main'] }
      return { subject: made.id, calm: () => change(made, { conditions: [repositoryId, firm] }) }
    },
    'trust-ssh': async () => {
      const made = await rule([repositoryId], { allowSshReruns: true })
      return { subject: made.id, calm: () => change(made, { allowSshReruns: false }) }
    },
    'issuer-shared-audience': async () => {
      const { id: issuerId, version } = await issuer('github', 'https://github.com/meridian')
      const audience = 'https://sallyport.example'
      return {
        subject: issuerId,
        calm: () => ada.call('issuers.update', { issuerId, audience }, { version }),
      }
    },
    'issuer-unbound': async () => {
      const { id: issuerId, version } = await issuer()
      const unbound = { issuerId, bindAddress: false }
      const now = await ada.call('issuers.update', unbound, { version })
      return {
        subject: issuerId,
        calm: () => ada.call('issuers.update', { issuerId, bindAddress: true }, now),
      }
    },
    'lease-replayed': async () => {
      await using pipeline = await openPipeline(world, ada)
      const { access_token, lease } = await pipeline.lease()
      await pipeline.redeem(access_token)
      await pipeline.redeem(access_token)
      const contextId = pipeline.context.id
      return {
        subject: lease,
        calm: async () => {
          await store(contextId, 'rotated', 'API_KEY')
          await store(contextId, 'rotated too', 'EMPTY')
        },
      }
    },
    'policy-evaluate-late': async () => {
      const { id: policyId, version } = await policy()
      await world.app.ledger.settle()
      return {
        subject: policyId,
        at: inDays(31),
        calm: () => ada.call('policies.setMode', { policyId, mode: 'draft' }, { version }),
      }
    },
    'policy-never-applies': async () => {
      const { id } = await policy()
      await usage(id, 0, 0)
      return { subject: id, calm: () => usage(id, 1, 0) }
    },
    'policy-always-denies': async () => {
      const { id } = await policy()
      await usage(id, 25, 25)
      return { subject: id, calm: () => usage(id, 25, 24) }
    },
    'config-unpinned': async () => {
      const { id } = await project()
      await check(id, workflow('actions/checkout@v4'))
      return {
        subject: id,
        calm: () => check(id, workflow(`actions/checkout@${'a1'.repeat(20)}`)),
      }
    },
    'config-no-approval': async () => {
      const { name } = await context((await segment('production')).id)
      const { id } = await project({ provider: 'circleci' })
      await check(id, circle(name, false))
      return { subject: id, calm: () => check(id, circle(name, true)) }
    },
    'project-unchecked': async () => {
      const { id } = await project()
      const old = { createdAt: inDays(-31) }
      await below((db) => db.updateTable('project').set(old).where('id', '=', id).execute())
      return { subject: id, calm: () => check(id, workflow('actions/checkout@v4')) }
    },
    'project-without-owner': async () => {
      const { id: projectId, version } = await project()
      return {
        subject: projectId,
        calm: () => ada.call('projects.update', { projectId, teamId }, { version }),
      }
    },
    'project-always-refused': async () => {
      const [{ id }, { id: contextId }] = [await project(), await context()]
      await decided(id, contextId, 'denied', 10)
      return { subject: id, calm: () => decided(id, contextId, 'permitted', 1) }
    },
    'refusals-burst': async () => {
      const [{ id }, { id: contextId }] = [await project(), await context()]
      await decided(id, contextId, 'denied', 20)
      const usual = sql`insert into decision_rollup (hour, outcome, project_id, context_id, count)
      select date_trunc('hour', now()) - make_interval(hours => n), 'denied', ${id}, ${contextId}, 5
      from generate_series(1, 160) n`
      return { subject: id, calm: () => usual.execute(world.app.db) }
    },
    'segment-open': async () => {
      const { id: segmentId, version } = await segment('production', [])
      const cidrs = [range()]
      return {
        subject: segmentId,
        calm: () => ada.call('segments.update', { segmentId, cidrs }, { version }),
      }
    },
  }
  return stories
}
