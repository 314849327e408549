import { SegmentedControl, Select, TextInput } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import type { InputOf } from '../../../contract/index.ts'
import { query, useChange } from '../../api/client.ts'
import { formErrors } from '../../api/problem.ts'
import { PickOne } from '../../parts/PickOne.tsx'
import { useNamed } from '../../parts/use-found.ts'
import { ConfirmDanger } from '../../ui/ConfirmDanger.tsx'
import { count } from '../../ui/format.ts'
import { toast } from '../../ui/toasts.ts'

type Whose = 'project' | 'context' | 'issuer' | 'all'
type Which = InputOf<'leases.revokeMany'>['which']

const whose: { value: Whose; label: string }[] = [
  { value: 'project', label: 'Of a project' },
  { value: 'context', label: 'Of a context' },
  { value: 'issuer', label: 'Of an issuer' },
  { value: 'all', label: 'All of them' },
]

interface Props {
  /** What the list is narrowed to, to begin with. */
  readonly of: {
    readonly projectId?: string | undefined
    readonly contextId?: string | undefined
    readonly issuerId?: string | undefined
  }
  readonly onClose: () => void
}

/** Cuts what is live, by project, context, issuer or all at once; says how many jobs then fail. */
export function RevokeLeases({ of, onClose }: Props) {
  const [by, setBy] = useState<Whose>(
    of.contextId ? 'context' : of.issuerId && !of.projectId ? 'issuer' : 'project',
  )
  const [ids, setIds] = useState({
    project: of.projectId ?? '',
    context: of.contextId ?? '',
    issuer: of.issuerId ?? '',
  })
  const [reason, setReason] = useState('')
  const issuers = useQuery(query('issuers.list', { limit: 200 })).data?.items ?? []
  const id = by === 'all' ? '' : ids[by]
  const kind = by === 'project' || by === 'context' ? by : undefined
  const named = useNamed(kind ?? 'project', kind && id ? id : null, [])
  const issuer = issuers.find((each) => each.id === id)
  const name = by === 'all' ? 'all' : (kind ? named : issuer)?.name
  const live = useQuery({
    ...query('leases.live', by === 'all' ? {} : { [`${by}Id`]: id }),
    enabled: by === 'all' || id !== '',
  }).data
  const revoke = useChange('leases.revokeMany')
  const errors = formErrors(revoke.error)
  const which = (): Which => {
    const said = { reason: reason.trim() }
    if (by === 'project') return { projectId: id, ...said }
    if (by === 'context') return { contextId: id, ...said }
    return by === 'issuer' ? { issuerId: id, ...said } : { all: true, ...said }
  }
  const confirm = () =>
    revoke.mutate(
      { input: { which: which() } },
      {
        onSuccess: ({ revoked }) => {
          toast(`${count(revoked, 'lease')} revoked.`)
          onClose()
        },
      },
    )
  return (
    <ConfirmDanger
      title="Revoke leases"
      opened
      onClose={onClose}
      onConfirm={confirm}
      verb="Revoke leases"
      busy={revoke.isPending}
      errors={errors}
      {...(name !== undefined && { name })}
      blocked={
        name === undefined ? `Choose a ${by}.` : reason.trim() === '' ? 'Say why.' : undefined
      }
    >
      <div style={{ display: 'flex', flexDirection: 'column', gap: 'var(--sp-3)' }}>
        <SegmentedControl aria-label="Which leases" data={whose} value={by} onChange={setBy} />
        {kind && (
          <PickOne
            key={kind}
            kind={kind}
            label={{ project: 'Project', context: 'Context' }[kind]}
            value={id || null}
            onChange={(next) => setIds({ ...ids, [kind]: next ?? '' })}
          />
        )}
        {by === 'issuer' && (
          <Select
            label="Issuer"
            searchable
            data={issuers.map((each) => ({ value: each.id, label: each.name }))}
            value={id || null}
            onChange={(next) => setIds({ ...ids, issuer: next ?? '' })}
          />
        )}
        <TextInput
          label="Reason"
          description="The job that shows a revoked lease is told it."
          maxLength={500}
          value={reason}
          onChange={(event) => setReason(event.currentTarget.value)}
        />
        <p aria-live="polite">{live && says(live)}</p>
      </div>
    </ConfirmDanger>
  )
}

interface LiveNow {
  readonly leases: number
  readonly projects: number
  readonly contexts: number
  readonly runs: number
}

function says({ leases, projects, contexts, runs }: LiveNow): string {
  if (leases === 0)
    return 'None is live now. What was redeemed cannot be recalled: rotate the secrets.'
  return `${count(leases, 'live lease')} of ${count(runs, 'run')} in ${count(projects, 'project')}, for ${count(contexts, 'context')}: these jobs fail when they redeem. What was redeemed cannot be recalled: rotate the secrets.`
}
