import { Checkbox, TextInput } from '@mantine/core'
import { ruleFault, type IssuerKind, type KnownClaims } from '../../../contract/trust.ts'
import { RuleRisks } from '../../parts/RuleRisks.tsx'
import { field, type FormError } from '../../ui/Form.tsx'
import { Panel } from '../../ui/Panel.tsx'
import { ConditionFields } from './ConditionFields.tsx'
import { draftOfTerms, type RuleDraft } from './rule-draft.ts'

interface Props {
  readonly issuer: { readonly kind: IssuerKind; readonly audience: string }
  readonly draft: RuleDraft
  readonly onChange: (part: Partial<RuleDraft>) => void
  readonly errors: readonly FormError[]
  /** What the claims of its runs are known to say. */
  readonly known: KnownClaims
}

/** The terms of a rule, with what is wrong and what is risky in them while they are written. */
export function RuleFields({ issuer, draft, onChange, errors, known }: Props) {
  const { kind, audience } = issuer
  const complete = draft.conditions.every(({ claim, values }) => claim !== '' && values.length > 0)
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
      <ConditionFields
        kind={kind}
        conditions={draft.conditions}
        onChange={(conditions) => onChange({ conditions })}
        fault={complete ? ruleFault(kind, draft) : undefined}
      />
      <Checkbox
        label="Admit runs that may carry a fork’s code"
        checked={draft.allowForks}
        onChange={(event) => onChange({ allowForks: event.currentTarget.checked })}
      />
      <Checkbox
        label="Admit reruns with SSH"
        checked={draft.allowSshReruns}
        onChange={(event) => onChange({ allowSshReruns: event.currentTarget.checked })}
      />
      <TextInput
        {...field('runnerClass', errors)}
        label="Runner class"
        description="What its runs are taken to run on, where the token does not say. Segments ask for it."
        classNames={{ input: 'sp-mono' }}
        maxLength={100}
        autoComplete="off"
        spellCheck={false}
        value={draft.runnerClass ?? ''}
        onChange={(event) => onChange({ runnerClass: event.currentTarget.value.trim() || null })}
      />
      <Panel title="What an attacker could make of it">
        {complete ? (
          <RuleRisks
            kind={kind}
            audience={audience}
            rule={draft}
            known={known}
            verb="Write it so"
            onSafer={(safer) => onChange(draftOfTerms(safer))}
          />
        ) : (
          <p className="sp-dim">Said as soon as every condition is complete.</p>
        )}
      </Panel>
    </>
  )
}
