import type { AnswerOf, InputOf } from '../../../contract/index.ts'
import type { Handlers, Scope } from '../../http/scope.ts'
import type { KeyWrapProvider } from '../../vault/key-wrap.ts'
import {
  insertKey,
  keysOf,
  lockKeys,
  makeKey,
  signsFrom,
  stateOf,
  type FederationKeyRow,
} from './keys.ts'

type Key = AnswerOf<'federation.rotate'>

const discoveryPath = '/.well-known/openid-configuration'

function answerOf(row: FederationKeyRow, rows: readonly FederationKeyRow[], now: Date): Key {
  const { kid, createdAt, retiredAt } = row
  return { kid, state: stateOf(row, rows, now), createdAt, signsFrom: row.signsFrom, retiredAt }
}

async function rotate(
  scope: Scope,
  provider: KeyWrapProvider,
  { atOnce }: InputOf<'federation.rotate'>,
): Promise<Key> {
  const made = await makeKey(provider)
  await lockKeys(scope.db)
  const before = await keysOf(scope.db)
  if (atOnce) {
    const retired = { retiredAt: scope.now }
    await scope.db
      .updateTable('federationKey')
      .set(retired)
      .where('retiredAt', 'is', null)
      .execute()
  }
  const from = signsFrom(scope.now, { first: before.length === 0, atOnce })
  await insertKey(scope.db, made, from)
  const rows = await keysOf(scope.db)
  const row = rows.find(({ kid }) => kid === made.kid)
  if (!row) throw new Error('a key that was just stored is not there')
  scope.record({
    resource: { kind: 'federationKey', id: made.kid, name: made.kid },
    after: { kid: made.kid, signsFrom: from.toISOString() },
    detail: { atOnce, retired: atOnce ? before.filter((one) => !one.retiredAt).length : 0 },
  })
  return answerOf(row, rows, scope.now)
}

export function federationHandlers({
  provider,
}: {
  readonly provider: KeyWrapProvider
}): Handlers<'federation'> {
  return {
    async view(scope) {
      scope.reach('federation:view')
      const rows = await keysOf(scope.db)
      const { publicUrl } = scope.config
      return {
        issuer: publicUrl,
        discovery: `${publicUrl}${discoveryPath}`,
        keys: rows.map((row) => answerOf(row, rows, scope.now)),
      }
    },
    rotate: (scope, input) => rotate(scope, provider, input),
  }
}
