import { sql } from 'kysely'
import { readSecretAt } from '../../../contract/secret-at.ts'
import { invalidField, problem } from '../../http/problem.ts'
import type { Scope } from '../../http/scope.ts'
import { within } from './store.ts'

/** A context in which a value stood: since when, and until which moment whoever redeemed may have been given it. */
export interface Stood {
  readonly contextId: string
  readonly since: Date
  readonly until: Date | null
}

/**
 * A run that redeems while its secret is replaced may read the value that goes, and say a moment behind the replacement
 * that it did. Longer than any change takes: rather one run too many is looked at than one too few.
 */
const overlap = sql`interval '30 seconds'`

/**
 * Where the value of `<context id>.<name of a secret>.<version>` stood, by its keyed fingerprint: in every context that the
 * reader may see, under whatever name, and again after a rollback. Nothing is opened. Throws the 404 of a version that the
 * reader may not see, or that is not there, and the 400 of what names none.
 */
export async function whereStood(scope: Scope, secret: string): Promise<Stood[]> {
  const place = readSecretAt(secret)
  if (!place) throw invalidField('secret', 'must be <context id>.<name of a secret>.<version>')
  const { contextId, name, version } = place
  const seen = within(scope.reach('context:view'))
  const { rows } = await sql<Stood>`
    with asked as (
      select v.fingerprint from secret_version v join secret s on s.id = v.secret_id join context on context.id = s.context_id
      where s.context_id = ${contextId} and s.name = ${name} and v.version = ${version} and (${seen}))
    select s.context_id, v.created_at as since, next.created_at + ${overlap} as until
    from asked join secret_version v using (fingerprint) join secret s on s.id = v.secret_id
      join context on context.id = s.context_id
      left join secret_version next on next.secret_id = v.secret_id and next.version = v.version + 1
    where ${seen}`.execute(scope.db)
  if (rows.length > 0) return rows
  throw problem('not_found', 'There is no such version of a secret.')
}
