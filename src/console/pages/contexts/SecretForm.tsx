import { PasswordInput, TextInput } from '@mantine/core'
import { useState } from 'react'
import { secretFault } from '../../../contract/context-limits.ts'
import type { Secret } from '../../../contract/contexts.ts'
import { useChange } from '../../api/client.ts'
import { formErrors } from '../../api/problem.ts'
import { field, Form } from '../../ui/Form.tsx'
import { count } from '../../ui/format.ts'
import { SideDrawer } from '../../ui/SideDrawer.tsx'
import { Time } from '../../ui/Time.tsx'
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
          replaced ? (
            <Replacing secret={replaced} />
          ) : (
            <p>Nobody can read the value again, only replace it.</p>
          )
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

/** What turns with the new value, and what does not. */
function Replacing({ secret }: { secret: Secret }) {
  const { currentVersion, lastUsedAt, sameIn } = secret
  const others = sameIn.names.length === sameIn.contexts ? sameIn.names.join(', ') : undefined
  return (
    <>
      <p>
        {lastUsedAt ? (
          <>
            Last given to a run <Time at={lastUsedAt} />. The next run gets the new value; one that
            has the old one keeps it until its source refuses it.
          </>
        ) : (
          'It was never given to a run. The next one gets the new value.'
        )}
      </p>
      {sameIn.contexts > 0 && (
        <p>
          {count(sameIn.contexts, 'other context')}
          {others && ` (${others})`} {sameIn.contexts === 1 ? 'holds' : 'hold'} the same value, and{' '}
          {sameIn.contexts === 1 ? 'keeps' : 'keep'} it.
        </p>
      )}
      <p>Version {currentVersion} stays in the history and can be rolled back to.</p>
    </>
  )
}
