import { sql } from 'kysely'
import { openCheckpoint, parseVerifierKey } from '../../../proof/checkpoint.ts'
import { equal } from '../../../proof/merkle.ts'
import { verifierKey } from '../audit/service.ts'
import { daysBefore } from '../findings/service.ts'
import { ofFacts, ofObjects, row, type Check, type CheckRow } from './check.ts'

const trail = { label: 'Audit trail', opens: 'audit' } as const
const checkpoints = { label: 'Checkpoints', opens: 'checkpoints' } as const
const minute = 60_000

/** How many of the newest checkpoints are verified. */
const verified = 20
/** How many of the newest events are read. */
const newest = 1_000

/** Sorts of events that PCI DSS 10.2.1 names, by what the record counts: nouns, actions, outcomes. */
const sorts = [
  ['Use of secrets', 'action', ['leases.exchange', 'leases.redeem']],
  [
    'Administration',
    'noun',
    [
      'roles',
      'grants',
      'policies',
      'contexts',
      'segments',
      'projects',
      'issuers',
      'trustRules',
      'teams',
      'people',
    ],
  ],
  ['Reading of the audit trail', 'noun', ['audit']],
  ['Refused attempts', 'outcome', ['denied']],
  [
    'Changes of credentials and of what they permit',
    'action',
    [
      'grants.create',
      'grants.revoke',
      'apiTokens.create',
      'apiTokens.revoke',
      'sessions.revoke',
      'roles.update',
      'contexts.store',
      'federation.rotate',
    ],
  ],
  ['Sign-ins', 'action', ['sessions.start']],
] as const

/** The record: that everything gets in, that nothing gets out, and that somebody looks. */
export const recordChecks: readonly Check[] = [
  {
    id: 'record-current',
    asks: 'Whether events wait for longer than a minute for their place in the record, and whether a signed checkpoint covers all that have theirs, but for the last minute.',
    satisfy: 'Look why the sealer is behind: the server’s log says it.',
    list: checkpoints,
    async ask(db, { now }) {
      const { rows } = await sql<{
        queuedAt: Date | null
        size: number
        signed: number
        last: Date | null
      }>`
        select (select queued_at from audit_queue order by xid, event_id limit 1) as queued_at, s.tree_size as size, s.last_signed_size as signed,
          (select occurred_at from audit_entry where leaf_index = s.last_signed_size) as last
        from log_state s`.execute(db)
      const [state] = rows
      const { queuedAt = null, size = 0, signed = 0, last = null } = state ?? {}
      const old = (at: Date | null) => at !== null && now.getTime() - at.getTime() > minute
      return ofFacts(
        {
          of: ['stage of the record', 'stages of the record'],
          good: ['is up to date', 'are up to date'],
          bad: ['is behind', 'are behind'],
          none: 'There is no record yet.',
          strict: true,
        },
        size === 0 && queuedAt === null
          ? []
          : [
              {
                what: 'Queue',
                name: queuedAt ? 'oldest event that waits' : 'nothing waits',
                ...(queuedAt && { at: queuedAt.toISOString() }),
                good: !old(queuedAt),
              },
              {
                what: 'Checkpoint',
                name: `${signed} of ${size} events signed`,
                ...(last && { says: 'first that is not signed', at: last.toISOString() }),
                good: signed === size || !old(last),
              },
            ],
      )
    },
  },
  {
    id: 'checkpoints-verify',
    asks: `The newest ${verified} checkpoints, and whether each carries a right signature by the key of this log, over the size and root that are stored.`,
    satisfy:
      'Find out who changed the database: take an evidence pack of an earlier time, and compare.',
    list: checkpoints,
    async ask(db, { config }) {
      const rows = await db
        .selectFrom('auditCheckpoint')
        .selectAll()
        .orderBy('treeSize', 'desc')
        .limit(verified)
        .execute()
      const key = await parseVerifierKey(await verifierKey(config.dataDir))
      const facts = await Promise.all(
        rows.map(async ({ treeSize, root, note, createdAt }): Promise<CheckRow> => {
          const fault = await openCheckpoint(note, key).then(
            (told) =>
              told.size === treeSize && equal(told.root, root)
                ? undefined
                : 'the note says otherwise than what is stored',
            (error: Error) => error.message,
          )
          return {
            what: 'Checkpoint',
            name: `${treeSize} events`,
            says: fault ?? 'signature and root are right',
            at: createdAt.toISOString(),
            good: fault === undefined,
          }
        }),
      )
      return ofFacts(
        {
          of: ['checkpoint', 'checkpoints'],
          good: ['verifies', 'verify'],
          bad: ['does not verify', 'do not verify'],
          none: 'No checkpoint was signed yet.',
          strict: true,
        },
        facts,
      )
    },
  },
  {
    id: 'record-append-only',
    asks: 'The tables of the record, and whether the database lets the two roles that this server works under change, delete or empty what stands in them. Counts and the queue, which are derived or passed on, are not looked at.',
    satisfy:
      'Revoke those rights: `revoke update, delete, truncate on audit_entry, audit_checkpoint from sallyport_app, sallyport_sealer`.',
    list: checkpoints,
    ask: ofObjects(
      {
        of: ['right on the record', 'rights on the record'],
        good: ['is held by neither role', 'are held by neither role'],
        bad: ['is held', 'are held'],
        none: 'There is no record.',
        strict: true,
      },
      () => sql`
        select ${row({
          what: sql`'Table'`,
          name: sql`c.relname || ': ' || a.act || ' by ' || w.who`,
          good: sql`not has_table_privilege(w.who, c.oid, a.act)`,
          says: sql`case when has_table_privilege(w.who, c.oid, a.act) then 'granted' else 'not granted' end`,
        })} from pg_class c, unnest(array['update', 'delete', 'truncate']) a(act),
          unnest(array['sallyport_app', 'sallyport_sealer']) w(who)
        where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'p') and c.relname ~ '^audit_(entry|checkpoint)'`,
    ),
  },
  {
    id: 'record-twelve-months',
    asks: 'Whether the record is whole from its first event on, or from where older ones were carried away, and whether that lies 12 months back.',
    satisfy:
      'Keep the database, and its backups, until the record covers 12 months. Nothing younger can be removed from it.',
    list: trail,
    async ask(db, { now }) {
      const { rows } = await sql<{
        first: number | null
        begins: Date | null
        last: number | null
        size: number
        kept: number
      }>`
        select f.leaf_index as first, s.min_index as kept, f.occurred_at as begins, (select max(leaf_index) from audit_entry) as last, s.tree_size as size
        from log_state s left join lateral (select leaf_index, occurred_at from audit_entry order by leaf_index limit 1) f on true`.execute(
        db,
      )
      const { first = null, begins = null, last = null, size = 0, kept = 0 } = rows[0] ?? {}
      if (begins === null)
        return { state: 'not_measurable', says: 'There is no record yet.', rows: [], more: 0 }
      const days = Math.floor((now.getTime() - begins.getTime()) / 86_400_000)
      const whole = first === kept && last === size - 1
      const facts: CheckRow[] = [
        {
          what: 'First event',
          name: `number ${first}`,
          says: `${days} days ago`,
          at: begins.toISOString(),
          good: first === kept && days >= 365,
        },
        { what: 'Last event', name: `number ${last} of ${size}`, good: last === size - 1 },
      ]
      const reach = `The record begins ${days} days ago`
      if (!whole)
        return {
          state: 'not_met',
          says: `${reach} and is not whole: events at its beginning or its end are missing.`,
          rows: facts,
          more: 0,
        }
      return days >= 365
        ? {
            state: 'met',
            says: `${reach} with its first event, and everything since is there to be read at once.`,
            rows: facts,
            more: 0,
          }
        : {
            state: 'partly',
            says: `${reach} with its first event, and nothing was taken from it. It covers 12 months in ${365 - days} days.`,
            rows: facts,
            more: 0,
          }
    },
  },
  {
    id: 'record-sorts',
    asks: 'The sorts of events that the record must hold (use of secrets, administration, reading of the trail, refused attempts, changes of credentials, sign-ins), and whether it holds some of each from the last 90 days.',
    satisfy:
      'A sort that is missing has not happened: nothing in the product switches its recording off.',
    list: trail,
    ask: ofObjects(
      {
        of: ['sort of event', 'sorts of events'],
        good: ['stands in the record', 'stand in the record'],
        bad: [
          'does not stand in it for the last 90 days',
          'do not stand in it for the last 90 days',
        ],
        none: 'There is no record.',
      },
      (setting) => sql`
        select ${row({
          what: sql`'Sort of event'`,
          name: sql`k.name`,
          good: sql`n.n > 0`,
          says: sql`n.n || case n.n when 1 then ' event' else ' events' end || ' in 90 days'`,
        })} from (values ${sql.join(
          sorts.map(
            ([name, dimension, values]) =>
              sql`(${name}::text, ${dimension}::text, ${sql.val([...values])}::text[])`,
          ),
        )}) k(name, dimension, vals), lateral (
          select coalesce(sum(d.count), 0)::bigint as n from audit_rollup_day d
          where d.day > ${daysBefore(setting.now, 90)} and case k.dimension
            when 'outcome' then d.dimension = 'all' and d.outcome = any(k.vals)
            else d.dimension = k.dimension and d.value = any(k.vals) end) n`,
    ),
  },
  {
    id: 'record-fields',
    asks: `The newest ${newest} events, and whether each says who acted, what was done, when, with which outcome and, unless the server itself acted, from which address.`,
    satisfy: 'An event without one of these was written past the product: look at it in the trail.',
    list: trail,
    ask: ofObjects(
      {
        of: ['event', 'events'],
        good: ['says all of it', 'say all of it'],
        bad: ['leaves something out', 'leave something out'],
        none: 'There is no record yet.',
        strict: true,
      },
      () => sql`
        select ${row({
          what: sql`'Event'`,
          kind: sql`'audit'`,
          id: sql`e.event_id`,
          name: sql`e.action || ' by ' || e.actor_name`,
          good: sql`e.actor_id <> '' and e.action <> '' and e.outcome <> '' and (e.actor_kind = 'system' or e.ip is not null)`,
          says: sql`e.outcome || coalesce(', from ' || e.ip, '')`,
          at: sql`e.occurred_at`,
        })} from (select * from audit_entry order by leaf_index desc limit ${sql.lit(newest)}) e`,
    ),
  },
  {
    id: 'watch-kept',
    asks: 'Everything that is looked for in live data, and whether it was looked for in the last 26 hours without a fault; what only time brings about, within half an hour.',
    satisfy: 'Look at Detections: it says which failed, and why.',
    list: { label: 'Detections', opens: 'detections' },
    ask: ofObjects(
      {
        of: ['kind of risk', 'kinds of risk'],
        good: ['was looked for in time', 'were looked for in time'],
        bad: ['was not', 'were not'],
        none: 'Nothing was looked for yet.',
      },
      ({ now }) => sql`
        select ${row({
          what: sql`'Detection'`,
          name: sql`l.detection`,
          good: sql`l.fault is null and l.at > case l.detection when 'sealer-behind' then ${new Date(now.getTime() - 30 * minute)}::timestamptz
            else ${new Date(now.getTime() - 26 * 60 * minute)}::timestamptz end`,
          says: sql`coalesce(l.fault, 'found ' || l.found)`,
          at: sql`l.at`,
        })} from finding_look l`,
    ),
  },
  {
    id: 'findings-decided',
    asks: 'Critical and high findings of the last 90 days, and whether each ended, or was decided on (muted or accepted with its reason), within 30 days.',
    satisfy: 'Mend what stands open for longer, or accept it with an owner and a date.',
    list: { label: 'Findings', opens: 'findings' },
    ask: ofObjects(
      {
        of: ['critical or high finding', 'critical and high findings'],
        good: [
          'was dealt with in time, or is younger than that',
          'were dealt with in time, or are younger than that',
        ],
        bad: ['stands open for more than 30 days', 'stand open for more than 30 days'],
        none: 'No critical or high finding opened in the last 90 days.',
      },
      (setting) => sql`
        select ${row({
          what: sql`'Finding'`,
          kind: sql`'finding'`,
          id: sql`f.id`,
          name: sql`e.says`,
          good: sql`f.state <> 'open' or f.opened_at > ${daysBefore(setting.now, 30)}`,
          says: sql`f.state`,
          at: sql`f.opened_at`,
        })} from finding f join finding_evidence e on e.finding_id = f.id
        where f.weight >= 7.5 and f.opened_at > ${daysBefore(setting.now, 90)}`,
    ),
  },
  {
    id: 'clocks-agree',
    asks: 'The clock of this server and that of the database, by which events and expiry are told, and whether they are within two seconds of each other.',
    satisfy: 'Have both follow the same source of time (NTP).',
    async ask(db, { clock = Date.now }) {
      const before = clock()
      const { rows } = await sql<{ now: Date }>`select clock_timestamp() as now`.execute(db)
      const apart = Math.round((rows[0]?.now.getTime() ?? 0) - (before + clock()) / 2)
      return ofFacts(
        {
          of: ['pair of clocks', 'pairs of clocks'],
          good: ['agrees within two seconds', 'agree within two seconds'],
          bad: ['is further apart', 'are further apart'],
          none: 'There is no clock.',
          strict: true,
        },
        [
          {
            what: 'Clocks',
            name: 'this server and the database',
            says: `${Math.abs(apart)} ms apart`,
            good: Math.abs(apart) <= 2_000,
          },
        ],
      )
    },
  },
]
