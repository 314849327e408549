import { useQuery, useSuspenseQuery } from '@tanstack/react-query'
import { useParams } from 'react-router'
import { query } from '../../api/client.ts'
import { ProblemNotice } from '../../parts/ProblemNotice.tsx'
import { Facts } from '../../ui/Facts.tsx'
import { num } from '../../ui/format.ts'
import { Panel } from '../../ui/Panel.tsx'
import { Time } from '../../ui/Time.tsx'
import { HealthBadge } from './HealthBadge.tsx'
import { Probe } from './Probe.tsx'

/** The keys in use on this server, and what the issuer says now. */
export function Component() {
  const { issuerId = '' } = useParams()
  const issuer = useSuspenseQuery(query('issuers.view', { issuerId })).data
  const { data: health, error } = useQuery(query('issuers.health', { issuerId }))
  const mayAsk = useQuery(query('me.view', {})).data?.may.some(
    ({ permission }) => permission === 'issuer:create',
  )
  return (
    <>
      <ProblemNotice error={error} />
      <Panel title="Keys in use on this server">
        {health && (
          <Facts
            of={{
              State: <HealthBadge health={health} />,
              Keys: num(health.keys),
              Fetched: <Time at={health.fetchedAt} />,
              ...(health.fault && { Fault: health.fault }),
            }}
          />
        )}
        <p className="sp-dim">
          They are fetched when a token first needs them, again when a token names one that is not
          known, and kept through an outage of the issuer.
        </p>
      </Panel>
      <Panel title="What the issuer says now">
        <Probe
          url={issuer.url}
          blocked={mayAsk === false ? 'You need the permission issuer:create.' : undefined}
        />
      </Panel>
    </>
  )
}
