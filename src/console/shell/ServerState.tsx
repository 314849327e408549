import { useQuery } from '@tanstack/react-query'
import { Link } from 'react-router'
import { paths } from '../paths.ts'
import { Status } from '../ui/Status.tsx'
import classes from './ServerState.module.css'
import { useShellSession } from './session.ts'

type State = 'well' | 'behind' | 'not ready' | 'unreachable'

/** Asked without a session, which a page that lies open must not keep alive. */
async function ask(signal: AbortSignal): Promise<State> {
  const answer = await fetch('/readyz', { signal }).catch(() => undefined)
  if (!answer) return 'unreachable'
  if (!answer.ok) return 'not ready'
  const told = (await answer.json()) as { sealer?: string }
  return told.sealer === 'behind' ? 'behind' : 'well'
}

const sentences: Readonly<Record<Exclude<State, 'well'>, string>> = {
  behind:
    'The audit trail is behind: what happens is recorded, and not yet signed. If this lasts a minute, no change is taken until it has caught up.',
  'not ready':
    'The server does not reach its database. What you see may be old, and nothing can be changed now.',
  unreachable:
    'The server does not answer. What you see may be old, and nothing can be changed now.',
}

/** What everybody should know who works with the server now; nothing while all is well. */
export function ServerState() {
  const session = useShellSession()
  const { data = 'well' } = useQuery({
    queryKey: ['readyz'],
    queryFn: ({ signal }) => ask(signal),
    networkMode: 'always',
    refetchInterval: 20_000,
    staleTime: 0,
  })
  return (
    <div role="status">
      {data !== 'well' && (
        <p className={classes.state}>
          <Status is="high">{sentences[data]}</Status>{' '}
          {data === 'behind' && session.holds('audit:view') && (
            <Link to={paths.checkpoints()}>Checkpoints</Link>
          )}
        </p>
      )}
    </div>
  )
}
