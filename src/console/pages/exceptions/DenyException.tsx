import { useState } from 'react'
import type { UseExceptionDetail } from '../../../contract/exceptions.ts'
import { useChange } from '../../api/client.ts'
import { formErrors } from '../../api/problem.ts'
import { field, Form } from '../../ui/Form.tsx'
import { Panel } from '../../ui/Panel.tsx'
import { ProseField } from '../../ui/ProseField.tsx'
import { toast } from '../../ui/toasts.ts'

/** Says why it is not admitted. */
export function DenyException({ exception }: { readonly exception: UseExceptionDetail }) {
  const { id: exceptionId, version, context, requester } = exception
  const [reason, setReason] = useState('')
  const deny = useChange('exceptions.deny')
  const errors = formErrors(deny.error)
  const said = reason.trim()
  return (
    <Panel title="Or deny">
      <Form
        submit="Deny exception"
        danger
        busy={deny.isPending}
        errors={errors}
        blocked={said === '' ? 'Say why.' : undefined}
        onSubmit={() =>
          deny.mutate(
            { input: { exceptionId, contextId: context.id ?? '', reason: said }, version },
            { onSuccess: () => toast(`${requester.name} is told that it is denied.`) },
          )
        }
      >
        <ProseField
          {...field('reason', errors)}
          label="Reason"
          description="The requester and the record have it."
          minRows={2}
          value={reason}
          onChange={setReason}
        />
      </Form>
    </Panel>
  )
}
