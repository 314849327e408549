import { Button } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { lazy, Suspense } from 'react'
import { Link, useParams, type LoaderFunctionArgs } from 'react-router'
import { duration } from '../../../contract/duration.ts'
import type { UseExceptionDetail } from '../../../contract/exceptions.ts'
import { query, useChange } from '../../api/client.ts'
import { ObjectLink } from '../../parts/ObjectLink.tsx'
import { PersonLink } from '../../parts/PersonLink.tsx'
import { ProblemNotice } from '../../parts/ProblemNotice.tsx'
import { paths } from '../../paths.ts'
import { queryClient } from '../../query-client.ts'
import { Copyable } from '../../ui/Copyable.tsx'
import { Facts } from '../../ui/Facts.tsx'
import { Page } from '../../ui/Page.tsx'
import { Panel } from '../../ui/Panel.tsx'
import { Skeletons } from '../../ui/Skeletons.tsx'
import { Time } from '../../ui/Time.tsx'
import { toast } from '../../ui/toasts.ts'
import { ExceptionStateBadge } from './ExceptionStateBadge.tsx'

const DecideException = lazy(() =>
  import('./DecideException.tsx').then((m) => ({ default: m.DecideException })),
)
const DenyException = lazy(() =>
  import('./DenyException.tsx').then((m) => ({ default: m.DenyException })),
)

const one = (exceptionId: string) => query('exceptions.view', { exceptionId })

export async function loader({ params }: LoaderFunctionArgs) {
  return queryClient.ensureQueryData(one(params['exceptionId'] ?? ''))
}

const titleOf = ({ project, context }: UseExceptionDetail) => `${project.name} in ${context.name}`

export const handle = {
  crumb: (exception: UseExceptionDetail | undefined) => exception && titleOf(exception),
}

export function Component() {
  const { exceptionId = '' } = useParams()
  const { data: exception, error } = useQuery(one(exceptionId))
  if (!exception) {
    return (
      <Page title="Exception">
        {error ? <ProblemNotice error={error} /> : <Skeletons lines={6} />}
      </Page>
    )
  }
  const { may, whyNot, answer, requester, decidedBy } = exception
  return (
    <Page
      title={titleOf(exception)}
      aside={<ExceptionStateBadge state={exception.state} />}
      action={<Acts exception={exception} />}
      facts={<Known exception={exception} />}
    >
      <Panel title={`Why, says ${requester.name}`}>
        <p>{exception.reason}</p>
      </Panel>
      {answer && decidedBy && (
        <Panel title={`What ${decidedBy.name} said`}>
          <p>{answer}</p>
        </Panel>
      )}
      <Suspense>
        {may.includes('approve') && (
          <DecideException key={exception.version} exception={exception} />
        )}
        {may.includes('deny') && <DenyException key={exception.version} exception={exception} />}
      </Suspense>
      {whyNot && <p role="note">{whyNot}</p>}
    </Page>
  )
}

function Known({ exception }: { readonly exception: UseExceptionDetail }) {
  const { project, context, branch, tag, state, decidedAt, decidedBy, expiresAt, endedBy } =
    exception
  const linked = (kind: 'project' | 'context', { id, name }: typeof project) =>
    id ? <ObjectLink kind={kind} id={id} name={name} /> : name
  return (
    <Facts
      of={{
        Project: linked('project', project),
        Context: linked('context', context),
        [branch === undefined ? 'Tag' : 'Branch']: (
          <Copyable text={branch ?? tag ?? ''} what={branch === undefined ? 'tag' : 'branch'} />
        ),
        Lasts: duration(exception.minutes),
        'Asked by': <PersonLink person={exception.requester} />,
        Asked: <Time at={exception.createdAt} />,
        ...(state === 'pending' && { Lapses: <Time at={exception.answerBy} /> }),
        ...(decidedBy && {
          'Decided by': <PersonLink person={decidedBy} />,
          Decided: <Time at={decidedAt} />,
        }),
        ...(expiresAt && {
          [state === 'active' ? 'Ends' : 'Ended']: <Time at={exception.endedAt ?? expiresAt} />,
        }),
        ...(endedBy && { 'Ended by': <PersonLink person={endedBy} /> }),
        'Asked from': <Link to={paths.decision(exception.decision)}>the refusal</Link>,
      }}
    />
  )
}

/** What whoever asked may do, and ending what was approved. */
function Acts({ exception }: { readonly exception: UseExceptionDetail }) {
  const { id: exceptionId, may, version, state, context } = exception
  const withdraw = useChange('exceptions.withdraw')
  const end = useChange('exceptions.end')
  const ended = { onSuccess: () => toast('It is over: the next run is refused.') }
  return (
    <>
      <ProblemNotice error={withdraw.error ?? end.error} />
      {may.includes('withdraw') && (
        <Button
          {...(state === 'active' && { color: 'red' })}
          loading={withdraw.isPending}
          onClick={() =>
            withdraw.mutate(
              { input: { exceptionId, reason: '' }, version },
              state === 'active' ? ended : { onSuccess: () => toast('It is withdrawn.') },
            )
          }
        >
          {state === 'active' ? 'End exception now' : 'Withdraw'}
        </Button>
      )}
      {may.includes('end') && context.id && (
        <Button
          color="red"
          loading={end.isPending}
          onClick={() =>
            end.mutate(
              { input: { contextId: context.id ?? '', exceptionId, reason: '' }, version },
              ended,
            )
          }
        >
          End exception now
        </Button>
      )}
    </>
  )
}
