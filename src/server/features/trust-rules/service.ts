import type { AnswerOf, InputOf } from '../../../contract/index.ts'
import { ruleFault } from '../../../contract/trust.ts'
import type { Db } from '../../db/connect.ts'
import { newId } from '../../db/new-id.ts'
import type { Resource, ResourceLoader } from '../../decision/types.ts'
import { demandNamed } from '../../http/named.ts'
import { problem } from '../../http/problem.ts'
import type { Scope } from '../../http/scope.ts'
import { issuerResource, theIssuer } from '../issuers/service.ts'
import { projectResource } from '../projects/service.ts'
import { rulesImpact } from './impact.ts'
import {
  deleteTrustRule,
  insertTrustRule,
  trustRuleById,
  updateTrustRule,
  type TrustRuleRow,
  type TrustRuleValues,
} from './store.ts'

export { matchRules, type Matched } from './match.ts'
export { rulesOf, touchTrustRule, trustRules, type TrustRule } from './store.ts'

type Answer = AnswerOf<'trustRules.view'>

/** A trust rule lies in its project: who may act there may act on it. */
const resourceOf = (row: TrustRuleRow): Resource => ({
  kind: 'trustRule',
  id: row.id,
  name: row.name,
  within: { project: row.projectId, segment: row.segmentId },
})

export const trustRuleResource: ResourceLoader<Db> = async (db, id) => {
  const row = await trustRuleById(db, id)
  return row && resourceOf(row)
}

export function trustRuleAnswer(scope: Scope, row: TrustRuleRow): Answer {
  const { id, name, conditions, allowForks, allowSshReruns, runnerClass } = row
  const { lastUsedAt, createdAt, version } = row
  return {
    id,
    name,
    issuer: {
      id: row.issuerId,
      name: row.issuerName,
      kind: row.issuerKind,
      url: row.issuerUrl,
      audience: row.issuerAudience,
    },
    project: {
      id: row.projectId,
      name: row.projectName,
      repository: row.projectRepository,
      externalId: row.projectExternalId,
    },
    conditions: conditions.map(({ claim, op, values }) => ({ claim, op, values: [...values] })),
    allowForks,
    allowSshReruns,
    runnerClass,
    lastUsedAt,
    createdAt,
    createdBy:
      row.createdBy && row.createdByName ? { id: row.createdBy, name: row.createdByName } : null,
    version,
    allowed: scope.allowed(resourceOf(row)),
  }
}

export async function theTrustRule(scope: Pick<Scope, 'db'>, id: string): Promise<TrustRuleRow> {
  const row = await trustRuleById(scope.db, id)
  if (!row) throw problem('not_found', 'There is no such trust rule. It may have been removed.')
  return row
}

const told = (row: TrustRuleRow) => ({
  name: row.name,
  issuer: row.issuerName,
  project: row.projectName,
  conditions: row.conditions.map(({ claim, op, values }) => `${claim} ${op} ${values.join(', ')}`),
  allowForks: row.allowForks,
  allowSshReruns: row.allowSshReruns,
  runnerClass: row.runnerClass,
})

/** A rule that binds nothing would tell every run of the CI to be this project's. */
function demandBinding(kind: TrustRuleRow['issuerKind'], values: TrustRuleValues): void {
  const fault = ruleFault(kind, values)
  if (!fault) return
  throw problem('invalid_input', fault, { fields: [{ path: 'conditions', message: fault }] })
}

/** The issuer of a new rule, for whoever may say which of its tokens are the project's. */
async function issuerFor(
  scope: Scope,
  { issuerId, projectId }: { issuerId: string; projectId: string },
) {
  const project = await projectResource(scope.db, projectId)
  const either = ['project:view', 'trustRule:create'] as const
  const place = demandNamed(scope, 'projectId', 'project', project, either)
  scope.demand('trustRule:create', place)
  const named = await issuerResource(scope.db, issuerId)
  demandNamed(scope, 'issuerId', 'issuer', named, ['issuer:view'])
  return theIssuer(scope, issuerId)
}

/** What would turn if there were such a rule. */
export async function impactOfNewRule(scope: Scope, input: InputOf<'trustRules.impactOfNew'>) {
  const { kind: issuerKind, name: issuerName } = await issuerFor(scope, input)
  const project = await scope.db
    .selectFrom('project')
    .where('id', '=', input.projectId)
    .select(['repository', 'externalId', 'provider'])
    .executeTakeFirstOrThrow()
  const { issuerId, ...terms } = input
  return rulesImpact(scope, { issuerId, issuerKind, issuerName }, (rules) => [
    ...rules,
    { ...terms, ...project, id: 'new', name: 'the new rule', runnerClass: null },
  ])
}

/** What would turn if a rule were changed, or gone. */
export async function impactOfChange(
  scope: Scope,
  { trustRuleId, removed, ...given }: InputOf<'trustRules.impact'>,
) {
  const rule = await theTrustRule(scope, trustRuleId)
  return rulesImpact(scope, rule, (rules) =>
    rules.flatMap((each) => {
      if (each.id !== trustRuleId) return [each]
      const { conditions, allowForks, allowSshReruns } = { ...each, ...defined(given) }
      return removed ? [] : [{ ...each, conditions, allowForks, allowSshReruns }]
    }),
  )
}

const defined = <T extends object>(given: T) =>
  Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined)) as {
    [K in keyof T]?: Exclude<T[K], undefined>
  }

export async function createTrustRule(
  scope: Scope,
  input: InputOf<'trustRules.create'>,
): Promise<Answer> {
  const { issuerId, projectId, reason, ...values } = input
  const issuer = await issuerFor(scope, input)
  demandBinding(issuer.kind, values)
  const id = newId()
  const createdBy = scope.actor.personId ?? null
  await insertTrustRule(scope.db, { id, issuerId, projectId, createdBy, ...values })
  const made = await theTrustRule(scope, id)
  const resource = { kind: 'trustRule', id, name: made.name }
  const detail = reason && { detail: { reason } }
  scope.record({ resource, project: projectId, after: told(made), ...detail })
  return trustRuleAnswer(scope, made)
}

export async function changeTrustRule(
  scope: Scope,
  { trustRuleId, reason, ...given }: InputOf<'trustRules.update'>,
): Promise<Answer> {
  const before = await theTrustRule(scope, trustRuleId)
  const values: TrustRuleValues = {
    name: given.name ?? before.name,
    conditions: given.conditions ?? before.conditions,
    allowForks: given.allowForks ?? before.allowForks,
    allowSshReruns: given.allowSshReruns ?? before.allowSshReruns,
    runnerClass: given.runnerClass === undefined ? before.runnerClass : given.runnerClass,
  }
  demandBinding(before.issuerKind, values)
  if (!(await updateTrustRule(scope.db, trustRuleId, scope.expectedVersion ?? 0, values))) {
    throw stale(scope, before)
  }
  const after = await theTrustRule(scope, trustRuleId)
  const detail = reason && { detail: { reason } }
  scope.record({ project: before.projectId, before: told(before), after: told(after), ...detail })
  return trustRuleAnswer(scope, after)
}

export async function removeTrustRule(scope: Scope, id: string): Promise<void> {
  const before = await theTrustRule(scope, id)
  if (!(await deleteTrustRule(scope.db, id, scope.expectedVersion ?? 0))) {
    throw stale(scope, before)
  }
  scope.record({ project: before.projectId, before: told(before) })
}

const stale = (scope: Scope, row: TrustRuleRow) =>
  problem('stale', 'Somebody changed this trust rule since you loaded it.', {
    current: trustRuleAnswer(scope, row),
  })
