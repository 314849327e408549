import type { AnswerOf, InputOf } from '../../../contract/index.ts'
import { IssuerAlgorithm } from '../../../contract/issuers.ts'
import type { Db } from '../../db/connect.ts'
import { newId } from '../../db/new-id.ts'
import type { Resource, ResourceLoader } from '../../decision/types.ts'
import { demandHttps } from '../../http/named.ts'
import { problem } from '../../http/problem.ts'
import type { Scope } from '../../http/scope.ts'
import { deleteIssuer, insertIssuer, issuerById, updateIssuer, type IssuerRow } from './store.ts'

export { trustedIssuers } from './store.ts'

type Answer = AnswerOf<'issuers.view'>

/** Issuers hold for the whole organization: who may see them anywhere may see each. */
const issuerResourceOf = ({ id, name }: Pick<IssuerRow, 'id' | 'name'>): Resource => ({
  kind: 'issuer',
  id,
  name,
  within: {},
})

export const issuerResource: ResourceLoader<Db> = async (db, id) => {
  const row = await issuerById(db, id)
  return row && issuerResourceOf(row)
}

export function issuerAnswer(scope: Scope, row: IssuerRow): Answer {
  const { id, name, kind, url, audience, leewaySeconds, maxAgeSeconds, bindAddress } = row
  const { createdAt, version } = row
  return {
    id,
    name,
    kind,
    url,
    audience,
    algorithms: IssuerAlgorithm.array().parse(row.algorithms),
    leewaySeconds,
    maxAgeSeconds,
    bindAddress,
    rules: row.rules ?? 0,
    lastUsedAt: row.lastUsedAt,
    createdAt,
    createdBy:
      row.createdBy && row.createdByName ? { id: row.createdBy, name: row.createdByName } : null,
    version,
    allowed: scope.allowed(issuerResourceOf(row)),
  }
}

export async function theIssuer(scope: Pick<Scope, 'db'>, id: string): Promise<IssuerRow> {
  const row = await issuerById(scope.db, id)
  if (!row) throw problem('not_found', 'There is no such issuer. It may have been removed.')
  return row
}

const told = (row: IssuerRow) => {
  const { name, kind, url, audience, algorithms, leewaySeconds, maxAgeSeconds, bindAddress } = row
  return { name, kind, url, audience, algorithms, leewaySeconds, maxAgeSeconds, bindAddress }
}

export async function createIssuer(
  scope: Scope,
  input: InputOf<'issuers.create'>,
): Promise<Answer> {
  demandHttps(scope, 'url', input.url)
  const id = newId()
  await insertIssuer(scope.db, { id, ...input, createdBy: scope.actor.personId ?? null })
  const made = await theIssuer(scope, id)
  scope.record({ resource: { kind: 'issuer', id, name: made.name }, after: told(made) })
  return issuerAnswer(scope, made)
}

export async function changeIssuer(
  scope: Scope,
  { issuerId, ...values }: InputOf<'issuers.update'>,
): Promise<Answer> {
  const before = await theIssuer(scope, issuerId)
  if (!(await updateIssuer(scope.db, issuerId, scope.expectedVersion ?? 0, values))) {
    throw stale(scope, before)
  }
  const after = await theIssuer(scope, issuerId)
  scope.record({ before: told(before), after: told(after) })
  return issuerAnswer(scope, after)
}

export async function removeIssuer(scope: Scope, id: string): Promise<void> {
  const before = await theIssuer(scope, id)
  if (!(await deleteIssuer(scope.db, id, scope.expectedVersion ?? 0))) throw stale(scope, before)
  scope.record({ before: told(before), detail: { rules: before.rules ?? 0 } })
}

const stale = (scope: Scope, row: IssuerRow) =>
  problem('stale', 'Somebody changed this issuer since you loaded it.', {
    current: issuerAnswer(scope, row),
  })
