import { Modal } from '@mantine/core'
import { useState } from 'react'
import type { ReviewDecision, ReviewLine } from '../../../contract/reviews.ts'
import { useChange } from '../../api/client.ts'
import { formErrors } from '../../api/problem.ts'
import { Form } from '../../ui/Form.tsx'
import { ProseField } from '../../ui/ProseField.tsx'
import { count } from '../../ui/format.ts'
import { toast } from '../../ui/toasts.ts'
import { useFocusBack } from '../../ui/use-focus-back.ts'

interface Props {
  readonly reviewId: string
  readonly decision: ReviewDecision
  readonly lines: readonly ReviewLine[]
  readonly onClose: () => void
  readonly onDone: () => void
}

/** Answers lines at once, with one justification: all of them, or none. */
export function DecideMany({ reviewId, decision, lines, onClose, onDone }: Props) {
  useFocusBack()
  const [justification, setJustification] = useState('')
  const decide = useChange('reviews.decideMany')
  const said = justification.trim()
  const verb = decision === 'keep' ? 'Keep' : 'Revoke'
  const asked = lines.map(({ id, version }) => ({ lineId: id, version }))
  return (
    <Modal opened onClose={onClose} title={`${verb} ${count(lines.length, 'line')}`}>
      <Form
        submit={`${verb} selected`}
        danger={decision === 'revoke'}
        busy={decide.isPending}
        errors={formErrors(decide.error)}
        blocked={asked.length > 200 ? 'At most 200 at once.' : said === '' ? 'Say why.' : undefined}
        onCancel={onClose}
        onSubmit={() =>
          decide.mutate(
            { input: { reviewId, lines: asked, decision, justification: said } },
            {
              onSuccess: ({ decided }) => {
                toast(`${count(decided, 'line')} answered.`)
                onDone()
              },
            },
          )
        }
      >
        <ProseField
          data-autofocus
          label="Justification"
          description="One for all of them: the evidence has it beside each."
          minRows={2}
          value={justification}
          onChange={setJustification}
        />
      </Form>
    </Modal>
  )
}
