import { useState } from 'react'
import type { OutputOf } from '../../../contract/index.ts'
import { useChange } from '../../api/client.ts'
import { formErrors } from '../../api/problem.ts'
import { AllowedAction } from '../../parts/AllowedAction.tsx'
import { ConfirmDanger } from '../../ui/ConfirmDanger.tsx'
import { ProseField } from '../../ui/ProseField.tsx'
import { toast } from '../../ui/toasts.ts'

/** Erases what tells who somebody was that has left: what goes and what stays is said before, and their name is typed. */
export function ErasePerson({ person }: { readonly person: OutputOf<'people.view'> }) {
  const [asked, setAsked] = useState(false)
  const [reason, setReason] = useState('')
  const erase = useChange('people.erase')
  const confirm = () =>
    erase.mutate(
      { input: { personId: person.id, reason: reason.trim() }, version: person.version },
      {
        onSuccess: () => {
          toast('Nothing tells any more who they were.')
          setAsked(false)
        },
      },
    )
  return (
    <>
      <AllowedAction
        danger
        allowed={person.allowed}
        may="person:erase"
        onClick={() => setAsked(true)}
      >
        Erase
      </AllowedAction>
      <ConfirmDanger
        title={`Erase ${person.name}`}
        name={person.name}
        opened={asked}
        verb="Erase person"
        busy={erase.isPending}
        errors={formErrors(erase.error)}
        blocked={reason.trim() === '' ? 'Say why.' : undefined}
        onClose={() => setAsked(false)}
        onConfirm={confirm}
      >
        <p>For good: nobody can bring it back.</p>
        <p>
          <strong>What goes:</strong> their name, e-mail address and title, who they are at the
          identity provider, and the addresses and browsers they came from. Here, in decisions and
          in every event.
        </p>
        <p>
          <strong>What stays:</strong> what they did, by “Erased person”. The record keeps its
          hashes: every proof and evidence pack verifies as before.
        </p>
        <p>
          <strong>What is not reached:</strong> lines of access reviews that were sealed, files that
          were taken away, and texts in which somebody wrote of them by other words.
        </p>
        <ProseField
          label="Reason"
          description="For the record: whoever finds it later knows who asked for it."
          value={reason}
          onChange={setReason}
        />
      </ConfirmDanger>
    </>
  )
}
