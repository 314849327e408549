import { sql, type RawBuilder } from 'kysely'
import {
  daysBefore,
  evidence,
  firstRows,
  inPerson,
  inProject,
  moreRows,
  type Detection,
} from './detection.ts'
import { rememberedDays } from './networks.ts'
import { networksOfSegments } from './segment-networks.ts'

/** For how long a network is new. */
const newDays = 7
/** Whoever is served from as many networks has none of their own: people who travel all the time, runners that a CI hosts. */
const tooMany = 10

/** Uses `n` from a network that was new to its subject, who had been seen elsewhere before: a first use is not one. */
const newNetworks = (kind: 'person' | 'project', now: Date): RawBuilder<unknown> => sql`(
  select n.*, elsewhere.networks from network_seen n cross join lateral (
    select count(*) as count, string_agg(first.network::text, ', ') filter (where first.place <= 3) as networks
    from (select o.network, row_number() over (order by o.uses desc, o.network) as place from network_seen o
      where o.kind = n.kind and o.subject_id = n.subject_id and o.network <> n.network and o.since < n.since
        and o.last_at >= n.since - make_interval(days => ${rememberedDays})) first) elsewhere
  where n.kind = ${kind} and n.since > ${daysBefore(now, newDays)} and n.since <= ${now}::timestamptz
    and elsewhere.count between 1 and ${tooMany - 1}) n`

/** Of `x`, when a score is worked out: that it was seen, and from few enough networks to have one of its own. */
const hasUsual = (kind: 'person' | 'project') => sql`(
  select count(*) from network_seen n where n.kind = ${kind} and n.subject_id = x.id) between 1 and ${tooMany}`

const networkRow = evidence({
  what: sql`'New network'`,
  name: sql`n.network::text`,
  says: sql`n.uses || case n.uses when 1 then ' use' else ' uses' end || '; before from ' || n.networks`,
  at: sql`n.since`,
})
const networks = sql`case count(*) when 1 then min(n.network)::text else count(*) || ' networks' end`

/** Use from where somebody was never seen in 90 days: by the /24 of an IPv4 address, the /48 of an IPv6 one. */
export const networkDetections: readonly Detection[] = [
  {
    id: 'person-new-network',
    title: 'Person seen from a new network',
    why: `Somebody was served from a network where they were not seen in ${rememberedDays} days: on a journey, or another with their session or token. It ends after ${newDays} days. Who is seen from ${tooMany} networks or more has no usual one, and is left out.`,
    severity: 'medium',
    cicdRisk: 'CICD-SEC-10',
    controls: [
      'PCI DSS 10.4.1',
      'SOC 2 CC7.2',
      'HIPAA 164.308(a)(1)(ii)(D)',
      'NIST SP 800-207 tenet 4',
    ],
    subject: 'person',
    among: () => sql`x.state = 'active'`,
    tells: {
      of: () => hasUsual('person'),
      otherwise: `Nobody was seen from anywhere yet, or only who is seen from ${tooMany} networks or more.`,
    },
    fix: { label: 'End their sessions', opens: 'person.sessions', on: 'subject_id' },
    heeds: { person: 'person_id' },
    often: true,
    query: (now) => sql`
      select p.id as subject_id, p.name as subject_name, ${inPerson}, ${moreRows} as more,
        p.name || ' was served from ' || ${networks} || ', where they were not seen in ${sql.lit(rememberedDays)} days.' as says,
        ${firstRows(networkRow, sql`n.since desc, n.network`)} as rows
      from ${newNetworks('person', now)} join person p on p.id = n.subject_id group by p.id`,
  },
  {
    id: 'project-new-network',
    title: 'Project used from a new network',
    why: `Runs of the project were served from a network where none came from in ${rememberedDays} days: its runners moved, or a token of its CI is used elsewhere. It ends after ${newDays} days. A project whose runs come from ${tooMany} networks or more, as hosted runners’, is left out.`,
    severity: 'high',
    cicdRisk: 'CICD-SEC-6',
    controls: ['PCI DSS 10.4.1', 'SOC 2 CC6.6', 'SOC 2 CC7.2', 'NIST SP 800-207 tenet 2'],
    subject: 'project',
    tells: {
      of: () => hasUsual('project'),
      otherwise: `No run was served from anywhere yet, or all come from ${tooMany} networks or more.`,
    },
    fix: {
      label: 'Say where its segment’s runs come from',
      opens: 'segment.settings',
      on: 'segment_id',
    },
    heeds: {},
    often: true,
    query: (now) => sql`
      select p.id as subject_id, p.name as subject_name, ${inProject}, ${moreRows} as more,
        'Runs of ' || p.name || ' were served from ' || ${networks} || ', where none came from in ${sql.lit(rememberedDays)} days.' as says,
        ${firstRows(networkRow, sql`n.since desc, n.network`)}
          || coalesce(usual.rows, '[]') as rows
      from ${newNetworks('project', now)} join project p on p.id = n.subject_id join segment g on g.id = p.segment_id
        left join ${networksOfSegments(daysBefore(now, newDays))} usual on usual.segment_id = g.id and cardinality(g.cidrs) = 0
      group by p.id, usual.rows`,
  },
]
