import { useQuery } from '@tanstack/react-query'
import { Link } from 'react-router'
import type { Permission } from '../../../contract/permissions.ts'
import type { SecretVersion } from '../../../contract/contexts.ts'
import { secretAtText } from '../../../contract/secret-at.ts'
import { query, useChange } from '../../api/client.ts'
import { AllowedAction } from '../../parts/AllowedAction.tsx'
import { PersonLink } from '../../parts/PersonLink.tsx'
import { ProblemNotice } from '../../parts/ProblemNotice.tsx'
import { SecretToken } from '../../parts/SecretToken.tsx'
import { useMay } from '../../parts/use-may.ts'
import { paths } from '../../paths.ts'
import { DataTable, type Column } from '../../ui/DataTable.tsx'
import { SideDrawer } from '../../ui/SideDrawer.tsx'
import { Status } from '../../ui/Status.tsx'
import { toast } from '../../ui/toasts.ts'

const how = (version: SecretVersion) =>
  version.how === 'rolled_back'
    ? `Rolled back to ${version.fromVersion}`
    : version.how === 'imported'
      ? 'Imported'
      : version.how === 'referenced'
        ? 'Referred to Vault'
        : 'Stored'

const columnsWith = (
  allowed: readonly Permission[],
  busy: number | undefined,
  back: (version: number) => void,
  runsOf?: (version: number) => string,
): Column<SecretVersion>[] => [
  { key: 'version', title: 'Version', width: '80px', cell: (row) => row.version },
  {
    key: 'token',
    title: 'Stand-in',
    keep: true,
    cell: (row) => <SecretToken token={row.token} updatedAt={row.createdAt} />,
  },
  { key: 'how', title: 'How', width: '150px', cell: how },
  {
    key: 'by',
    title: 'By',
    width: '130px',
    cell: (row) => <PersonLink person={row.createdBy} />,
  },
  ...(runsOf
    ? [
        {
          key: 'runs',
          title: 'Given to',
          width: '90px',
          keep: true,
          cell: ({ version }: SecretVersion) => (
            <Link to={runsOf(version)} aria-label={`Runs that were given version ${version}`}>
              Runs
            </Link>
          ),
        },
      ]
    : []),
  {
    key: 'action',
    title: 'Action',
    width: '130px',
    keep: true,
    cell: (row) =>
      row.current ? (
        <Status is="good">Current</Status>
      ) : (
        <AllowedAction
          allowed={allowed}
          may="secret:store"
          loading={busy === row.version}
          onClick={() => back(row.version)}
        >
          Roll back
        </AllowedAction>
      ),
  },
]

/** Every version of a secret, newest first. Rolling back stores an old value again as the newest version. */
export function SecretVersions(props: {
  contextId: string
  name: string
  allowed: readonly Permission[]
  onClose: () => void
}) {
  const { contextId, name, allowed, onClose } = props
  const list = useQuery(query('contexts.versions', { contextId, name }))
  const rollback = useChange('contexts.rollback')
  const may = useMay()
  const runsOf = may('lease:view')
    ? (version: number) => paths.leases({ secret: secretAtText({ contextId, name, version }) })
    : undefined
  const current = list.data?.items.find((row) => row.current)?.version ?? 0
  const busy = rollback.isPending ? rollback.variables.input.version : undefined
  const back = (version: number) =>
    rollback.mutate(
      { input: { contextId, name, version }, version: current },
      {
        onSuccess: (now) =>
          toast(`${name} has the value of version ${version} again, as ${now.currentVersion}.`),
      },
    )
  return (
    <SideDrawer title={`Versions of ${name}`} opened onClose={onClose} wide>
      <ProblemNotice error={list.error ?? rollback.error} />
      <DataTable
        label={`Versions of ${name}`}
        columns={columnsWith(allowed, busy, back, runsOf)}
        rows={list.data?.items}
        rowKey={(row) => String(row.version)}
        empty={null}
      />
    </SideDrawer>
  )
}
