import { Modal, TextInput } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import type { Finding } from '../../../contract/findings.ts'
import { query, useChange } from '../../api/client.ts'
import { formErrors } from '../../api/problem.ts'
import { PickOne } from '../../parts/PickOne.tsx'
import { field, Form } from '../../ui/Form.tsx'
import { toast } from '../../ui/toasts.ts'
import { untilAfter, UntilField } from './UntilField.tsx'

export type FindingDecision = 'mute' | 'accept' | 'reopen'

interface Props {
  readonly finding: Finding
  readonly decide: FindingDecision
  readonly onClose: () => void
}

const words = {
  mute: {
    title: 'Mute finding',
    says: 'It is out of sight until then, and open again by itself if it is still true.',
    done: 'The finding is muted.',
  },
  accept: {
    title: 'Accept risk',
    says: 'It stays a risk, and counts as one, with somebody who answers for it. It is open again after the date.',
    done: 'The risk is accepted.',
  },
  reopen: {
    title: 'Open finding again',
    says: 'It is back among what stands open.',
    done: 'The finding is open again.',
  },
} as const

/** What somebody decides about a finding: each with its reason, and for a time. */
export function DecideFinding({ finding, decide, onClose }: Props) {
  const [days, setDays] = useState('30')
  const [reason, setReason] = useState('')
  const me = useQuery(query('me.view', {})).data
  const [ownerId, setOwnerId] = useState<string>()
  const mute = useChange('findings.mute')
  const accept = useChange('findings.accept')
  const reopen = useChange('findings.reopen')
  const { error, isPending } = { mute, accept, reopen }[decide]
  const errors = formErrors(error)
  const owner = ownerId ?? me?.id ?? null
  const { title, says, done } = words[decide]
  const { version } = finding
  const given = { findingId: finding.id, reason: reason.trim() }
  const settled = {
    onSuccess: () => {
      toast(done)
      onClose()
    },
  }
  const confirm = () => {
    const until = untilAfter(days)
    if (decide === 'mute') mute.mutate({ input: { ...given, until }, version }, settled)
    else if (decide === 'reopen') reopen.mutate({ input: given, version }, settled)
    else accept.mutate({ input: { ...given, until, ownerId: owner ?? '' }, version }, settled)
  }
  return (
    <Modal opened onClose={onClose} title={title}>
      <Form
        submit={title}
        busy={isPending}
        errors={errors}
        blocked={reason.trim() === '' ? 'Say why.' : undefined}
        onSubmit={confirm}
        onCancel={onClose}
      >
        <p>{says}</p>
        {decide === 'accept' && (
          <PickOne
            kind="person"
            {...field('ownerId', errors)}
            label="Who answers for it"
            value={owner}
            onChange={(next) => setOwnerId(next ?? undefined)}
          />
        )}
        {decide === 'reopen' ? (
          <TextInput
            {...field('reason', errors)}
            label="Reason"
            maxLength={500}
            value={reason}
            onChange={(event) => setReason(event.currentTarget.value)}
          />
        ) : (
          <UntilField
            days={days}
            onDays={setDays}
            reason={reason}
            onReason={setReason}
            errors={errors}
          />
        )}
      </Form>
    </Modal>
  )
}
