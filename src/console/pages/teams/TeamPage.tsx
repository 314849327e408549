import { lazy, Suspense } from 'react'
import { useQuery } from '@tanstack/react-query'
import { Link, useParams, type LoaderFunctionArgs } from 'react-router'
import type { OutputOf } from '../../../contract/index.ts'
import { query } from '../../api/client.ts'
import { AllowedAction } from '../../parts/AllowedAction.tsx'
import { PersonLink } from '../../parts/PersonLink.tsx'
import { ProblemNotice } from '../../parts/ProblemNotice.tsx'
import { RoleLink } from '../../parts/RoleLink.tsx'
import { paths } from '../../paths.ts'
import { queryClient } from '../../query-client.ts'
import { DataTable, type Column } from '../../ui/DataTable.tsx'
import { Empty } from '../../ui/Empty.tsx'
import { Facts } from '../../ui/Facts.tsx'
import { count, num } from '../../ui/format.ts'
import { Page } from '../../ui/Page.tsx'
import { Panel } from '../../ui/Panel.tsx'
import { Skeletons } from '../../ui/Skeletons.tsx'
import { Status } from '../../ui/Status.tsx'
import { Time } from '../../ui/Time.tsx'

const TeamMembersForm = lazy(() =>
  import('./TeamMembersForm.tsx').then((module) => ({ default: module.TeamMembersForm })),
)

const one = (teamId: string) => query('teams.view', { teamId })

export async function loader({ params }: LoaderFunctionArgs) {
  return queryClient.ensureQueryData(one(params['teamId'] ?? ''))
}

export const handle = { crumb: (team: { name: string } | undefined) => team?.name }

type Detail = OutputOf<'teams.view'>
const sources = { idp: 'the identity provider', import: 'an import', manual: 'by hand' }

const columns: Column<Detail['people'][number]>[] = [
  { key: 'name', title: 'Name', cell: (row) => <PersonLink person={row.person} /> },
  {
    key: 'lead',
    title: 'Part',
    width: '110px',
    keep: true,
    cell: (row) => (row.lead ? <Status is="info">Lead</Status> : 'Member'),
  },
  {
    key: 'state',
    title: 'State',
    width: '110px',
    keep: true,
    cell: (row) =>
      row.state === 'left' ? (
        <Status is="denied">Left</Status>
      ) : (
        <Status is="permitted">Active</Status>
      ),
  },
  { key: 'email', title: 'E-mail', width: '260px', cell: (row) => row.email },
  { key: 'source', title: 'Member by', width: '180px', cell: (row) => sources[row.source] },
  { key: 'since', title: 'Since', width: '140px', cell: (row) => <Time at={row.since} /> },
]

export function Component() {
  const { teamId = '' } = useParams()
  const { data: team, error } = useQuery(one(teamId))
  const me = useQuery(query('me.view', {})).data
  const held = useQuery(query('grants.list', { team: teamId, limit: 200 })).data?.items ?? []
  if (!team) {
    return (
      <Page title="Team">{error ? <ProblemNotice error={error} /> : <Skeletons lines={6} />}</Page>
    )
  }
  return (
    <Page
      title={team.name}
      action={
        <AllowedAction
          primary
          allowed={me?.may.map(({ permission }) => permission) ?? []}
          may="grant:create"
          to={paths.grantNew({ team: teamId })}
        >
          Grant role
        </AllowedAction>
      }
      facts={
        <Facts
          of={{
            Members: num(team.members),
            Projects: (
              <Link to={paths.projects({ teamId })}>{count(team.projects.length, 'project')}</Link>
            ),
            Contexts: (
              <Link to={paths.contexts({ teamId })}>{count(team.contexts.length, 'context')}</Link>
            ),
            Grants: <Link to={paths.grants({ team: teamId })}>{count(held.length, 'grant')}</Link>,
            'Group at the identity provider': team.idpGroup && <code>{team.idpGroup}</code>,
          }}
        />
      }
    >
      {team.description && <p>{team.description}</p>}
      <Panel title="Members" flush>
        <DataTable
          label="Members"
          columns={columns}
          rows={team.people}
          rowKey={(row) => row.person.id}
          rowHref={(row) => paths.person(row.person.id)}
          empty={<Empty title="No members">Import a list, or add somebody below.</Empty>}
        />
      </Panel>
      <Panel title="What every member holds by this team" flush>
        <DataTable
          label="Grants of the team"
          columns={grantColumns}
          rows={held}
          rowKey={(row) => row.id}
          rowHref={(row) => paths.grant(row.id)}
          empty={<Empty title="Nothing">No live grant names the team.</Empty>}
        />
      </Panel>
      <Panel title="Change the team">
        <Suspense fallback={<Skeletons lines={4} />}>
          <TeamMembersForm key={teamId} team={team} />
        </Suspense>
      </Panel>
    </Page>
  )
}

const grantColumns: Column<OutputOf<'grants.list'>['items'][number]>[] = [
  {
    key: 'role',
    title: 'Role',
    cell: (row) => <RoleLink role={row.role} />,
  },
  { key: 'scope', title: 'Where', width: '220px', keep: true, cell: (row) => row.scope.name },
  {
    key: 'until',
    title: 'Until',
    width: '160px',
    keep: true,
    cell: (row) => <Time at={row.expiresAt} never="no end" />,
  },
]
