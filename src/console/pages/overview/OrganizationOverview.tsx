import { SegmentedControl } from '@mantine/core'
import { keepPreviousData, useQuery } from '@tanstack/react-query'
import { Link, useNavigate } from 'react-router'
import type { Overview } from '../../../contract/overview.ts'
import { query } from '../../api/client.ts'
import { useQueryState } from '../../api/use-query-state.ts'
import { ProblemNotice } from '../../parts/ProblemNotice.tsx'
import { paths } from '../../paths.ts'
import { compared, count, nextDay, num } from '../../ui/format.ts'
import { daySeconds } from '../../ui/chart-times.ts'
import { Skeletons } from '../../ui/Skeletons.tsx'
import { Stat } from '../../ui/Stat.tsx'
import { Status } from '../../ui/Status.tsx'
import { Time } from '../../ui/Time.tsx'
import { TimeChart } from '../../ui/TimeChart.tsx'
import { FirstSteps } from './FirstSteps.tsx'
import { ListPanel } from './ListPanel.tsx'
import classes from './overview.module.css'
import { ScoreStat } from './ScoreStat.tsx'
import { Waiting } from './Waiting.tsx'
import { WorstFindings } from './WorstFindings.tsx'

const ranges = [
  { value: '7', label: '7 days' },
  { value: '30', label: '30 days' },
  { value: '90', label: '90 days' },
]
const series = [
  { key: 'permitted', label: 'Permitted', is: 'permitted' },
  { key: 'would_deny', label: 'Would be denied', is: 'would' },
  { key: 'denied', label: 'Denied', is: 'denied' },
] as const
const day = 86_400_000

/** What an administrator comes for: what happened, what changed, what is worst. */
export function OrganizationOverview() {
  const [{ days = 30 }, setState] = useQueryState('overview.view')
  const { data, error } = useQuery({
    ...query('overview.view', { days }),
    placeholderData: keepPreviousData,
  })
  return (
    <div className={classes.stack}>
      <div>
        <SegmentedControl
          aria-label="Range"
          data={ranges}
          value={String(days)}
          onChange={(next) => setState({ days: Number(next) })}
        />
      </div>
      <ProblemNotice error={error} />
      {data ? <Shown data={data} /> : !error && <Skeletons lines={10} />}
    </div>
  )
}

function Shown({ data }: { readonly data: Overview }) {
  const navigate = useNavigate()
  const { totals, before, standing, from, until } = data
  const week = new Date(Date.parse(until) - 7 * day).toISOString()
  const decisions = (outcome: string, more: Record<string, string> = {}) =>
    paths.decisions({ outcome, from, ...more })
  return (
    <>
      <FirstSteps taken={data.firstSteps} />
      <div className={classes.stats}>
        <ScoreStat until={until} />
        <Stat
          label="Permitted"
          value={totals.permitted}
          to={decisions('permitted')}
          note={compared(totals.permitted, before.permitted)}
        />
        <Stat
          label="Denied"
          value={totals.denied}
          to={decisions('denied')}
          is="denied"
          note={compared(totals.denied, before.denied)}
        />
        <Stat
          label="Would be denied"
          value={totals.would_deny}
          to={decisions('would_deny')}
          is="would"
          note={compared(totals.would_deny, before.would_deny)}
        />
        <Stat
          label="Closed contexts"
          value={standing.closedContexts}
          to={paths.contexts({ closed: true })}
          note="no restriction, so no run may use them"
        />
        <Stat
          label="Leases shown twice"
          value={data.leases.shownTwice.length}
          to={paths.leases({ replayed: true })}
          is="denied"
          note={`${count(data.leases.live, 'live lease')} now`}
        />
      </div>
      <div className={classes.panels}>
        <WorstFindings />
        <Waiting />
      </div>
      <TimeChart
        title="Decisions, by outcome"
        series={series}
        points={data.points}
        bucketSeconds={daySeconds}
        onPick={(outcome, { at }) =>
          void navigate(paths.decisions({ outcome, from: at, until: nextDay(at) }))
        }
      />
      <div className={classes.panels}>
        <ListPanel
          title="Access that nobody needs"
          none="Nobody who has left holds a grant, and every administrator was here this month."
          rows={[
            ...standing.leavers.map(({ id, name, grants }) => ({
              id,
              name,
              why: `has left and holds ${count(grants, 'grant')}`,
            })),
            ...standing.idleAdministrators.map(({ id, name, lastSeenAt }) => ({
              id,
              name,
              why: lastSeenAt
                ? 'administrator, not signed in for 30 days'
                : 'administrator who never signed in',
            })),
          ]}
          rowKey={(row) => row.id}
          renderName={(row) => <Link to={paths.person(row.id)}>{row.name}</Link>}
          renderValue={(row) => <Status is="high">{row.why}</Status>}
        />
        <ListPanel
          title="Leases shown twice"
          none="No lease was shown again after it was redeemed."
          aside={<Link to={paths.leases({ state: 'issued' })}>Live leases</Link>}
          rows={data.leases.shownTwice}
          rowKey={(row) => row.id}
          renderName={(row) => (
            <Link to={paths.lease(row.id)}>
              {row.contexts.join(', ')} for {row.project}
            </Link>
          )}
          renderValue={(row) => (
            <Status is="critical">
              again {count(row.replays, 'time')}, <Time at={row.at} />
            </Status>
          )}
        />
        <ListPanel
          title="Contexts most often refused"
          none="No run was refused."
          rows={data.mostRefused}
          rowKey={(row) => row.context.id}
          renderName={(row) => <Link to={paths.context(row.context.id)}>{row.context.name}</Link>}
          renderValue={(row) => (
            <Link to={decisions('denied', { context: row.context.id })}>{num(row.denied)}</Link>
          )}
        />
        <ListPanel
          title="Contexts most used"
          none="No run used a context."
          rows={data.mostUsed}
          rowKey={(row) => row.context.id}
          renderName={(row) => <Link to={paths.context(row.context.id)}>{row.context.name}</Link>}
          renderValue={(row) => (
            <>
              <Link to={decisions('permitted', { context: row.context.id })}>
                {num(row.permitted)} permitted
              </Link>
              {row.would_deny > 0 && (
                <>
                  {', '}
                  <Link to={decisions('would_deny', { context: row.context.id })}>
                    {num(row.would_deny)} would be denied
                  </Link>
                </>
              )}
            </>
          )}
        />
        <ListPanel
          title="Policies that are tried, and what they would deny"
          none="No policy is in evaluate mode."
          rows={data.tried}
          rowKey={(row) => row.policy.id}
          renderName={(row) => <Link to={paths.policy(row.policy.id)}>{row.policy.name}</Link>}
          renderValue={(row) => (
            <Link to={decisions('would_deny', { policy: row.policy.id })}>
              {num(row.wouldDenials)}
            </Link>
          )}
        />
        <ListPanel
          title="Grants that end within 30 days"
          none="No grant ends soon."
          aside={<Link to={paths.grants({ expiringWithinDays: 30 })}>All of them</Link>}
          rows={data.expiring}
          rowKey={(row) => row.id}
          renderName={(row) => (
            <Link to={paths.grant(row.id)}>
              {row.subject}: {row.role}, {row.scope}
            </Link>
          )}
          renderValue={(row) => <Time at={row.at} />}
        />
        <ListPanel
          title="Secrets that were never rotated for longest"
          none="There are no secrets."
          rows={data.oldestSecrets}
          rowKey={(row) => `${row.context.id} ${row.name}`}
          renderName={(row) => (
            <>
              <code>{row.name}</code>{' '}
              <Link to={paths.context(row.context.id)}>{row.context.name}</Link>
            </>
          )}
          renderValue={(row) => <Time at={row.updatedAt} />}
        />
        <ListPanel
          title="What people changed this week"
          none="Nothing was changed."
          rows={data.changes}
          rowKey={(row) => row.action}
          renderName={(row) => <code>{row.action}</code>}
          renderValue={(row) => (
            <Link to={paths.audit({ q: `action:${row.action} outcome:permitted`, from: week })}>
              {num(row.count)}
            </Link>
          )}
        />
      </div>
    </>
  )
}
