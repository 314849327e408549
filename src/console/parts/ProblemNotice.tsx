import { Link } from 'react-router'
import { paths } from '../paths.ts'
import classes from './ProblemNotice.module.css'

/** What the API refused, told by its shape so that any thrown value may be given. */
function problemOf(error: unknown):
  | {
      title: string
      permission?: string
      requestId?: string
      fields?: { path: string; message: string }[]
    }
  | undefined {
  const held =
    typeof error === 'object' && error !== null && 'problem' in error ? error.problem : error
  if (typeof held !== 'object' || held === null) return undefined
  if ('title' in held && typeof held.title === 'string') {
    return held as { title: string; permission?: string; requestId?: string }
  }
  return held instanceof Error ? { title: held.message } : undefined
}

/** A refusal as its sentence, with the missing permission, the way to ask for it, and the request to quote. */
export function ProblemNotice({ error }: { error: unknown }) {
  if (!error) return null
  const problem = problemOf(error)
  return (
    <div role="alert" className={classes.notice}>
      <p>
        {problem?.title ?? 'The server could not be reached. Check the connection and try again.'}
      </p>
      {problem?.permission && (
        <p>
          Missing permission <code>{problem.permission}</code>
          {!problem.permission.includes(' ') && (
            <>
              . <Link to={paths.requestNew({ permission: problem.permission })}>Ask for it</Link>
            </>
          )}
        </p>
      )}
      {problem?.requestId && (
        <p className={classes.request}>
          Request <code>{problem.requestId}</code>
        </p>
      )}
    </div>
  )
}
