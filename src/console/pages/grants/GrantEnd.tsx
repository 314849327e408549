import { SegmentedControl } from '@mantine/core'
import { useState } from 'react'
import type { Grant } from '../../../contract/grants.ts'
import { useChange } from '../../api/client.ts'
import { formErrors } from '../../api/problem.ts'
import { Form } from '../../ui/Form.tsx'
import { SideDrawer } from '../../ui/SideDrawer.tsx'
import { Time } from '../../ui/Time.tsx'
import { toast } from '../../ui/toasts.ts'

const day = 86_400_000
const choices = [
  { value: '1', label: '1 day' },
  { value: '7', label: '7 days' },
  { value: '30', label: '30 days' },
  { value: '90', label: '90 days' },
]

interface Props {
  readonly grant: Grant
  readonly onClose: () => void
}

/** Gives a grant an end; who still needs it by then asks for it, and somebody looks at it again. */
export function GrantEnd({ grant, onClose }: Props) {
  const [begun] = useState(() => Date.now())
  const [days, setDays] = useState('30')
  const change = useChange('grants.update')
  const expiresAt = new Date(begun + Number(days) * day).toISOString()
  const save = () =>
    change.mutate(
      { input: { grantId: grant.id, expiresAt }, version: grant.version },
      {
        onSuccess: () => {
          toast(`${grant.role.name} of ${grant.subject.name} ends by itself now.`)
          onClose()
        },
      },
    )
  return (
    <SideDrawer title="Set an end" opened onClose={onClose}>
      <Form
        submit="Set end"
        onSubmit={save}
        onCancel={onClose}
        busy={change.isPending}
        errors={formErrors(change.error)}
        impact={
          <>
            <p>
              {grant.role.name} of {grant.subject.name} in {grant.scope.name} ends{' '}
              <Time at={expiresAt} />. As it stands, it{' '}
              {grant.expiresAt ? (
                <>
                  ends <Time at={grant.expiresAt} />
                </>
              ) : (
                'has no end'
              )}
              .
            </p>
            <p>
              Last used: <Time at={grant.lastUsedAt} />. Nothing is refused before the end; who
              needs it longer asks for it again.
            </p>
          </>
        }
      >
        <SegmentedControl aria-label="Ends in" data={choices} value={days} onChange={setDays} />
      </Form>
    </SideDrawer>
  )
}
