import { useParams } from 'react-router'
import { SessionList } from '../../parts/SessionList.tsx'

/** Where the person is signed in; a finding's fix leads here to end it. */
export function Component() {
  const { personId = '' } = useParams()
  return <SessionList of="sessions.list" ended={false} person={personId} />
}
