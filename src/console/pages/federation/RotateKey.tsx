import { Group } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import type { OutputOf } from '../../../contract/index.ts'
import { query, useChange } from '../../api/client.ts'
import { formErrors } from '../../api/problem.ts'
import { AllowedAction } from '../../parts/AllowedAction.tsx'
import { ConfirmDanger } from '../../ui/ConfirmDanger.tsx'
import { count } from '../../ui/format.ts'
import { toast } from '../../ui/toasts.ts'

type Federation = OutputOf<'federation.view'>

/** The next key, announced before it signs; or at once after a compromise, which withdraws what is there. */
export function RotateKey({ federation }: { readonly federation: Federation }) {
  const [asked, setAsked] = useState<'announced' | 'atOnce'>()
  const me = useQuery(query('me.view', {})).data?.may.map(({ permission }) => permission) ?? []
  const rotate = useChange('federation.rotate')
  const close = () => {
    setAsked(undefined)
    rotate.reset()
  }
  const make = (atOnce: boolean) =>
    rotate.mutate(
      { input: { atOnce } },
      {
        onSuccess: () => {
          toast(
            atOnce
              ? 'The new key signs. The old ones are published no longer.'
              : 'The next key is published. It signs in ten minutes.',
          )
          close()
        },
      },
    )
  const waiting = federation.keys.some(({ state }) => state === 'next')
  return (
    <Group gap="xs">
      <AllowedAction danger allowed={me} may="federation:rotate" onClick={() => setAsked('atOnce')}>
        Rotate at once
      </AllowedAction>
      <AllowedAction
        primary
        allowed={me}
        may="federation:rotate"
        blocked={waiting ? 'The next key is published already and will sign by itself.' : undefined}
        onClick={() => setAsked('announced')}
      >
        Rotate key
      </AllowedAction>
      <ConfirmDanger
        title="Rotate the key"
        opened={asked === 'announced'}
        onClose={close}
        onConfirm={() => make(false)}
        verb="Rotate key"
        busy={rotate.isPending}
        errors={formErrors(rotate.error)}
      >
        The next key is published now and signs in ten minutes, when every cache knows it. The one
        that signs today stays published for an hour after. Nothing breaks.
      </ConfirmDanger>
      <ConfirmDanger
        title="Rotate at once, after a compromise"
        name={new URL(federation.issuer).host}
        opened={asked === 'atOnce'}
        onClose={close}
        onConfirm={() => make(true)}
        verb="Rotate at once"
        busy={rotate.isPending}
        errors={formErrors(rotate.error)}
      >
        <Breaks
          keys={federation.keys.filter(({ state }) => state !== 'retired').length}
          servers={me.includes('vault:view')}
        />
      </ConfirmDanger>
    </Group>
  )
}

/** What breaks, with numbers as far as one may see them. */
function Breaks({ keys, servers }: { readonly keys: number; readonly servers: boolean }) {
  const list = useQuery({ ...query('vaults.list', { limit: 200 }), enabled: servers })
  const items = list.data?.items
  const secrets = items?.reduce((sum, { secrets: each }) => sum + each, 0) ?? 0
  return (
    <>
      <p>
        {count(keys, 'key')} that {keys === 1 ? 'is' : 'are'} in use or announced{' '}
        {keys === 1 ? 'is' : 'are'} withdrawn now, and a new one signs. Tokens of the last minute
        are refused by whoever asks for the keys again.
      </p>
      <p>
        Whoever keeps the keys for a while refuses every new token until they are fetched again, and
        takes those of the stolen key until then: restart or reload what must know at once.
      </p>
      {items && (
        <p>
          {count(items.length, 'Vault server')} with {count(secrets, 'secret')} that refer into
          {items.length === 1 ? ' it' : ' them'} will meet the new key at the next redemption.
        </p>
      )}
    </>
  )
}
