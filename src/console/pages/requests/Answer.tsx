import { useState } from 'react'
import type { AccessRequestDetail } from '../../../contract/requests.ts'
import { useChange } from '../../api/client.ts'
import { formErrors } from '../../api/problem.ts'
import { field, Form } from '../../ui/Form.tsx'
import { Panel } from '../../ui/Panel.tsx'
import { ProseField } from '../../ui/ProseField.tsx'
import { toast } from '../../ui/toasts.ts'

/** What was asked back, and the answer. */
export function Answer({ request }: { readonly request: AccessRequestDetail }) {
  const [text, setText] = useState('')
  const answer = useChange('requests.answer')
  const errors = formErrors(answer.error)
  const asked = request.history.findLast(({ kind }) => kind === 'asked_back')
  const save = () =>
    answer.mutate(
      { input: { requestId: request.id, answer: text.trim() }, version: request.version },
      { onSuccess: () => toast('It is answered. It waits for a decision again.') },
    )
  return (
    <Panel title={`${asked?.by?.name ?? 'An approver'} asks`}>
      <p>{asked?.text}</p>
      <Form
        submit="Send answer"
        onSubmit={save}
        busy={answer.isPending}
        errors={errors}
        blocked={text.trim() === '' ? 'Write an answer.' : undefined}
      >
        <ProseField
          {...field('answer', errors)}
          label="Answer"
          minRows={2}
          value={text}
          onChange={setText}
        />
      </Form>
    </Panel>
  )
}
