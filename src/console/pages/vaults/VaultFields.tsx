import { TextInput } from '@mantine/core'
import { field, type FormError } from '../../ui/Form.tsx'
import type { VaultDraft } from './vault-draft.ts'

interface Props {
  readonly draft: VaultDraft
  readonly onChange: (part: Partial<VaultDraft>) => void
  readonly errors: readonly FormError[]
}

/** How a Vault or OpenBao server is asked, for naming one and for changing it. */
export function VaultFields({ draft, onChange, errors }: Props) {
  const text = (
    name: Exclude<keyof VaultDraft, 'name'>,
    label: string,
    description: string,
    change: (value: string) => Partial<VaultDraft> = (value) => ({ [name]: value }),
  ) => (
    <TextInput
      {...field(name, errors)}
      label={label}
      description={description}
      classNames={{ input: 'sp-mono' }}
      maxLength={300}
      autoComplete="off"
      spellCheck={false}
      value={draft[name] ?? ''}
      onChange={(event) => onChange(change(event.currentTarget.value.trim()))}
    />
  )
  return (
    <>
      <TextInput
        {...field('name', errors)}
        label="Name"
        maxLength={100}
        autoComplete="off"
        value={draft.name}
        onChange={(event) => onChange({ name: event.currentTarget.value })}
      />
      {text(
        'address',
        'Address',
        'Its origin, such as https://vault.example.com:8200, without a path.',
        // Until another is written, tokens are for the server itself.
        (address) => ({
          address,
          ...(draft.audience === draft.address && { audience: address }),
        }),
      )}
      {text(
        'namespace',
        'Namespace',
        'Of Vault Enterprise or OpenBao; empty where there is none.',
        (value) => ({ namespace: value === '' ? null : value }),
      )}
      {text('authPath', 'JWT method', 'Where it is mounted: auth/<path>/login is asked.')}
      {text('role', 'Role', 'The role of that method that runs log in with.')}
      {text(
        'audience',
        'Audience',
        'What the role has in bound_audiences. One of its own keeps a token for this server from opening another.',
      )}
    </>
  )
}
