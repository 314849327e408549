import { Button, Checkbox } from '@mantine/core'
import { useState } from 'react'
import type { Session } from '../../contract/sessions.ts'
import { useChange } from '../api/client.ts'
import { formErrors } from '../api/problem.ts'
import { ConfirmDanger } from '../ui/ConfirmDanger.tsx'
import { count } from '../ui/format.ts'
import { toast } from '../ui/toasts.ts'
import { useMay } from './use-may.ts'

interface Props {
  readonly person: Session['person']
  /** Whether the reader's own session is among them: it stays. */
  readonly own: boolean
  /** Whether it is asked about at once, as where a finding leads here. */
  readonly asked: boolean
}

/** Cuts a person off wherever they are signed in, and with what they made to act for them. */
export function EndSessions({ person, own, asked }: Props) {
  const [opened, setOpened] = useState(asked)
  const [apiTokens, setApiTokens] = useState(false)
  const may = useMay()
  const revoke = useChange('sessions.revokeAll')
  const confirm = () =>
    revoke.mutate(
      { input: { person: person.id, apiTokens } },
      {
        onSuccess: ({ sessions, apiTokens: tokens }) => {
          setOpened(false)
          const more = tokens > 0 ? ` and ${count(tokens, 'API token')}` : ''
          toast(`${count(sessions, 'session')}${more} of ${person.name} ended.`)
        },
      },
    )
  const title = own ? 'End all other sessions' : 'End all sessions'
  return (
    <>
      <Button size="compact-xs" variant="default" onClick={() => setOpened(true)}>
        {title}
      </Button>
      <ConfirmDanger
        opened={opened}
        title={title}
        verb="End sessions"
        busy={revoke.isPending}
        errors={formErrors(revoke.error)}
        onClose={() => setOpened(false)}
        onConfirm={confirm}
      >
        <p>
          {own
            ? 'Whoever uses another of your sessions is cut off at their very next request. This window stays signed in.'
            : `${person.name}, and whoever else uses one of their sessions, is cut off at the very next request. They can sign in again.`}
        </p>
        {(own || may('apiToken:revoke')) && (
          <Checkbox
            label="Revoke the API tokens too"
            description="What a script does with them is refused from then on."
            checked={apiTokens}
            onChange={(event) => setApiTokens(event.currentTarget.checked)}
          />
        )}
      </ConfirmDanger>
    </>
  )
}
