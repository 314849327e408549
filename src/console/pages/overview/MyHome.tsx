import { useQuery } from '@tanstack/react-query'
import { Link } from 'react-router'
import type { Home } from '../../../contract/overview.ts'
import { query } from '../../api/client.ts'
import { ProblemNotice } from '../../parts/ProblemNotice.tsx'
import { paths } from '../../paths.ts'
import { num } from '../../ui/format.ts'
import { Skeletons } from '../../ui/Skeletons.tsx'
import { Stat } from '../../ui/Stat.tsx'
import { Status } from '../../ui/Status.tsx'
import { Time } from '../../ui/Time.tsx'
import { EvidenceStatus } from './EvidenceStatus.tsx'
import { ListPanel } from './ListPanel.tsx'
import { MyRequests } from './MyRequests.tsx'
import classes from './overview.module.css'
import { Waiting } from './Waiting.tsx'

/** What is one's own: the record for an auditor, the team's for a lead, access and refusals for a developer. */
export function MyHome() {
  const { data, error } = useQuery(query('overview.home', {}))
  if (!data) return error ? <ProblemNotice error={error} /> : <Skeletons lines={8} />
  return (
    <div className={classes.stack}>
      {data.record && <Record record={data.record} />}
      <div className={classes.panels}>
        <Waiting />
        {data.record && <EvidenceStatus />}
        {data.record && <Refusals of={data.record.refusals} />}
        {data.projects.length > 0 && (
          <ListPanel
            title="My teams’ projects, last seven days"
            none=""
            rows={data.projects}
            rowKey={(row) => row.project.id}
            renderName={(row) => (
              <>
                <Link to={paths.project(row.project.id)}>{row.project.name}</Link>
                {row.lastRefusal && (
                  <span className={`${classes.sentence} sp-dim`}>
                    <Link to={paths.decision(row.lastRefusal.id)}>
                      Refused <Time at={row.lastRefusal.at} />
                    </Link>
                    : {row.lastRefusal.sentence}
                  </span>
                )}
              </>
            )}
            renderValue={(row) => (
              <>
                {num(row.permitted)} permitted{' '}
                {row.denied > 0 && <Status is="denied">{num(row.denied)} denied</Status>}
              </>
            )}
          />
        )}
        {data.ending.length > 0 && (
          <ListPanel
            title="In my teams, grants that end within 30 days"
            none=""
            rows={data.ending}
            rowKey={(row) => row.id}
            renderName={(row) => (
              <Link to={paths.grant(row.id)}>
                {row.subject}: {row.role}, {row.scope}
              </Link>
            )}
            renderValue={(row) => <Time at={row.at} />}
          />
        )}
        <ListPanel
          title="My access, with the path by which it came"
          none="You hold no role yet. Ask your team lead or a security admin for one."
          rows={data.access}
          rowKey={(row) => row.grantId}
          renderName={(row) => (
            <>
              <Link to={paths.role(row.role.id)}>{row.role.name}</Link> in {row.scope.name}
              <span className="sp-dim">
                {row.via.kind === 'team' ? `, by team ${row.via.name}` : ', granted directly'}
              </span>
            </>
          )}
          renderValue={(row) => <Time at={row.expiresAt} never="no end" />}
        />
        <MyRequests />
      </div>
    </div>
  )
}

function Record({ record }: { readonly record: NonNullable<Home['record']> }) {
  const behind = record.events - record.signed + record.pending
  return (
    <>
      <div className={classes.stats}>
        <Stat
          label="Events in the record"
          value={record.events}
          to={paths.audit()}
          note="in an order that a Merkle tree proves"
        />
        <Stat
          label="Signed"
          value={record.signed}
          to={paths.checkpoints()}
          note={
            <>
              newest checkpoint <Time at={record.signedAt} />
            </>
          }
        />
        <Stat
          label="Not yet signed"
          value={behind}
          to={paths.checkpoints()}
          note="each is signed within two seconds"
        />
      </div>
    </>
  )
}

function Refusals({ of }: { readonly of: NonNullable<Home['record']>['refusals'] }) {
  return (
    <ListPanel
      title="Newest refusals"
      none="Nothing was refused yet."
      aside={<Link to={paths.decisions({ outcome: 'denied' })}>All of them</Link>}
      rows={of}
      rowKey={(row) => row.id}
      renderName={(row) => (
        <>
          <Link to={paths.decision(row.id)}>{row.actor}</Link>
          <span className={`${classes.sentence} sp-dim`}>{row.sentence}</span>
        </>
      )}
      renderValue={(row) => <Time at={row.at} />}
    />
  )
}
