import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { query, useChange } from '../../api/client.ts'
import { formErrors } from '../../api/problem.ts'
import { Impact } from '../../parts/Impact.tsx'
import { ConfirmDanger } from '../../ui/ConfirmDanger.tsx'
import { ProseField } from '../../ui/ProseField.tsx'
import { count } from '../../ui/format.ts'
import { toast } from '../../ui/toasts.ts'

interface Props {
  readonly ids: readonly string[]
  /** The reason to begin with. */
  readonly because?: string
  readonly onClose: () => void
  readonly onDone: () => void
}

/** Ends grants at once, all of them or none, with the reason that the record keeps. */
export function RevokeGrants({ ids, because = '', onClose, onDone }: Props) {
  const [reason, setReason] = useState(because)
  const revoke = useChange('grants.revokeMany')
  const impact = useQuery(query('grants.impact', { grantIds: [...ids] }))
  const confirm = () =>
    revoke.mutate(
      { input: { grantIds: [...ids], reason } },
      {
        onSuccess: ({ revoked }) => {
          toast(`${count(revoked, 'grant')} revoked, effective with the next request.`)
          onDone()
        },
      },
    )
  const one = ids.length === 1
  const it = one ? 'it' : 'them'
  return (
    <ConfirmDanger
      opened
      title={`Revoke ${count(ids.length, 'grant')}`}
      verb={one ? 'Revoke grant' : 'Revoke grants'}
      busy={revoke.isPending}
      errors={formErrors(revoke.error)}
      onClose={onClose}
      onConfirm={confirm}
    >
      <p>
        Whoever holds {it} can do no more by {it} with their very next request. An extension of {it}{' '}
        that was approved ends as well.
      </p>
      <Impact short impact={impact.data} error={impact.error} what="actions" />
      <ProseField
        label="Reason"
        description="For the record: who reads it later knows why."
        value={reason}
        onChange={setReason}
      />
    </ConfirmDanger>
  )
}
