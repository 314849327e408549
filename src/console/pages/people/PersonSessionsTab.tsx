import { useParams, useSearchParams } from 'react-router'
import { SessionList } from '../../parts/SessionList.tsx'

/** Where the person is signed in; a finding's fix leads here to end it. */
export function Component() {
  const { personId = '' } = useParams()
  const [params] = useSearchParams()
  return <SessionList of="sessions.list" ended={false} person={personId} end={params.has('end')} />
}
