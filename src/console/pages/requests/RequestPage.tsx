import { Button } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { lazy, Suspense } from 'react'
import { Link, useParams, type LoaderFunctionArgs } from 'react-router'
import type { AccessRequestDetail } from '../../../contract/requests.ts'
import { query, useChange } from '../../api/client.ts'
import { ObjectLink } from '../../parts/ObjectLink.tsx'
import { PersonLink } from '../../parts/PersonLink.tsx'
import { ProblemNotice } from '../../parts/ProblemNotice.tsx'
import { RoleLink } from '../../parts/RoleLink.tsx'
import { paths } from '../../paths.ts'
import { queryClient } from '../../query-client.ts'
import { Facts } from '../../ui/Facts.tsx'
import { Page } from '../../ui/Page.tsx'
import { Panel } from '../../ui/Panel.tsx'
import { Skeletons } from '../../ui/Skeletons.tsx'
import { Time } from '../../ui/Time.tsx'
import { toast } from '../../ui/toasts.ts'
import { Approvers } from './Approvers.tsx'
import { duration } from '../../../contract/duration.ts'
import { History } from './History.tsx'
import { RequestStateBadge } from '../../parts/RequestStateBadge.tsx'

const Decide = lazy(() => import('./Decide.tsx').then((m) => ({ default: m.Decide })))
const Answer = lazy(() => import('./Answer.tsx').then((m) => ({ default: m.Answer })))
const Review = lazy(() => import('./Review.tsx').then((m) => ({ default: m.Review })))
const PermissionList = lazy(() =>
  import('../../parts/PermissionList.tsx').then((m) => ({ default: m.PermissionList })),
)

const one = (requestId: string) => query('requests.view', { requestId })

export async function loader({ params }: LoaderFunctionArgs) {
  return queryClient.ensureQueryData(one(params['requestId'] ?? ''))
}

const titleOf = ({ role, scope }: AccessRequestDetail) => `${role.name} in ${scope.name}`

export const handle = {
  crumb: (request: AccessRequestDetail | undefined) => request && titleOf(request),
}

export function Component() {
  const { requestId = '' } = useParams()
  const { data: request, error } = useQuery(one(requestId))
  if (!request) {
    return (
      <Page title="Request">
        {error ? <ProblemNotice error={error} /> : <Skeletons lines={6} />}
      </Page>
    )
  }
  const { may, review, approvers, whyNot } = request
  const waits = isOpen(request)
  const decides = may.includes('deny')
  return (
    <Page
      title={`${titleOf(request)} for ${request.requester.name}`}
      aside={<RequestStateBadge state={request.state} />}
      action={<Acts request={request} />}
      facts={<Known request={request} />}
    >
      <Panel title="Reason">
        <p>{request.reason}</p>
      </Panel>
      <Suspense>
        {may.includes('answer') && <Answer key={request.version} request={request} />}
        {decides && <Decide key={request.version} request={request} />}
      </Suspense>
      {whyNot && <p role="note">{whyNot}</p>}
      {waits ? (
        <>
          <Gains request={request} />
          <Suspense>{review && <Review of={review} name={request.requester.name} />}</Suspense>
          <Panel title="Who may decide" flush={approvers.length > 0}>
            <Approvers approvers={approvers} />
          </Panel>
          <Happened request={request} />
        </>
      ) : (
        <>
          <Happened request={request} />
          <Gains request={request} />
        </>
      )}
    </Page>
  )
}

const isOpen = ({ state }: AccessRequestDetail) => state === 'pending' || state === 'asked_back'

function Happened({ request }: { readonly request: AccessRequestDetail }) {
  return (
    <Panel title="What happened" flush>
      <History of={request.history} />
    </Panel>
  )
}

/** What it newly permits while it waits; all that the role gives there once it was decided on. */
function Gains({ request }: { readonly request: AccessRequestDetail }) {
  const { difference, requester, role } = request
  const { gains, has } = difference
  const waits = isOpen(request)
  // What an extension gives is held now, and ends without it.
  const goesOn = waits && request.extends !== undefined
  const shown = waits && !goesOn ? gains : [...gains, ...has]
  if (gains.length + has.length === 0) return null
  return (
    <Panel
      title={
        goesOn
          ? `What ${requester.name} could go on doing there`
          : waits
            ? `What ${requester.name} could newly do there`
            : `What ${role.name} permits there`
      }
    >
      {goesOn && (
        <p style={{ marginBlockEnd: 'var(--sp-3)' }}>
          Without this, the access that it extends ends: <Time at={request.startsAt} />.
        </p>
      )}
      {shown.length === 0 ? (
        <p>Nothing: all of it is held there already.</p>
      ) : (
        <Suspense fallback={<Skeletons lines={4} />}>
          <PermissionList permissions={shown} />
        </Suspense>
      )}
    </Panel>
  )
}

function Known({ request }: { readonly request: AccessRequestDetail }) {
  const { scope, role, asked, grant, ticket, state } = request
  const waits = isOpen(request)
  const given = request.steps
    .map(
      (step) => `${step.given} of ${step.needed} by ${step.step === 'lead' ? 'leads' : 'security'}`,
    )
    .join(', ')
  return (
    <Facts
      of={{
        For: <PersonLink person={request.requester} />,
        Role: <RoleLink role={role} />,
        Where: scope.id ? (
          <ObjectLink kind={scope.kind} id={scope.id} name={scope.name} />
        ) : (
          scope.name
        ),
        Lasts: duration(request.durationMinutes),
        ...(asked && {
          'Asked for': `${duration(asked.durationMinutes)} in ${asked.scope.name}`,
        }),
        ...(!grant && request.startsAt && { Begins: <Time at={request.startsAt} /> }),
        ...(ticket && { Ticket: ticket }),
        Approvals: given,
        Asked: <Time at={request.createdAt} />,
        ...(waits && { Lapses: <Time at={request.answerBy} /> }),
        ...(grant && {
          [state === 'scheduled' ? 'Begins' : 'Began']: <Time at={grant.startsAt} />,
          [state === 'active' || state === 'scheduled' ? 'Ends' : 'Ended']: (
            <Time at={grant.endedAt ?? grant.expiresAt} never="no end" />
          ),
          Grant: <Link to={paths.grant(grant.id)}>Open grant</Link>,
        }),
        ...(request.extends && {
          Extends: <Link to={paths.request(request.extends)}>the request before</Link>,
        }),
      }}
    />
  )
}

/** What whoever asked may do; ending one's own access is one press. */
function Acts({ request }: { readonly request: AccessRequestDetail }) {
  const { id, may, version, role, scope } = request
  const withdraw = useChange('requests.withdraw')
  const end = useChange('requests.end')
  const input = { requestId: id, reason: '' }
  const extension = {
    extends: id,
    role: role.id,
    scope: scope.kind,
    scopeId: scope.id,
    minutes: request.durationMinutes,
    reason: request.reason,
  }
  return (
    <>
      <ProblemNotice error={withdraw.error ?? end.error} />
      {may.includes('extend') && (
        <Button component={Link} to={paths.requestNew(extension)}>
          Extend access
        </Button>
      )}
      {may.includes('end') && (
        <Button
          color="red"
          loading={end.isPending}
          onClick={() =>
            end.mutate({ input, version }, { onSuccess: () => toast('The access has ended.') })
          }
        >
          End access now
        </Button>
      )}
      {may.includes('withdraw') && (
        <Button
          loading={withdraw.isPending}
          onClick={() =>
            withdraw.mutate({ input, version }, { onSuccess: () => toast('It is withdrawn.') })
          }
        >
          Withdraw request
        </Button>
      )}
    </>
  )
}
