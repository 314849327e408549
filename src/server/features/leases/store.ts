import { sql, type SqlBool } from 'kysely'
import type { InputOf } from '../../../contract/index.ts'
import type { Db } from '../../db/connect.ts'
import { newId } from '../../db/new-id.ts'
import { each, statement } from '../../db/statement.ts'
import type { Transaction } from '../../db/transaction.ts'
import type { RunFacts } from '../../decision/run-facts.ts'
import { storedRun } from '../../decision/run-of.ts'
import type { Reach } from '../../decision/types.ts'
import type { Stood, StoredSecret } from '../contexts/service.ts'

const expired = sql<boolean>`(lease.state = 'issued' and lease.expires_at <= clock_timestamp())`

const selectLeases = (db: Db) =>
  db
    .selectFrom('lease')
    .leftJoin('issuer', 'issuer.id', 'lease.issuerId')
    .leftJoin('trustRule', 'trustRule.id', 'lease.trustRuleId')
    .leftJoin('project', 'project.id', 'lease.projectId')
    .leftJoin('person', 'person.id', 'lease.revokedBy')
    .selectAll('lease')
    .select((eb) => [
      eb
        .selectFrom('leaseReplay')
        .whereRef('leaseReplay.leaseId', '=', 'lease.id')
        .select(({ fn }) => fn.countAll<number>().as('count'))
        .as('replays'),
      eb
        .selectFrom('leaseReplay')
        .whereRef('leaseReplay.leaseId', '=', 'lease.id')
        .select(({ fn }) => fn.max('leaseReplay.at').as('at'))
        .as('replayedAt'),
      'issuer.name as issuerName',
      'trustRule.name as trustRuleName',
      'project.segmentId as segmentId',
      'person.name as revokedByName',
      expired.as('expired'),
    ])

export type LeaseRow = Awaited<
  ReturnType<ReturnType<typeof selectLeases>['executeTakeFirstOrThrow']>
>

export const leaseById = (db: Db, id: string): Promise<LeaseRow | undefined> =>
  selectLeases(db).where('lease.id', '=', id).executeTakeFirst()

export const leaseByHash = (db: Db, hash: Buffer): Promise<LeaseRow | undefined> =>
  selectLeases(db).where('lease.secretHash', '=', hash).executeTakeFirst()

const ofContext = (contextIds: readonly string[]) => sql<SqlBool>`exists (
  select from lease_context lc where lc.lease_id = lease.id and lc.context_id = any(${sql.val([...contextIds])}::uuid[]))`

/** Whose leases may be known of: by their project, its segment, or one of their contexts. */
function within(reach: Reach) {
  const segments = sql.val([...reach.segments])
  const projects = sql.val([...reach.projects])
  return sql<SqlBool>`(${reach.everywhere}::boolean
    or lease.project_id = any(${projects}::uuid[])
    or exists (select from project p where p.id = lease.project_id and p.segment_id = any(${segments}::uuid[]))
    or ${ofContext(reach.contexts)})`
}

/** Whose redemption gave out what stood in a context at the time. */
const givenWhile = (stood: readonly Stood[]) => sql<SqlBool>`lease.kind = 'secrets' and exists (
  select from lease_context lc
  join jsonb_to_recordset(${JSON.stringify(stood)}::jsonb) as stood ("contextId" uuid, since timestamptz, until timestamptz)
    on stood."contextId" = lc.context_id
  where lc.lease_id = lease.id and lease.redeemed_at >= stood.since
    and (stood.until is null or lease.redeemed_at < stood.until))`

export async function listLeases(
  db: Db,
  reach: Reach,
  query: Omit<InputOf<'leases.list'>, 'secret'> & { readonly stood?: readonly Stood[] | undefined },
  after: readonly string[] | undefined,
): Promise<LeaseRow[]> {
  let select = selectLeases(db)
    .orderBy('lease.issuedAt', 'desc')
    .orderBy('lease.id', 'desc')
    .limit(query.limit + 1)
    .where(within(reach))
  if (after) {
    select = select.where(
      sql<SqlBool>`(lease.issued_at, lease.id) < (${after[0]}::timestamptz, ${after[1]}::uuid)`,
    )
  }
  if (query.state === 'expired') select = select.where(expired)
  else if (query.state === 'issued') {
    select = select.where('lease.state', '=', 'issued').where(sql<SqlBool>`not ${expired}`)
  } else if (query.state) select = select.where('lease.state', '=', query.state)
  if (query.projectId) select = select.where('lease.projectId', '=', query.projectId)
  if (query.issuerId) select = select.where('lease.issuerId', '=', query.issuerId)
  if (query.contextId) select = select.where(ofContext([query.contextId]))
  if (query.stood) select = select.where(givenWhile(query.stood))
  if (query.replayed) {
    select = select.where(
      sql<SqlBool>`exists (select from lease_replay r where r.lease_id = lease.id)`,
    )
  }
  return select.execute()
}

export async function contextsOf(db: Db, leaseIds: readonly string[]) {
  if (leaseIds.length === 0) return []
  return db
    .selectFrom('leaseContext')
    .where('leaseId', 'in', leaseIds)
    .select(['leaseId', 'contextId', 'contextName', 'decisionId'])
    .orderBy('leaseId')
    .orderBy('position')
    .execute()
}

const live = sql<boolean>`(lease.state = 'issued' and lease.expires_at > clock_timestamp())`

interface LiveRow {
  readonly leases: number
  readonly projects: number
  readonly contexts: number
  readonly runs: number
  readonly until: Date | null
}

/** Of whom a lease is: what narrows counting as it narrows revoking. */
export interface Whose {
  readonly projectId?: string | undefined
  readonly contextId?: string | undefined
  readonly issuerId?: string | undefined
}

const whose = ({ projectId, contextId, issuerId }: Whose) =>
  sql<SqlBool>`(${projectId ?? null}::uuid is null or lease.project_id = ${projectId ?? null})
    and (${issuerId ?? null}::uuid is null or lease.issuer_id = ${issuerId ?? null})
    and ${contextId ? ofContext([contextId]) : sql`true`}`

/** What can be redeemed now, by the index of what is issued. */
export async function countLive(db: Db, reach: Reach, of: Whose): Promise<LiveRow | undefined> {
  const { rows } = await sql<LiveRow>`
    with live as (select * from lease where ${live} and ${within(reach)} and ${whose(of)})
    select count(*)::int as leases, count(distinct project_id)::int as projects,
      (select count(distinct c.context_id)::int from lease_context c where c.lease_id in (select id from live)) as contexts,
      count(distinct coalesce(run_id, id::text))::int as runs, max(expires_at) as until from live`.execute(
    db,
  )
  return rows[0]
}

export async function countReplayed(db: Db, reach: Reach, of: Whose, from: Date): Promise<number> {
  const { rows } = await sql<{ n: number }>`
    select count(*)::int as n from lease
    where lease.id in (select lease_id from lease_replay where at >= ${from})
      and ${within(reach)} and ${whose(of)}`.execute(db)
  return rows[0]?.n ?? 0
}

interface GivenRow {
  readonly leases: number
  readonly live: number
  readonly runs: number
  readonly last: Date | null
}

/** What a rule or an issuer has given since. */
export async function countGiven(
  db: Db,
  reach: Reach,
  by: { trustRuleId: string; projectId: string } | { issuerId: string },
  from: Date,
): Promise<GivenRow | undefined> {
  const given =
    'issuerId' in by
      ? sql`lease.issuer_id = ${by.issuerId}`
      : sql`lease.project_id = ${by.projectId} and lease.trust_rule_id = ${by.trustRuleId}`
  const { rows } = await sql<GivenRow>`
    select count(*)::int as leases, count(*) filter (where ${live})::int as live,
      count(distinct coalesce(run_id, id::text))::int as runs, max(issued_at) as last
    from lease where issued_at >= ${from} and ${given} and ${within(reach)}`.execute(db)
  return rows[0]
}

export interface NewLease {
  readonly id: string
  readonly kind: 'secrets' | 'token'
  readonly secretHash: Buffer | null
  readonly issuerId: string
  readonly trustRuleId: string | null
  readonly project: { readonly id: string; readonly name: string }
  readonly actor: { readonly id: string; readonly name: string }
  readonly runId: string | null
  readonly jobId: string | null
  readonly run: RunFacts
  readonly audience: string | null
  readonly boundAddress: string | null
  readonly jkt: string | null
  readonly issuedAt: Date
  readonly expiresAt: Date
  readonly contexts: readonly { id: string; name: string; decisionId: string | null }[]
  /** A federated token is given with its making: there is nothing left to redeem. */
  readonly redeemedFrom: string | null
}

/** Left for the commit: the lease and its contexts. */
export function insertLease({ last }: Transaction, lease: NewLease): void {
  const { id, kind, project, actor, run } = lease
  const state = lease.redeemedFrom === null ? 'issued' : 'redeemed'
  const redeemedAt = lease.redeemedFrom === null ? null : lease.issuedAt
  last(each`
    insert into lease (id, kind, secret_hash, issuer_id, trust_rule_id, project_id, project_name, actor_id, actor_name,
      run_id, job_id, run, audience, bound_address, jkt, state, issued_at, expires_at, redeemed_at, redeemed_from)
    select * from unnest(${id}::uuid[], ${kind}::text[], ${lease.secretHash}::bytea[], ${lease.issuerId}::uuid[],
      ${lease.trustRuleId}::uuid[], ${project.id}::uuid[], ${project.name}::text[], ${actor.id}::text[],
      ${actor.name}::text[], ${lease.runId}::text[], ${lease.jobId}::text[],
      ${JSON.stringify(storedRun(run))}::jsonb[], ${lease.audience}::text[], ${lease.boundAddress}::inet[],
      ${lease.jkt}::text[], ${state}::text[], ${lease.issuedAt}::timestamptz[], ${lease.expiresAt}::timestamptz[],
      ${redeemedAt}::timestamptz[], ${lease.redeemedFrom}::inet[])`)
  lease.contexts.forEach((context, position) =>
    last(each`
      insert into lease_context (lease_id, context_id, context_name, decision_id, position)
      select * from unnest(${id}::uuid[], ${context.id}::uuid[], ${context.name}::text[],
        ${context.decisionId}::uuid[], ${position}::int[])`),
  )
}

/** What a token is known by when it comes again, and what it was traded for. */
export interface Spending {
  readonly key: Buffer
  readonly contexts: Buffer
  readonly expiresAt: Date
  readonly leaseId: string
}

/**
 * False for a token that was traded for the same contexts before: of any number who try it with one token, here or on any
 * server, the primary key lets one through (P5). In the order of the keys, so that two who spend the same do it in turn.
 */
export async function spendToken({ ask }: Transaction, spending: Spending): Promise<boolean> {
  const { key, contexts, expiresAt, leaseId } = spending
  const spent = await ask(each`
    with given as (
      select * from unnest(${key}::bytea[], ${contexts}::bytea[], ${expiresAt}::timestamptz[], ${leaseId}::uuid[])
        with ordinality as given(key, contexts, expires_at, lease_id, nth)),
    spent as (
      insert into subject_token (key, contexts, expires_at, lease_id)
      select key, contexts, expires_at, lease_id from given order by key, contexts
      on conflict do nothing returning lease_id)
    select nth from spent join given using (lease_id)`)
  return spent.length > 0
}

/** A lease that was taken, with a context of it and one of its secrets: a context without any has one row, and one that is gone has no name. */
export type TakenRow = {
  readonly id: string
  readonly actorId: string
  readonly actorName: string
  readonly projectId: string
  readonly run: unknown
  readonly contextId: string
  readonly contextName: string
  readonly there: boolean
} & (StoredSecret | { readonly secretId: null })

/**
 * One statement decides who redeems: of any number at once the row's lock lets one through (P4); a revocation that was
 * first is seen likewise (P7b). The database's clock alone says when a lease has expired (P7). Nothing is answered for what
 * cannot be taken, nor for what somebody else is just taking or revoking, who is not waited for.
 */
export const takeLease = (
  { ask }: Transaction,
  hash: Buffer,
  from: { ip: string; jkt: string | null },
): Promise<TakenRow[]> =>
  ask(each`
    with open as (
      select lease.id, shown.ip, shown.nth
      from unnest(${hash}::bytea[], ${from.ip}::inet[], ${from.jkt}::text[])
        with ordinality as shown(hash, ip, jkt, nth)
      cross join lateral (
        select id from lease
        where secret_hash = shown.hash and state = 'issued' and expires_at > clock_timestamp()
          and (bound_address is null or bound_address = shown.ip)
          and (lease.jkt is null or lease.jkt = shown.jkt)
        for update skip locked) lease),
    taken as (
      update lease set state = 'redeemed', redeemed_at = clock_timestamp(), redeemed_from = open.ip
      from open where lease.id = open.id
      returning open.nth, lease.id, lease.actor_id, lease.actor_name, lease.project_id, lease.run)
    select taken.nth, taken.id, taken.actor_id as "actorId", taken.actor_name as "actorName",
      taken.project_id as "projectId", taken.run, held.context_id as "contextId",
      held.context_name as "contextName", context.id is not null as there,
      secret.id as "secretId", secret.name, secret.token, version.version, version.sealed, version.reference
    from taken join lease_context held on held.lease_id = taken.id
      left join context on context.id = held.context_id
      left join secret on secret.context_id = context.id
      left join secret_version version
        on version.secret_id = secret.id and version.version = secret.current_version
    order by taken.nth, held.position, secret.name`)

/** Waits for whoever is taking or revoking a lease. False when that has been done: it is not there to be taken any more. */
export async function waitForLease({ ask }: Transaction, hash: Buffer): Promise<boolean> {
  const free = await ask(statement`
    select from lease where secret_hash = ${hash} and state = 'issued' for update`)
  return free.length > 0
}

/** A lease that was shown again is noted, and whatever else the same job was given ends. Answers how many ended. */
export async function noteReplay(
  db: Db,
  lease: LeaseRow,
  { ip, now }: { ip: string; now: Date },
): Promise<number> {
  await db
    .insertInto('leaseReplay')
    .values({ id: newId(), leaseId: lease.id, at: now, ip })
    .execute()
  const ended = await sql`
    update lease set state = 'revoked', revoked_at = clock_timestamp(),
      revoke_reason = 'another lease of the same job was shown twice'
    where state = 'issued' and actor_id = ${lease.actorId}
      and (job_id = ${lease.jobId} or (${lease.jobId}::text is null and run_id = ${lease.runId}))`.execute(
    db,
  )
  return Number(ended.numAffectedRows ?? 0n)
}

export interface Revocation {
  readonly by: string | null
  readonly reason: string
}

/** False when it was not there to be revoked any more: redeemed, expired, or revoked before. */
export async function revokeLease(db: Db, id: string, { by, reason }: Revocation) {
  const revoked = await sql`
    update lease set state = 'revoked', revoked_at = clock_timestamp(), revoked_by = ${by}, revoke_reason = ${reason}
    where id = ${id} and state = 'issued' and expires_at > clock_timestamp()`.execute(db)
  return revoked.numAffectedRows === 1n
}

export type Which =
  | { readonly projectId: string }
  | { readonly contextId: string }
  | { readonly issuerId: string }
  | { readonly all: true }

export async function revokeLeases(
  db: Db,
  reach: Reach,
  which: Which,
  { by, reason }: Revocation,
): Promise<number> {
  const chosen =
    'projectId' in which
      ? sql`lease.project_id = ${which.projectId}`
      : 'contextId' in which
        ? ofContext([which.contextId])
        : 'issuerId' in which
          ? sql`lease.issuer_id = ${which.issuerId}`
          : sql`true`
  const revoked = await sql`
    update lease set state = 'revoked', revoked_at = clock_timestamp(), revoked_by = ${by}, revoke_reason = ${reason}
    where state = 'issued' and expires_at > clock_timestamp() and ${chosen} and ${within(reach)}`.execute(
    db,
  )
  return Number(revoked.numAffectedRows ?? 0n)
}
