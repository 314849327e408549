import { PasswordInput, TextInput } from '@mantine/core'
import { useState } from 'react'
import { secretFault } from '../../../contract/context-limits.ts'
import type { Secret } from '../../../contract/contexts.ts'
import { useChange } from '../../api/client.ts'
import { formErrors } from '../../api/problem.ts'
import { field, Form } from '../../ui/Form.tsx'
import { SideDrawer } from '../../ui/SideDrawer.tsx'
import { toast } from '../../ui/toasts.ts'

/** Stores a secret, or replaces one. The value is kept in this form alone and is gone when it closes. */
export function SecretForm(props: {
  contextId: string
  replaced?: Secret
  opened: boolean
  onClose: () => void
}) {
  const { contextId, replaced, opened, onClose } = props
  const [name, setName] = useState(replaced?.name ?? '')
  const [value, setValue] = useState('')
  const store = useChange('contexts.store')
  const errors = formErrors(store.error)
  const fault = secretFault(name, value)
  const save = () =>
    store.mutate(
      { input: { contextId, name, value } },
      {
        onSuccess: (made) => {
          toast(
            made.currentVersion > 1
              ? `${made.name} is replaced: version ${made.currentVersion}.`
              : `${made.name} is stored.`,
          )
          onClose()
        },
      },
    )
  return (
    <SideDrawer
      title={replaced ? `Replace ${replaced.name}` : 'Store secret'}
      opened={opened}
      onClose={onClose}
    >
      <Form
        submit={replaced ? 'Replace secret' : 'Store secret'}
        onSubmit={save}
        onCancel={onClose}
        busy={store.isPending}
        errors={errors}
        blocked={name === '' ? 'Give it a name.' : fault}
        impact={
          <p>
            {replaced
              ? `Version ${replaced.currentVersion} stays in the history and can be rolled back to.`
              : 'Nobody can read the value again, only replace it.'}
          </p>
        }
      >
        <TextInput
          {...field('name', errors)}
          label="Name"
          description="The variable: letters, digits and underscores."
          classNames={{ input: 'sp-mono' }}
          disabled={replaced !== undefined}
          autoComplete="off"
          spellCheck={false}
          value={name}
          onChange={(event) => setName(event.currentTarget.value)}
        />
        <PasswordInput
          {...field('value', errors)}
          label="Value"
          description="At most 32,000 characters; may be empty. For several lines, import a .env text."
          autoComplete="off"
          value={value}
          onChange={(event) => setValue(event.currentTarget.value)}
        />
      </Form>
    </SideDrawer>
  )
}
