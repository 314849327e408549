import { Checkbox, TextInput } from '@mantine/core'
import { useState } from 'react'
import { requestLimits } from '../../../contract/request-limits.ts'
import type { CatalogueRole } from '../../../contract/requests.ts'
import { useChange } from '../../api/client.ts'
import { formErrors } from '../../api/problem.ts'
import { field, Form } from '../../ui/Form.tsx'
import { toast } from '../../ui/toasts.ts'
import { DurationField } from '../../parts/DurationField.tsx'

interface Props {
  readonly role: CatalogueRole
  readonly onDone: () => void
}

/** How a role may be asked for; open requests follow it at once. */
export function RuleForm({ role, onDone }: Props) {
  const [rule, setRule] = useState(role.rule)
  const save = useChange('requests.setRule')
  const errors = formErrors(save.error)
  const set = (change: Partial<typeof rule>) => setRule((before) => ({ ...before, ...change }))
  const approvals = (path: 'leadApprovals' | 'securityApprovals', label: string, says: string) => (
    <TextInput
      {...field(path, errors)}
      label={label}
      description={says}
      type="number"
      min={0}
      max={requestLimits.approvals}
      value={String(rule[path])}
      onChange={(event) => set({ [path]: Math.trunc(Number(event.currentTarget.value)) })}
    />
  )
  return (
    <Form
      submit="Save rule"
      busy={save.isPending}
      errors={errors}
      blocked={
        rule.leadApprovals + rule.securityApprovals < 1 ? 'Somebody must approve.' : undefined
      }
      onCancel={onDone}
      onSubmit={() =>
        save.mutate(
          { input: { roleId: role.id, ...rule }, version: role.version },
          {
            onSuccess: () => {
              toast(`The rule of ${role.name} is saved.`)
              onDone()
            },
          },
        )
      }
    >
      <Checkbox
        label="It may be asked for"
        checked={rule.requestable}
        onChange={(event) => set({ requestable: event.currentTarget.checked })}
      />
      <DurationField
        label="For at most"
        path="maxMinutes"
        value={rule.maxMinutes}
        most={requestLimits.minutes}
        errors={errors}
        onChange={(maxMinutes) => set({ maxMinutes })}
      />
      {approvals(
        'leadApprovals',
        'Approvals by a lead',
        'Of the requester’s team or the owning one; whoever decides everywhere may stand in.',
      )}
      {approvals(
        'securityApprovals',
        'Further approvals by a security admin',
        'By those who hold request:approve on the organization, after the leads.',
      )}
      <DurationField
        label="Lapses after"
        path="answerMinutes"
        value={rule.answerMinutes}
        most={requestLimits.minutes}
        errors={errors}
        onChange={(answerMinutes) => set({ answerMinutes })}
      />
    </Form>
  )
}
