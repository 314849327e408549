import { useQuery } from '@tanstack/react-query'
import { Link } from 'react-router'
import { query } from '../../api/client.ts'
import { exportFormats, exportNouns } from '../../parts/export-words.ts'
import { useMay } from '../../parts/use-may.ts'
import { paths } from '../../paths.ts'
import { num } from '../../ui/format.ts'
import { Status } from '../../ui/Status.tsx'
import { Time } from '../../ui/Time.tsx'
import { ListPanel } from './ListPanel.tsx'

/** How each framework stands by live data, and what was taken away lately. */
export function EvidenceStatus() {
  const may = useMay()('compliance:view')
  const frameworks = useQuery({ ...query('compliance.list', { limit: 1 }), enabled: may }).data
    ?.frameworks
  const exports = useQuery(query('exports.list', { limit: 5 })).data?.items
  return (
    <>
      {frameworks && (
        <ListPanel
          title="Compliance, by live data"
          none="There are no controls."
          aside={<Link to={paths.compliance()}>All controls</Link>}
          rows={frameworks}
          rowKey={(row) => row.id}
          renderName={(row) => <Link to={paths.compliance({ framework: row.id })}>{row.name}</Link>}
          renderValue={({ id, met, partly, not_met: notMet, not_measurable: beyond }) => (
            <>
              <span className="sp-num">
                {num(met)} of {num(met + partly + notMet + beyond)} met
              </span>{' '}
              {notMet > 0 && (
                <Link to={paths.compliance({ framework: id, state: 'not_met' })}>
                  <Status is="denied">{num(notMet)} not met</Status>
                </Link>
              )}
            </>
          )}
        />
      )}
      {exports && (
        <ListPanel
          title="Exports"
          none="You have taken nothing away yet. The audit trail, decisions, access, reviews, findings and compliance are exported from their pages."
          aside={<Link to={paths.exports()}>All of them</Link>}
          rows={exports}
          rowKey={(row) => row.id}
          renderName={(row) => (
            <Link to={paths.exports()}>
              {exportNouns[row.what]}, {exportFormats[row.format]}
            </Link>
          )}
          renderValue={(row) => <Time at={row.createdAt} />}
        />
      )}
    </>
  )
}
