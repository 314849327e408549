import { randomBytes } from 'node:crypto'
import { exportJWK, generateKeyPair, type JWK } from 'jose'
import type { Adapter } from 'oidc-provider'
import type pg from 'pg'

/** Its own schema, made by the evaluation identity provider alone: a production database never has it. */
const schema = `
create schema if not exists idp;
create table if not exists idp.record (
  kind text not null, id text not null, payload jsonb not null, grant_id text, uid text,
  consumed_at timestamptz, expires_at timestamptz, primary key (kind, id));
create index if not exists record_grant on idp.record (grant_id) where grant_id is not null;
create index if not exists record_uid on idp.record (uid) where uid is not null;
create index if not exists record_expiry on idp.record (expires_at);
create table if not exists idp.keys (single boolean primary key default true check (single), keys jsonb not null);`

export interface IdpKeys {
  readonly signing: JWK
  readonly cookies: string[]
  readonly dpopNonce: string
}

/** Makes the tables and the keys at the first start and reads them at every other: sign-ins outlive a restart. */
export async function prepareStore(pool: pg.Pool): Promise<IdpKeys> {
  await pool.query(schema)
  await pool.query('delete from idp.record where expires_at < now()')
  const { privateKey } = await generateKeyPair('ES256', { extractable: true })
  const made: IdpKeys = {
    signing: {
      ...(await exportJWK(privateKey)),
      kid: `evaluation-${randomBytes(6).toString('hex')}`,
      alg: 'ES256',
      use: 'sig',
    },
    cookies: [randomBytes(32).toString('base64url')],
    dpopNonce: randomBytes(32).toString('base64url'),
  }
  await pool.query('insert into idp.keys (keys) values ($1) on conflict do nothing', [made])
  const { rows } = await pool.query<{ keys: IdpKeys }>('select keys from idp.keys')
  return rows[0]?.keys ?? made
}

/** oidc-provider's memory adapter keeps 1,000 rows of everything together and evicts live sessions; this one keeps them all. */
export function adapterOn(pool: pg.Pool): (kind: string) => Adapter {
  const one = async (where: string, values: unknown[]) => {
    const { rows } = await pool.query<{
      payload: Record<string, unknown>
      consumed: number | null
    }>(
      `select payload, extract(epoch from consumed_at)::int as consumed from idp.record
       where ${where} and (expires_at is null or expires_at > now()) limit 1`,
      values,
    )
    const row = rows[0]
    return row && { ...row.payload, ...(row.consumed !== null && { consumed: row.consumed }) }
  }
  return (kind) => ({
    async upsert(id, payload, expiresIn) {
      await pool.query(
        `insert into idp.record (kind, id, payload, grant_id, uid, expires_at)
         values ($1, $2, $3, $4, $5, now() + make_interval(secs => $6))
         on conflict (kind, id) do update set payload = excluded.payload, grant_id = excluded.grant_id,
           uid = excluded.uid, expires_at = excluded.expires_at`,
        [kind, id, payload, payload['grantId'] ?? null, payload['uid'] ?? null, expiresIn ?? null],
      )
    },
    find: (id) => one('kind = $1 and id = $2', [kind, id]),
    findByUid: (uid) => one('kind = $1 and uid = $2', [kind, uid]),
    // The device flow is off.
    findByUserCode: () => Promise.resolve(undefined),
    async destroy(id) {
      await pool.query('delete from idp.record where kind = $1 and id = $2', [kind, id])
    },
    async consume(id) {
      await pool.query('update idp.record set consumed_at = now() where kind = $1 and id = $2', [
        kind,
        id,
      ])
    },
    async revokeByGrantId(grantId) {
      await pool.query('delete from idp.record where grant_id = $1', [grantId])
    },
  })
}
