import { Stack } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { query } from '../../api/client.ts'
import { ObjectLink } from '../../parts/ObjectLink.tsx'
import { OutcomeBadge } from '../../parts/OutcomeBadge.tsx'
import { ProblemNotice } from '../../parts/ProblemNotice.tsx'
import { Copyable } from '../../ui/Copyable.tsx'
import { Diff } from '../../ui/Diff.tsx'
import { Facts } from '../../ui/Facts.tsx'
import { Panel } from '../../ui/Panel.tsx'
import { Time } from '../../ui/Time.tsx'
import { AuditProofPanel } from './AuditProofPanel.tsx'

/** One event: what happened, what it changed, and the proof. */
export function AuditEventBody({ eventId }: { eventId: string }) {
  const { data: event, error } = useQuery(query('audit.view', { eventId }))
  if (!event) return <ProblemNotice error={error} />
  const changed = event.before !== undefined || event.after !== undefined
  return (
    <Stack gap="md">
      {event.sentence !== undefined && <p>{event.sentence}</p>}
      <Facts
        of={{
          Outcome: <OutcomeBadge outcome={event.outcome} />,
          When: <Time at={event.occurredAt} />,
          Action: <span className="sp-mono">{event.action}</span>,
          Actor: <ObjectLink {...event.actor} />,
          Object: event.resource && <ObjectLink {...event.resource} />,
          From: event.ip && <Copyable text={event.ip} what="address" />,
          With: event.userAgent,
          Session: event.sessionId && <Copyable text={event.sessionId} what="session" short />,
          Request: event.requestId && <Copyable text={event.requestId} what="request id" short />,
          Times: event.count,
          Event: <Copyable text={event.id} what="event id" />,
        }}
      />
      {changed && (
        <Panel title="What changed">
          <Diff before={event.before ?? {}} after={event.after ?? {}} />
        </Panel>
      )}
      {event.detail !== undefined && (
        <Panel title="Details">
          <pre className="sp-mono" style={{ whiteSpace: 'pre-wrap', margin: 0 }}>
            {JSON.stringify(event.detail, null, 2)}
          </pre>
        </Panel>
      )}
      <AuditProofPanel eventId={eventId} event={event} />
    </Stack>
  )
}
