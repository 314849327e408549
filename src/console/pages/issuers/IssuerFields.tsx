import { Checkbox, NumberInput, TextInput } from '@mantine/core'
import { issuerAlgorithms } from '../../../contract/trust.ts'
import { field, type FormError } from '../../ui/Form.tsx'
import { Told } from '../../ui/Told.tsx'
import type { IssuerDraft } from './issuer-draft.ts'

export type IssuerSettings = Omit<IssuerDraft, 'kind' | 'url'>

const audienceSays =
  'What its tokens must have as `aud`. One that jobs ask for by this console’s own address keeps out tokens stolen from other services.'

interface Props {
  readonly draft: IssuerSettings
  readonly onChange: (part: Partial<IssuerSettings>) => void
  readonly errors: readonly FormError[]
}

/** What an issuer's tokens must be like, for trusting one and for changing it. */
export function IssuerFields({ draft, onChange, errors }: Props) {
  const seconds = (
    name: 'leewaySeconds' | 'maxAgeSeconds',
    label: string,
    description: string,
    [min, max]: readonly [number, number],
  ) => (
    <NumberInput
      {...field(name, errors)}
      label={label}
      description={description}
      suffix=" s"
      min={min}
      max={max}
      allowDecimal={false}
      hideControls
      value={draft[name]}
      onChange={(value) => typeof value === 'number' && onChange({ [name]: value })}
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
      <TextInput
        {...field('audience', errors)}
        label="Audience"
        description={<Told text={audienceSays} />}
        classNames={{ input: 'sp-mono' }}
        maxLength={300}
        autoComplete="off"
        spellCheck={false}
        value={draft.audience}
        onChange={(event) => onChange({ audience: event.currentTarget.value.trim() })}
      />
      <Checkbox.Group
        label="Algorithms"
        description="Signatures that are taken; never none, never a shared secret."
        value={draft.algorithms}
        onChange={(algorithms) => onChange({ algorithms })}
      >
        <div style={{ display: 'flex', flexWrap: 'wrap', gap: 'var(--sp-3)', paddingBlock: 4 }}>
          {issuerAlgorithms.map((name) => (
            <Checkbox key={name} value={name} label={name} />
          ))}
        </div>
      </Checkbox.Group>
      {seconds(
        'maxAgeSeconds',
        'Oldest token',
        'Older ones are refused, though they have not expired: 60 to 3,600.',
        [60, 3_600],
      )}
      {seconds(
        'leewaySeconds',
        'Leeway of clocks',
        'How far the CI system’s clock may be off: 0 to 120.',
        [0, 120],
      )}
      <Checkbox
        label="A lease is redeemed from the address it was given to, or not at all"
        checked={draft.bindAddress}
        onChange={(event) => onChange({ bindAddress: event.currentTarget.checked })}
      />
    </>
  )
}
