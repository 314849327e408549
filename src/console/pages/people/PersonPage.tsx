import { Group } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { Link, useParams, type LoaderFunctionArgs } from 'react-router'
import type { OutputOf } from '../../../contract/index.ts'
import { query, useChange } from '../../api/client.ts'
import { formErrors } from '../../api/problem.ts'
import { AllowedAction } from '../../parts/AllowedAction.tsx'
import { FindingsMark } from '../../parts/FindingsMark.tsx'
import { ObjectLink } from '../../parts/ObjectLink.tsx'
import { ProblemNotice } from '../../parts/ProblemNotice.tsx'
import { paths } from '../../paths.ts'
import { queryClient } from '../../query-client.ts'
import { ConfirmDanger } from '../../ui/ConfirmDanger.tsx'
import { Copyable } from '../../ui/Copyable.tsx'
import { DataTable, type Column } from '../../ui/DataTable.tsx'
import { Empty } from '../../ui/Empty.tsx'
import { Facts } from '../../ui/Facts.tsx'
import { count, num } from '../../ui/format.ts'
import { Page } from '../../ui/Page.tsx'
import { Panel } from '../../ui/Panel.tsx'
import { Skeletons } from '../../ui/Skeletons.tsx'
import { Status } from '../../ui/Status.tsx'
import { Time } from '../../ui/Time.tsx'
import { toast } from '../../ui/toasts.ts'

const one = (personId: string) => query('people.view', { personId })

export async function loader({ params }: LoaderFunctionArgs) {
  return queryClient.ensureQueryData(one(params['personId'] ?? ''))
}

export const handle = { crumb: (person: { name: string } | undefined) => person?.name }

type Detail = OutputOf<'people.view'>

/** The path, as it is followed: how it came, the role, where it holds. */
const columns: Column<Detail['access'][number]>[] = [
  {
    key: 'via',
    title: 'How it came',
    cell: ({ via, grantId }) => (
      <Link to={paths.grant(grantId)}>
        {via.kind === 'team' ? `by team ${via.name}` : 'granted directly'}
      </Link>
    ),
  },
  {
    key: 'role',
    title: 'Role',
    width: '180px',
    keep: true,
    cell: (row) => <Link to={paths.role(row.role.id)}>{row.role.name}</Link>,
  },
  {
    key: 'scope',
    title: 'Where',
    width: '200px',
    keep: true,
    cell: ({ scope }) =>
      scope.id ? <ObjectLink kind={scope.kind} id={scope.id} name={scope.name} /> : scope.name,
  },
  {
    key: 'permissions',
    title: 'Permissions',
    width: '120px',
    align: 'end',
    cell: (row) => num(row.permissions.length),
  },
  {
    key: 'until',
    title: 'Until',
    width: '140px',
    cell: (row) => <Time at={row.expiresAt} never="no end" />,
  },
  {
    key: 'used',
    title: 'Last used',
    width: '140px',
    cell: (row) => <Time at={row.lastUsedAt} />,
  },
]

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
          {left ? <Status is="denied">Left</Status> : <Status is="permitted">Active</Status>}
          <FindingsMark of={{ person: personId }} />
        </>
      }
      action={
        <Group gap="xs">
          <State person={person} />
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
            'E-mail': <Copyable text={person.email} what="e-mail" />,
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
    >
      {left && person.access.length > 0 && (
        <p role="status">
          <Status is="critical">
            Left <Time at={person.leftAt} />, and {count(person.access.length, 'grant')} still{' '}
            {person.access.length === 1 ? 'names' : 'name'} them
          </Status>
        </p>
      )}
      <Panel
        title="Effective access, with the path by which it came"
        aside={<Link to={paths.audit({ q: `actor:"${person.name}"` })}>What they did</Link>}
        flush
      >
        <DataTable
          label="Effective access"
          columns={columns}
          rows={person.access}
          rowKey={(row) => row.grantId}
          rowHref={(row) => paths.grant(row.grantId)}
          empty={<Empty title="No access">No live grant names them or a team of theirs.</Empty>}
        />
      </Panel>
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
