import { Group } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { Link, Outlet, useParams, type LoaderFunctionArgs } from 'react-router'
import type { OutputOf } from '../../../contract/index.ts'
import { query, useChange } from '../../api/client.ts'
import { formErrors } from '../../api/problem.ts'
import { AllowedAction } from '../../parts/AllowedAction.tsx'
import { FindingsMark } from '../../parts/FindingsMark.tsx'
import { ProblemNotice } from '../../parts/ProblemNotice.tsx'
import { paths } from '../../paths.ts'
import { queryClient } from '../../query-client.ts'
import { ConfirmDanger } from '../../ui/ConfirmDanger.tsx'
import { Copyable } from '../../ui/Copyable.tsx'
import { Facts } from '../../ui/Facts.tsx'
import { count } from '../../ui/format.ts'
import { Page } from '../../ui/Page.tsx'
import { RouteTabs } from '../../ui/RouteTabs.tsx'
import { Skeletons } from '../../ui/Skeletons.tsx'
import { Status } from '../../ui/Status.tsx'
import { Time } from '../../ui/Time.tsx'
import { toast } from '../../ui/toasts.ts'
import { ErasePerson } from './ErasePerson.tsx'
import { PersonState } from './PersonState.tsx'

const one = (personId: string) => query('people.view', { personId })

export async function loader({ params }: LoaderFunctionArgs) {
  return queryClient.ensureQueryData(one(params['personId'] ?? ''))
}

export const handle = { crumb: (person: { name: string } | undefined) => person?.name }

type Detail = OutputOf<'people.view'>

export function Component() {
  const { personId = '' } = useParams()
  const { data: person, error } = useQuery(one(personId))
  const me = useQuery(query('me.view', {})).data
  if (!person) {
    return (
      <Page title="Person">
        {error ? <ProblemNotice error={error} /> : <Skeletons lines={6} />}
      </Page>
    )
  }
  const held = me?.may.map(({ permission }) => permission) ?? []
  const left = person.state === 'left'
  return (
    <Page
      title={person.name}
      aside={
        <>
          <PersonState person={person} />
          <FindingsMark of={{ person: personId }} />
        </>
      }
      action={
        <Group gap="xs">
          {left && !person.erasedAt && <ErasePerson person={person} />}
          {!person.erasedAt && <State person={person} />}
          <AllowedAction
            primary
            allowed={held}
            may="grant:create"
            blocked={left ? 'Whoever has left is granted nothing.' : undefined}
            to={paths.grantNew({ person: personId })}
          >
            Grant role
          </AllowedAction>
        </Group>
      }
      facts={
        <Facts
          of={{
            ...(person.erasedAt
              ? { Erased: <Time at={person.erasedAt} /> }
              : { 'E-mail': <Copyable text={person.email} what="e-mail" /> }),
            Title: person.title || undefined,
            Teams: person.teams.map((team, at) => (
              <span key={team.id}>
                {at > 0 && ', '}
                <Link to={paths.team(team.id)}>
                  {team.lead ? `${team.name} (lead)` : team.name}
                </Link>
              </span>
            )),
            'Known from': person.source === 'idp' ? 'the identity provider' : 'an import',
            'Last signed in': <Time at={person.lastSeenAt} />,
          }}
        />
      }
      tabs={
        <RouteTabs
          label="Person"
          tabs={[
            { label: 'Access', to: paths.person(personId), end: true },
            { label: 'Blast radius', to: paths.person(personId, 'reach') },
            ...(held.includes('session:view')
              ? [{ label: 'Sessions', to: paths.person(personId, 'sessions') }]
              : []),
          ]}
        />
      }
    >
      {left && person.access.length > 0 && (
        <p role="status">
          <Status is="critical">
            Left <Time at={person.leftAt} />, and {count(person.access.length, 'grant')} still{' '}
            {person.access.length === 1 ? 'names' : 'name'} them
          </Status>
        </p>
      )}
      <Outlet />
    </Page>
  )
}

function State({ person }: { readonly person: Detail }) {
  const [asked, setAsked] = useState(false)
  const change = useChange('people.update')
  const left = person.state === 'left'
  const verb = left ? 'Mark as returned' : 'Mark as left'
  const confirm = () =>
    change.mutate(
      {
        input: { personId: person.id, state: left ? 'active' : 'left' },
        version: person.version,
      },
      {
        onSuccess: (saved) => {
          toast(left ? `${saved.name} is back.` : `${saved.name} can do nothing any more.`)
          setAsked(false)
        },
      },
    )
  return (
    <>
      <AllowedAction
        danger={!left}
        allowed={person.allowed}
        may="person:update"
        onClick={() => setAsked(true)}
      >
        {verb}
      </AllowedAction>
      <ConfirmDanger
        title={`${verb}: ${person.name}`}
        opened={asked}
        verb={verb}
        busy={change.isPending}
        errors={formErrors(change.error)}
        onClose={() => setAsked(false)}
        onConfirm={confirm}
      >
        {left
          ? `They hold again what ${count(person.access.length, 'live grant')} of theirs permit.`
          : 'Their sessions and API tokens end with the very next request.'}
      </ConfirmDanger>
    </>
  )
}
