import { useQuery, useSuspenseQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { useNavigate, useParams, useSearchParams } from 'react-router'
import type { Issuer } from '../../../contract/issuers.ts'
import { query, useChange } from '../../api/client.ts'
import { errorsButRace, formErrors } from '../../api/problem.ts'
import { LostRace } from '../../parts/LostRace.tsx'
import { AllowedAction } from '../../parts/AllowedAction.tsx'
import { useDraft } from '../../parts/use-draft.ts'
import { useAskedOfPage } from '../../parts/use-asked-of-page.ts'
import { paths } from '../../paths.ts'
import { ConfirmDanger } from '../../ui/ConfirmDanger.tsx'
import { Form } from '../../ui/Form.tsx'
import { count } from '../../ui/format.ts'
import { Panel } from '../../ui/Panel.tsx'
import { toast } from '../../ui/toasts.ts'
import { missingOf } from './issuer-draft.ts'
import { IssuerFields, type IssuerSettings } from './IssuerFields.tsx'

export function Component() {
  const { issuerId = '' } = useParams()
  const issuer = useSuspenseQuery(query('issuers.view', { issuerId })).data
  return (
    <>
      <Panel title="What its tokens must be like">
        <Edit issuer={issuer} />
      </Panel>
      <Panel title="Trust it no longer">
        <Remove issuer={issuer} />
      </Panel>
    </>
  )
}

function draftOf(issuer: Issuer): IssuerSettings {
  const { name, audience, algorithms, leewaySeconds, maxAgeSeconds, bindAddress } = issuer
  return { name, audience, algorithms, leewaySeconds, maxAgeSeconds, bindAddress }
}

function Edit({ issuer }: { readonly issuer: Issuer }) {
  const { draft, touched, base, version, set, follow } = useDraft(issuer, draftOf)
  const [params] = useSearchParams()
  // A finding's fix leads here with what is to be set.
  useAskedOfPage(params.get('set'), true, (fix) => {
    if (fix === 'audience') set({ audience: window.location.origin })
    if (fix === 'bindAddress') set({ bindAddress: true })
  })
  const change = useChange('issuers.update')
  const errors = errorsButRace(change.error)
  const save = (at: number) =>
    change.mutate(
      { input: { issuerId: issuer.id, ...draft }, version: at },
      {
        onSuccess: (saved) => {
          follow(saved)
          toast(`Issuer ${saved.name} is saved.`)
        },
      },
    )
  return (
    <>
      <Form
        submit="Save issuer"
        onSubmit={() => save(version)}
        busy={change.isPending}
        errors={errors}
        blocked={
          issuer.allowed.includes('issuer:update')
            ? touched
              ? missingOf(draft)
              : 'Nothing is changed.'
            : 'You need the permission issuer:update here.'
        }
        impact={
          draft.audience !== base.audience && (
            <p>
              Every job that still asks for {base.audience} is refused from then on, by{' '}
              {count(issuer.rules, 'rule')}: change the jobs with it.
            </p>
          )
        }
      >
        <IssuerFields draft={draft} onChange={set} errors={errors} />
      </Form>
      <LostRace change={change} mine={draft} told={draftOf} save={save} follow={follow} />
    </>
  )
}

function Remove({ issuer }: { readonly issuer: Issuer }) {
  const navigate = useNavigate()
  const [asked, setAsked] = useState(false)
  const impact = useQuery({ ...query('issuers.impact', { issuerId: issuer.id }), enabled: asked })
  const remove = useChange('issuers.remove')
  const confirm = () =>
    remove.mutate(
      { input: { issuerId: issuer.id }, version: issuer.version },
      {
        onSuccess: () => {
          toast(`${issuer.name} is trusted no longer.`)
          void navigate(paths.issuers())
        },
      },
    )
  const { rules = issuer.rules, projects = [], leases = 0, live = 0 } = impact.data ?? {}
  return (
    <>
      <p>Its rules go with it, and every run of it is refused from then on.</p>
      <AllowedAction
        danger
        allowed={issuer.allowed}
        may="issuer:delete"
        onClick={() => setAsked(true)}
      >
        Trust it no longer
      </AllowedAction>
      <ConfirmDanger
        title={`Trust ${issuer.name} no longer`}
        name={issuer.name}
        opened={asked}
        onClose={() => setAsked(false)}
        onConfirm={confirm}
        verb="Remove issuer"
        busy={remove.isPending}
        errors={formErrors(remove.error)}
      >
        <p>
          {count(rules, 'rule')} of {count(projects.length, 'project')} end
          {projects.length > 0 && ` (${named(projects)})`}. In the last 30 days it gave{' '}
          {count(leases, 'lease')}; {count(live, 'live lease')} can still be redeemed: revoke them
          under Leases.
        </p>
      </ConfirmDanger>
    </>
  )
}

const named = (all: readonly { name: string }[]) =>
  all.length > 5
    ? `${all
        .slice(0, 5)
        .map(({ name }) => name)
        .join(', ')} and ${all.length - 5} more`
    : all.map(({ name }) => name).join(', ')
