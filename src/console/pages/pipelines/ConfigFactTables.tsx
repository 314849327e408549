import type {
  ConfigFacts,
  ImageFact,
  JobFact,
  RefFact,
  Unresolved,
  WorkflowFact,
} from '../../../contract/pipeline-facts.ts'
import { DataTable, type Column } from '../../ui/DataTable.tsx'
import { Empty } from '../../ui/Empty.tsx'
import { Panel } from '../../ui/Panel.tsx'
import { Status } from '../../ui/Status.tsx'
import classes from './pipelines.module.css'

const list = (values: readonly string[]) =>
  values.join(', ') || <span className="sp-dim">none</span>
const mono = (text: string) => <span className="sp-mono">{text}</span>
const line = <T extends { line: number }>(): Column<T> => ({
  key: 'line',
  title: 'Line',
  width: '64px',
  cell: (row) => row.line,
})
/** What cannot be told from the file: it never counts as allowed. */
const unknown = <T extends { unresolved: readonly Unresolved[] }>(): Column<T> => ({
  key: 'unknown',
  title: 'Not known',
  width: '220px',
  cell: ({ unresolved }) => {
    const facts = [...new Set(unresolved.map(({ fact }) => fact))].join(', ')
    const said = unresolved.map(({ fact, text }) => `${fact}: ${text}`).join('\n')
    return (
      facts && (
        <span title={said}>
          <Status is="unknown">{facts}</Status>
        </span>
      )
    )
  },
})

const filters = (kind: JobFact['branchFilter'], names: readonly string[]) =>
  kind === 'literal' || kind === 'pattern' ? `${names.join(', ')} (${kind})` : kind

const forks: Readonly<Record<JobFact['forkPath'], string>> = {
  none: 'no',
  without_secrets: 'without secrets',
  with_secrets: 'with secrets',
  unknown: 'not known',
}

const jobs: Column<JobFact>[] = [
  {
    key: 'name',
    title: 'Job',
    width: '220px',
    cell: (row) => mono(`${row.workflow} / ${row.name}`),
  },
  line(),
  { key: 'kind', title: 'Kind', width: '90px', cell: (row) => row.kind },
  {
    key: 'contexts',
    title: 'Contexts',
    width: '160px',
    keep: true,
    cell: (row) => list(row.contexts),
  },
  {
    key: 'environments',
    title: 'Environments',
    width: '140px',
    cell: (row) => list(row.environments),
  },
  {
    key: 'branches',
    title: 'Branches',
    width: '180px',
    keep: true,
    cell: (row) => filters(row.branchFilter, row.branches),
  },
  { key: 'tags', title: 'Tags', width: '110px', cell: (row) => filters(row.tagFilter, row.tags) },
  { key: 'approvals', title: 'Approved in', width: '130px', cell: (row) => list(row.approvals) },
  {
    key: 'runner',
    title: 'Runner',
    width: '150px',
    cell: (row) => `${row.runnerClass}${row.selfHosted ? ' (own)' : ''}`,
  },
  { key: 'forks', title: 'Forks reach it', width: '130px', cell: (row) => forks[row.forkPath] },
  {
    key: 'secrets',
    title: 'Secrets',
    width: '160px',
    optional: true,
    cell: (row) => list(row.secrets),
  },
  {
    key: 'permissions',
    title: 'Permissions',
    width: '180px',
    optional: true,
    cell: (row) => list(row.permissions),
  },
  {
    key: 'idToken',
    title: 'OIDC token',
    width: '100px',
    optional: true,
    cell: (row) => (row.idToken ? 'yes' : 'no'),
  },
  {
    key: 'requires',
    title: 'After',
    width: '200px',
    optional: true,
    cell: (row) => list(row.requires),
  },
  unknown(),
]
const workflows: Column<WorkflowFact>[] = [
  { key: 'name', title: 'Workflow', width: '220px', cell: (row) => mono(row.name) },
  line(),
  { key: 'triggers', title: 'Started by', keep: true, cell: (row) => list(row.triggers) },
  {
    key: 'dangerous',
    title: 'By strangers, with secrets',
    width: '200px',
    cell: (row) => list(row.dangerousTriggers),
  },
  { key: 'approvals', title: 'Approval jobs', width: '160px', cell: (row) => list(row.approvals) },
  {
    key: 'permissions',
    title: 'Permissions',
    width: '200px',
    cell: (row) => list(row.permissions),
  },
]
const refs: Column<RefFact>[] = [
  { key: 'raw', title: 'Reference', cell: (row) => mono(row.raw) },
  line(),
  { key: 'kind', title: 'Kind', width: '110px', cell: (row) => row.kind },
  { key: 'pin', title: 'Pinned as', width: '120px', keep: true, cell: (row) => row.pin },
  { key: 'owner', title: 'Owner', width: '150px', cell: (row) => row.owner },
  { key: 'version', title: 'Version', width: '160px', cell: (row) => mono(row.version) },
  unknown(),
]
const images: Column<ImageFact>[] = [
  { key: 'raw', title: 'Image', cell: (row) => mono(row.raw) },
  line(),
  { key: 'pin', title: 'Pinned as', width: '120px', keep: true, cell: (row) => row.pin },
  { key: 'use', title: 'Use', width: '100px', cell: (row) => row.use },
  { key: 'registry', title: 'Registry', width: '180px', cell: (row) => row.registry },
  { key: 'job', title: 'Job', width: '180px', cell: (row) => row.job },
  unknown(),
]

/** Everything that was read of a config, as tables. */
export function ConfigFactTables({ facts }: { facts: ConfigFacts }) {
  return (
    <div className={classes.tables}>
      {facts.unresolved.length > 0 && (
        <Panel title="Not in this file">
          <ul>
            {facts.unresolved.map(({ fact, text }) => (
              <li key={`${fact} ${text}`}>
                <Status is="unknown">{fact}</Status> {text}
              </li>
            ))}
          </ul>
        </Panel>
      )}
      <Facts label="Jobs" columns={jobs} rows={facts.jobs} />
      <Facts label="Workflows" columns={workflows} rows={facts.workflows} />
      <Facts label="Orbs, actions and includes" columns={refs} rows={facts.refs} />
      <Facts label="Images" columns={images} rows={facts.images} />
    </div>
  )
}

function Facts<T>({
  label,
  columns,
  rows,
}: {
  label: string
  columns: readonly Column<T>[]
  rows: readonly T[]
}) {
  const keys = new Map(rows.map((row, index) => [row, `${index}`]))
  return (
    <section aria-label={label}>
      <h2>{label}</h2>
      <DataTable
        label={label}
        columns={columns}
        rows={rows}
        rowKey={(row) => keys.get(row) ?? ''}
        empty={<Empty title={`No ${label.toLowerCase()}`} />}
      />
    </section>
  )
}
