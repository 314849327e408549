import { sql } from 'kysely'
import {
  daysBefore,
  evidence,
  firstRows,
  inProject,
  moreRows,
  nowhere,
  type Detection,
} from './detection.ts'
import { likelyOwnersOfProjects } from './likely-owner.ts'
import { networksOfSegments } from './segment-networks.ts'

/** Of a project `x`, when a score is worked out: that a run of it asked for something. */
const ranSince = (at: Date) =>
  sql`exists (select from decision d where d.project_id = x.id and d.at > ${at})`

/** Projects, their segments, and the record. */
export const deliveryDetections: readonly Detection[] = [
  {
    id: 'project-without-owner',
    title: 'Project without an owner',
    why: 'No team answers for its pipeline: nobody approves who may change it, and nobody is asked when it is refused.',
    severity: 'low',
    cicdRisk: 'CICD-SEC-2',
    controls: ['PCI DSS 7.2.5.1', 'SOC 2 CC6.2'],
    subject: 'project',
    fix: { label: 'Name its team', opens: 'project.owner', on: 'project_id' },
    heeds: { project: 'project_id', segment: 'segment_id' },
    query: () => sql`
      select p.id as subject_id, p.name as subject_name, ${inProject}, 0 as more,
        'No team owns ' || p.name || '.' as says,
        jsonb_build_array(${evidence({ what: sql`'Project'`, kind: sql`'project'`, id: sql`p.id`, name: sql`p.name`, at: sql`p.created_at` })})
          || coalesce(likely.owner, '[]') as rows
      from project p left join ${likelyOwnersOfProjects} likely on likely.id = p.id where p.team_id is null`,
  },
  {
    id: 'project-always-refused',
    title: 'Project that a context always refuses',
    why: 'For a week no run of it was given the context. It was renamed, moved or forgotten, and people will ask for a way around.',
    severity: 'medium',
    cicdRisk: 'CICD-SEC-10',
    controls: ['SOC 2 CC7.2'],
    subject: 'project',
    among: (now) => ranSince(daysBefore(now, 7)),
    fix: { label: 'See why it is refused', opens: 'project.refused', on: 'project_id' },
    heeds: { project: 'project_id' },
    often: true,
    query: (now) => sql`
      select p.id as subject_id, p.name as subject_name, ${inProject}, ${moreRows} as more,
        sum(d.denied) || ' runs of ' || p.name || ' were refused in a week, and none was given '
          || case count(*) when 1 then max(d.name) else count(*) || ' of its contexts' end || '.' as says,
        ${firstRows(
          evidence({
            what: sql`'Context'`,
            kind: sql`'context'`,
            id: sql`d.context_id`,
            name: sql`d.name`,
            says: sql`d.denied || ' refused, none given'`,
          }),
          sql`lower(d.name)`,
        )} as rows
      from (
        select o.project_id, o.context_id, c.name, sum(o.count) as denied from decision_rollup o
        join context c on c.id = o.context_id
        where o.hour > ${daysBefore(now, 7)} and o.project_id is not null
        group by 1, 2, 3 having sum(o.count) filter (where o.outcome <> 'denied') is null and sum(o.count) >= 10) d
      join project p on p.id = d.project_id group by p.id`,
  },
  {
    id: 'refusals-burst',
    title: 'Burst of refusals',
    why: 'Many refusals in one hour, far beyond what is usual there: somebody tries doors, or a release was broken by a rule.',
    severity: 'high',
    cicdRisk: 'CICD-SEC-10',
    controls: ['PCI DSS 10.4.1', 'SOC 2 CC7.2', 'HIPAA 164.308(a)(1)(ii)(D)'],
    subject: 'project',
    among: (now) => ranSince(daysBefore(now, 8)),
    fix: { label: 'See what was refused', opens: 'project.refused', on: 'project_id' },
    heeds: {},
    often: true,
    query: (now) => sql`
      select p.id as subject_id, p.name as subject_name, ${inProject}, ${moreRows} as more,
        max(h.denied) || ' runs of ' || p.name || ' were refused within an hour.' as says,
        ${firstRows(
          evidence({
            what: sql`'Hour'`,
            kind: sql`'project'`,
            id: sql`p.id`,
            name: sql`h.denied || ' refused'`,
            says: sql`round(h.usual, 1) || ' an hour in the week before'`,
            at: sql`h.hour`,
          }),
          sql`h.hour desc`,
        )} as rows
      from (
        select project_id, hour, sum(count) as denied,
          sum(sum(count)) over (partition by project_id order by hour
            range between interval '7 days' preceding and interval '1 hour' preceding) / 168.0 as usual
        from decision_rollup where outcome = 'denied' and project_id is not null and hour > ${daysBefore(now, 8)}
        group by 1, 2) h
      join project p on p.id = h.project_id
      where h.hour > ${daysBefore(now, 1)} and h.denied >= 20 and h.denied > 5 * coalesce(h.usual, 0)
      group by p.id`,
  },
  {
    id: 'segment-open',
    title: 'Production segment without a network',
    why: 'Neither addresses nor runner classes say where its runs come from: a token that was copied out of it works from anywhere.',
    severity: 'medium',
    cicdRisk: 'CICD-SEC-5',
    controls: ['SOC 2 CC6.6', 'NIST SP 800-207 tenet 2'],
    subject: 'segment',
    among: () => sql`x.tier = 'production'`,
    fix: { label: 'Set its addresses', opens: 'segment.settings', on: 'subject_id' },
    heeds: { segment: 'subject_id' },
    query: () => sql`
      select g.id as subject_id, g.name as subject_name, null::uuid as person_id, null::uuid as project_id,
        null::uuid as context_id, g.id as segment_id, 0 as more,
        'Runs of ' || g.name || ' may come from anywhere.' as says,
        jsonb_build_array(${evidence({ what: sql`'Segment'`, kind: sql`'segment'`, id: sql`g.id`, name: sql`g.name`, at: sql`g.created_at` })}) || coalesce(used.rows, '[]') as rows
      from segment g left join ${networksOfSegments()} used on used.segment_id = g.id
      where g.tier = 'production' and cardinality(g.cidrs) = 0 and cardinality(g.runner_classes) = 0`,
  },
  {
    id: 'sealer-behind',
    title: 'The record is behind',
    why: 'Events wait for their place in the record. Until they have it nobody can prove that none was taken away.',
    severity: 'critical',
    cicdRisk: 'CICD-SEC-10',
    controls: ['PCI DSS 10.7.2', 'PCI DSS 10.3.4', 'HIPAA 164.312(b)', 'SOC 2 CC7.2'],
    subject: 'organization',
    fix: { label: 'Look at the checkpoints', opens: 'checkpoints', on: 'subject_id' },
    heeds: {},
    often: true,
    query: (now) => sql`
      select '00000000-0000-0000-0000-000000000000'::uuid as subject_id, 'The organization' as subject_name, ${nowhere}, 0 as more,
        'Events wait since ' || to_char(q.queued_at at time zone 'UTC', 'YYYY-MM-DD HH24:MI') || ' UTC for their place in the record.' as says,
        jsonb_build_array(${evidence({ what: sql`'Oldest that waits'`, name: sql`'one event'`, at: sql`q.queued_at` })}) as rows
      from (select queued_at from audit_queue order by xid, event_id limit 1) q where q.queued_at < ${new Date(now.getTime() - 60_000)}`,
  },
]
