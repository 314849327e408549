import { SegmentedControl, TextInput } from '@mantine/core'
import { useState } from 'react'
import type { IssuerKind } from '../../../contract/trust.ts'
import { ciChoices } from '../../parts/ci-systems.ts'
import { field, type FormError } from '../../ui/Form.tsx'
import { Told } from '../../ui/Told.tsx'
import { circleUrl, gitlabUrl } from './issuer-draft.ts'

interface Props {
  readonly kind: IssuerKind
  readonly url: string
  readonly errors: readonly FormError[]
  readonly onKind: (kind: IssuerKind) => void
  readonly onUrl: (url: string) => void
}

/** Which CI system, and what is known of it that makes its address: an organization's id, a host. */
export function IssuerAddress({ kind, url, errors, onKind, onUrl }: Props) {
  const [organization, setOrganization] = useState('')
  const [host, setHost] = useState('gitlab.com')
  const preset = kind === 'circleci' || kind === 'gitlab'
  return (
    <>
      <SegmentedControl
        aria-label="CI system"
        data={ciChoices}
        value={kind}
        onChange={(next) => {
          setOrganization('')
          setHost('gitlab.com')
          onKind(next)
        }}
      />
      {kind === 'circleci' && (
        <TextInput
          label="Organization id"
          description="In CircleCI under Organization settings, Overview. Each organization is an issuer of its own."
          classNames={{ input: 'sp-mono' }}
          autoComplete="off"
          spellCheck={false}
          value={organization}
          error={
            organization !== '' && circleUrl(organization) === ''
              ? 'must be an id such as 6f0b9f2e-6a0c-4f43-9a87-5b5b9a6f7c11'
              : undefined
          }
          onChange={(event) => {
            setOrganization(event.currentTarget.value.trim())
            onUrl(circleUrl(event.currentTarget.value.trim()))
          }}
        />
      )}
      {kind === 'gitlab' && (
        <TextInput
          label="Host"
          description="gitlab.com, or your own."
          classNames={{ input: 'sp-mono' }}
          autoComplete="off"
          spellCheck={false}
          value={host}
          error={host !== '' && gitlabUrl(host) === '' ? 'must be the name of a host' : undefined}
          onChange={(event) => {
            setHost(event.currentTarget.value.trim())
            onUrl(gitlabUrl(event.currentTarget.value.trim()))
          }}
        />
      )}
      <TextInput
        {...field('url', errors)}
        label="Address"
        description={
          <Told
            text={
              preset
                ? 'Made of what stands above; it is the `iss` of its tokens, exactly.'
                : 'The `iss` of its tokens, exactly; its discovery document is found below it.'
            }
          />
        }
        classNames={{ input: 'sp-mono' }}
        maxLength={300}
        autoComplete="off"
        spellCheck={false}
        value={url}
        onChange={(event) => onUrl(event.currentTarget.value.trim())}
      />
    </>
  )
}
