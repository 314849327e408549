import { Button } from '@mantine/core'
import { isRouteErrorResponse, Link, useRevalidator, useRouteError } from 'react-router'
import { Page } from '../ui/Page.tsx'
import { paths } from '../paths.ts'
import classes from './RouteError.module.css'

interface Told {
  status: number
  title: string
  sentence: string
  requestId?: string
}

/** An API problem, told by its shape: whatever layer threw it. */
function problemIn(
  error: unknown,
): { status: number; title: string; requestId?: string } | undefined {
  const held =
    typeof error === 'object' && error !== null && 'problem' in error ? error.problem : error
  if (typeof held !== 'object' || held === null) return undefined
  const { status, title, requestId } = held as Record<string, unknown>
  if (typeof status !== 'number' || typeof title !== 'string') return undefined
  return { status, title, ...(typeof requestId === 'string' && { requestId }) }
}

function tell(error: unknown): Told {
  const problem = problemIn(error)
  const status = problem?.status ?? (isRouteErrorResponse(error) ? error.status : 0)
  const id = problem?.requestId === undefined ? {} : { requestId: problem.requestId }
  if (status === 404) {
    return {
      status,
      title: 'Not found',
      sentence:
        'There is nothing at this address, or you may not know of it. It may have been renamed or deleted; the audit trail would tell.',
      ...id,
    }
  }
  if (status === 403) {
    return {
      status,
      title: 'Not permitted',
      sentence: problem?.title ?? 'You may not see this.',
      ...id,
    }
  }
  if (problem) return { status, title: 'This could not be loaded', sentence: problem.title, ...id }
  const chunk =
    error instanceof TypeError && /dynamically imported|module script/.test(error.message)
  return {
    status,
    title: 'This page could not be shown',
    sentence: chunk
      ? 'The console was updated since this tab was opened, or the server cannot be reached. Reload to get the current version.'
      : error instanceof Error
        ? error.message
        : 'The page failed before it could say why.',
  }
}

/** What a route shows when its loader or its page failed: what happened, why, and what to do next. */
export function RouteError() {
  const told = tell(useRouteError())
  const { revalidate, state } = useRevalidator()
  return (
    <Page title={told.title}>
      <div className={classes.error}>
        <p>{told.sentence}</p>
        {told.requestId && (
          <p className="sp-dim">
            Request <span className="sp-mono">{told.requestId}</span>
          </p>
        )}
        <div className={classes.actions}>
          {told.status !== 404 && told.status !== 403 && (
            <Button
              variant="filled"
              loading={state === 'loading'}
              onClick={() => void revalidate()}
            >
              Load again
            </Button>
          )}
          <Button component={Link} to={paths.overview()}>
            Go to the overview
          </Button>
        </div>
      </div>
    </Page>
  )
}
