import { ActionIcon, Button, TextInput } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { IconX } from '@tabler/icons-react'
import { useRef, useState } from 'react'
import { Link, useSearchParams } from 'react-router'
import type { Context } from '../../../contract/contexts.ts'
import { query, useChange } from '../../api/client.ts'
import { errorsButRace } from '../../api/problem.ts'
import { LostRace } from '../../parts/LostRace.tsx'
import { useDraft } from '../../parts/use-draft.ts'
import { useAskedOfPage } from '../../parts/use-asked-of-page.ts'
import { useMay } from '../../parts/use-may.ts'
import { paths } from '../../paths.ts'
import { announce } from '../../ui/announce.ts'
import { Form } from '../../ui/Form.tsx'
import { toast } from '../../ui/toasts.ts'
import classes from './Audiences.module.css'
import { insteadOf } from './credential-instead.ts'

const most = 20

/** For whom runs that may use the context are given federated tokens. */
export function Audiences({ context }: { readonly context: Context }) {
  const { draft, touched, base, version, set, follow } = useDraft(context, ({ audiences }) => ({
    audiences,
  }))
  const { audiences } = draft
  // A finding's fix leads here with the stored credential that a federated token would replace.
  const [params] = useSearchParams()
  const instead = params.get('instead')
  const known = insteadOf(instead ?? '')
  const asksVaults = useMay()('vault:view') && known.vault === true
  const vaults = useQuery({ ...query('vaults.list', {}), enabled: asksVaults }).data?.items
  useAskedOfPage(instead, known.vault !== true || vaults !== undefined, () => {
    const wanted = known.audience ?? (vaults?.length === 1 ? vaults[0]?.audience : undefined)
    if (wanted && !audiences.includes(wanted)) set({ audiences: [...audiences, wanted] })
  })
  const federate = useChange('contexts.federate')
  const errors = errorsButRace(federate.error)
  const save = (over: number) =>
    federate.mutate(
      { input: { contextId: context.id, audiences }, version: over },
      {
        onSuccess: (saved) => {
          follow(saved)
          toast(`The audiences of ${saved.name} are saved.`)
        },
      },
    )
  const denied = !context.allowed.includes('secret:store')
  const gone = base.audiences.filter((one) => !audiences.includes(one))
  const come = audiences.filter((one) => !base.audiences.includes(one))
  return (
    <>
      <p>
        A run that may use this context may ask for a token of one minute for these audiences,
        signed by this console, instead of a secret. <Link to={paths.federation()}>Federation</Link>{' '}
        says how a service trusts it.
      </p>
      <Form
        submit="Save audiences"
        onSubmit={() => save(version)}
        busy={federate.isPending}
        errors={errors}
        blocked={
          denied
            ? 'You need the permission secret:store here.'
            : !touched
              ? 'Nothing is changed.'
              : undefined
        }
        impact={
          touched && (
            <p>
              {come.length > 0 && `Runs get tokens for ${come.join(', ')}. `}
              {gone.length > 0 && `Runs that ask for ${gone.join(', ')} are refused from then on.`}
            </p>
          )
        }
      >
        {instead !== null && (
          <p role="note">
            <code>{instead}</code> is stored in it still. {known.says} Once its jobs show the token
            instead,{' '}
            <Link to={paths.context(context.id, undefined, { delete: instead })}>
              delete the secret
            </Link>
            , and revoke it at its source.
          </p>
        )}
        <Chips
          audiences={audiences}
          denied={denied}
          onChange={(next) => set({ audiences: next })}
        />
      </Form>
      <LostRace
        change={federate}
        mine={{ audiences }}
        told={(theirs) => ({ audiences: theirs.audiences })}
        save={save}
        follow={follow}
      />
    </>
  )
}

interface ChipsProps {
  readonly audiences: readonly string[]
  readonly denied: boolean
  readonly onChange: (audiences: string[]) => void
}

function Chips({ audiences, denied, onChange }: ChipsProps) {
  const [typed, setTyped] = useState('')
  const input = useRef<HTMLInputElement>(null)
  const wanted = typed.trim()
  const fault = audiences.includes(wanted)
    ? 'It is among them already.'
    : wanted !== '' && audiences.length >= most
      ? `At most ${most} audiences.`
      : undefined
  const add = () => {
    if (wanted === '' || fault) return
    onChange([...audiences, wanted])
    setTyped('')
    announce(`${wanted} added`)
  }
  const remove = (gone: string) => {
    onChange(audiences.filter((one) => one !== gone))
    announce(`${gone} removed`)
    // The button that had the focus is gone with it.
    input.current?.focus()
  }
  return (
    <>
      {audiences.length > 0 ? (
        <ul className={classes.chips} aria-label="Audiences">
          {audiences.map((audience) => (
            <li key={audience}>
              <code>{audience}</code>
              {!denied && (
                <ActionIcon
                  size={24}
                  variant="subtle"
                  color="gray"
                  aria-label={`Remove ${audience}`}
                  onClick={() => remove(audience)}
                >
                  <IconX size={14} />
                </ActionIcon>
              )}
            </li>
          ))}
        </ul>
      ) : (
        <p className="sp-dim">No audience: its runs are given no federated token.</p>
      )}
      <div className={classes.add}>
        <TextInput
          ref={input}
          id="field-audiences"
          label="Another audience"
          description="Exactly as the service expects it in aud, such as sts.amazonaws.com or the address of a Vault."
          classNames={{ input: 'sp-mono' }}
          maxLength={300}
          autoComplete="off"
          spellCheck={false}
          disabled={denied}
          value={typed}
          error={fault}
          onChange={(event) => setTyped(event.currentTarget.value)}
          onKeyDown={(event) => {
            if (event.key !== 'Enter' || wanted === '') return
            // What is typed is added before the form is sent.
            event.preventDefault()
            add()
          }}
        />
        <Button disabled={denied || wanted === '' || fault !== undefined} onClick={add}>
          Add audience
        </Button>
      </div>
    </>
  )
}
