import { useParams } from 'react-router'
import { Page } from '../../ui/Page.tsx'
import { AuditEventBody } from './AuditEventBody.tsx'

export const handle = { crumb: 'Event' }

export function Component() {
  const { eventId = '' } = useParams()
  return (
    <Page title="Audit event">
      <AuditEventBody eventId={eventId} />
    </Page>
  )
}
