import { TextInput } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { Link, useParams, type LoaderFunctionArgs } from 'react-router'
import type { Lease } from '../../../contract/leases.ts'
import { query, useChange } from '../../api/client.ts'
import { formErrors } from '../../api/problem.ts'
import { AllowedAction } from '../../parts/AllowedAction.tsx'
import { ObjectLink } from '../../parts/ObjectLink.tsx'
import { PersonLink } from '../../parts/PersonLink.tsx'
import { ProblemNotice } from '../../parts/ProblemNotice.tsx'
import { paths } from '../../paths.ts'
import { queryClient } from '../../query-client.ts'
import { ConfirmDanger } from '../../ui/ConfirmDanger.tsx'
import { Copyable } from '../../ui/Copyable.tsx'
import { Countdown } from '../../ui/Countdown.tsx'
import { DataList } from '../../ui/DataList.tsx'
import { Facts } from '../../ui/Facts.tsx'
import { count } from '../../ui/format.ts'
import { Page } from '../../ui/Page.tsx'
import { Panel } from '../../ui/Panel.tsx'
import { Skeletons } from '../../ui/Skeletons.tsx'
import { Status } from '../../ui/Status.tsx'
import { Time } from '../../ui/Time.tsx'
import { toast } from '../../ui/toasts.ts'
import { LeaseStateBadge } from './LeaseStateBadge.tsx'

const one = (leaseId: string) => query('leases.view', { leaseId })

export async function loader({ params }: LoaderFunctionArgs) {
  return queryClient.ensureQueryData(one(params['leaseId'] ?? ''))
}

const titleOf = ({ contexts, project }: Lease) =>
  `${contexts.map(({ name }) => name).join(', ') || 'Lease'} for ${project.name}`

export const handle = { crumb: (lease: Lease | undefined) => lease && titleOf(lease) }

export function Component() {
  const { leaseId = '' } = useParams()
  const { data: lease, error } = useQuery(one(leaseId))
  const [asked, setAsked] = useState(false)
  if (!lease) {
    return (
      <Page title="Lease">{error ? <ProblemNotice error={error} /> : <Skeletons lines={6} />}</Page>
    )
  }
  return (
    <Page
      title={titleOf(lease)}
      aside={<LeaseStateBadge lease={lease} />}
      action={
        <AllowedAction
          danger
          allowed={lease.allowed}
          may="lease:revoke"
          blocked={lease.state === 'issued' ? undefined : `It is ${lease.state} already.`}
          onClick={() => setAsked(true)}
        >
          Revoke lease
        </AllowedAction>
      }
      facts={<Known lease={lease} />}
    >
      {lease.replays > 0 && (
        <Panel title="It was shown twice" aside={<Status is="critical" />}>
          <p>
            After it was redeemed, somebody tried to redeem it again {count(lease.replays, 'time')},
            the last <Time at={lease.replayedAt} />. It is in two hands: rotate the secrets of{' '}
            {lease.contexts.map(({ name }) => name).join(', ')}, and look into the job. Every other
            live lease of the job was revoked.
          </p>
        </Panel>
      )}
      <Panel title="Contexts, and why each was given" flush>
        <DataList
          label="Contexts of the lease"
          heads={['Context', 'Decision']}
          rows={lease.contexts.map(({ id, name, decisionId }) => ({
            key: id,
            cells: {
              Context: <ObjectLink kind="context" id={id} name={name} />,
              Decision: decisionId ? (
                <Link to={paths.decision(decisionId)}>How it was decided</Link>
              ) : (
                '–'
              ),
            },
          }))}
        />
      </Panel>
      <RevokeOne lease={lease} opened={asked} onClose={() => setAsked(false)} />
    </Page>
  )
}

function Known({ lease }: { readonly lease: Lease }) {
  const { issuer, trustRule, branch, tag, runId, jobId, boundAddress, boundKey, audience } = lease
  return (
    <Facts
      of={{
        Project: <ObjectLink kind="project" {...lease.project} />,
        Actor: lease.actor,
        ...(branch && { Branch: <code>{branch}</code> }),
        ...(tag && { Tag: <code>{tag}</code> }),
        ...(runId && { Run: <Copyable text={runId} what="run" short /> }),
        ...(jobId && { Job: <Copyable text={jobId} what="job" short /> }),
        Issuer: issuer && <ObjectLink kind="issuer" {...issuer} />,
        Rule: trustRule && <ObjectLink kind="trustRule" {...trustRule} />,
        ...(audience && { Audience: <code>{audience}</code> }),
        'Bound to': [boundAddress, boundKey && 'a key'].filter(Boolean).join(' and ') || 'nothing',
        Issued: <Time at={lease.issuedAt} />,
        ...(lease.state === 'issued'
          ? { 'Ends in': <Countdown until={lease.expiresAt} over="ended" /> }
          : { Expires: <Time at={lease.expiresAt} /> }),
        ...(lease.redeemedAt && {
          Redeemed: <Time at={lease.redeemedAt} />,
          From: <code>{lease.redeemedFrom}</code>,
        }),
        ...(lease.revokedAt && {
          Revoked: <Time at={lease.revokedAt} />,
          By: lease.revokedBy ? <PersonLink person={lease.revokedBy} /> : 'the console itself',
          Reason: lease.revokeReason,
        }),
      }}
    />
  )
}

interface RevokeProps {
  readonly lease: Lease
  readonly opened: boolean
  readonly onClose: () => void
}

function RevokeOne({ lease, opened, onClose }: RevokeProps) {
  const [reason, setReason] = useState('')
  const revoke = useChange('leases.revoke')
  const confirm = () =>
    revoke.mutate(
      { input: { leaseId: lease.id, reason: reason.trim() } },
      {
        onSuccess: () => {
          toast('The lease is revoked.')
          onClose()
        },
      },
    )
  return (
    <ConfirmDanger
      title="Revoke lease"
      opened={opened}
      onClose={onClose}
      onConfirm={confirm}
      verb="Revoke lease"
      busy={revoke.isPending}
      errors={formErrors(revoke.error)}
      blocked={reason.trim() === '' ? 'Say why.' : undefined}
    >
      <p>
        The job of {lease.project.name} fails when it redeems it, for{' '}
        {count(lease.contexts.length, 'context')}. It may ask for another: restrict the context, or
        remove the rule, to keep it out.
      </p>
      <TextInput
        mt="sm"
        label="Reason"
        description="The job is told it."
        maxLength={500}
        value={reason}
        onChange={(event) => setReason(event.currentTarget.value)}
      />
    </ConfirmDanger>
  )
}
