import { useQuery } from '@tanstack/react-query'
import { Link } from 'react-router'
import type { OutputOf } from '../../../contract/index.ts'
import type { ForkPath, PathEdge } from '../../../contract/reach.ts'
import { query } from '../../api/client.ts'
import { ProblemNotice } from '../../parts/ProblemNotice.tsx'
import { paths } from '../../paths.ts'
import { DataList } from '../../ui/DataList.tsx'
import { DataTable, type Column } from '../../ui/DataTable.tsx'
import { Empty } from '../../ui/Empty.tsx'
import { count, num } from '../../ui/format.ts'
import { Page } from '../../ui/Page.tsx'
import { Panel } from '../../ui/Panel.tsx'
import { Skeletons } from '../../ui/Skeletons.tsx'
import { Status } from '../../ui/Status.tsx'
import { ForkJobLink } from './ForkJobLink.tsx'
import { NotKnownForks } from './NotKnownForks.tsx'
import { SegmentTabs } from './SegmentTabs.tsx'

export const handle = { crumb: 'Fork paths' }

type Paths = OutputOf<'reach.forkPaths'>

const columns: Column<ForkPath>[] = [
  {
    key: 'by',
    title: 'Admitted by',
    width: '220px',
    keep: true,
    cell: ({ rule, config }) =>
      rule ? (
        <>
          Trust rule <Link to={paths.trustRule(rule.id)}>{rule.name}</Link>
        </>
      ) : (
        config && <ForkJobLink job={config} />
      ),
  },
  {
    key: 'project',
    title: 'As project',
    width: '150px',
    keep: true,
    cell: ({ project }) => <Link to={paths.project(project.id)}>{project.name}</Link>,
  },
  {
    key: 'flow',
    title: 'Between segments',
    width: '190px',
    cell: ({ flow, from, segment }) =>
      flow ? (
        <Link to={paths.segmentFlows()}>
          {from.name} → {segment.name}
        </Link>
      ) : (
        `within ${segment.name}`
      ),
  },
  {
    key: 'context',
    title: 'To context',
    width: '180px',
    keep: true,
    cell: ({ context }) => (
      <Link to={paths.context(context.id, 'restrictions')}>{context.name}</Link>
    ),
  },
  {
    key: 'secrets',
    title: 'Secrets',
    width: '90px',
    align: 'end',
    cell: ({ secrets }) => num(secrets),
  },
  {
    key: 'expressions',
    title: 'If it meets',
    width: '260px',
    optional: true,
    cell: ({ expressions }) => <code>{expressions.join(' and ')}</code>,
  },
  {
    key: 'held',
    title: 'Held back by',
    keep: true,
    cell: ({ heldBy, expressions }) =>
      heldBy ? (
        <>
          <Status is="would">Only the policy</Status>{' '}
          <Link to={paths.policy(heldBy.id)}>{heldBy.name}</Link>
        </>
      ) : (
        <Status is="critical">
          {expressions.length > 0 ? 'Nothing but its expressions' : 'Nothing'}
        </Status>
      ),
  },
]

export function Component() {
  const { data, error } = useQuery(query('reach.forkPaths', {}))
  return (
    <Page
      title="Paths from forks to production"
      purpose="Where a pull request from anywhere could get secrets of production: by a trust rule that admits forks or a workflow that runs for them, the restrictions of a context, and a flow."
      tabs={<SegmentTabs />}
    >
      <ProblemNotice error={error} />
      {!data && !error && <Skeletons lines={8} />}
      {data && data.paths.length === 0 && <Nothing found={data} />}
      {data && data.paths.length > 0 && <Found found={data} />}
      {data && data.notKnown.length > 0 && <NotKnownForks found={data} />}
    </Page>
  )
}

/** That there is none is said only where it is known. */
function Nothing({ found: { notKnown, configsSeen } }: { readonly found: Paths }) {
  return configsSeen && notKnown.length === 0 ? (
    <Empty title="No fork reaches production">
      No trust rule and no config that you may see runs for forks of a project that a context of
      production admits.
    </Empty>
  ) : (
    <Empty title="Whether a fork reaches production is not known">
      No trust rule that you may see admits forks of a project that a context of production admits.{' '}
      {configsSeen
        ? 'What their configs do with forks was not checked, or is left open.'
        : 'What configs do with forks you may not see: it takes pipeline:view.'}
    </Empty>
  )
}

function Found({ found }: { readonly found: Paths }) {
  const { paths: all, more, edges } = found
  const open = all.filter(({ heldBy }) => heldBy === null).length
  const [best] = edges
  return (
    <>
      <p role="status">
        {open > 0 ? (
          <Status is="critical">{count(open, 'path')} that no policy holds back</Status>
        ) : (
          <Status is="would">
            {count(all.length, 'path')}, {all.length === 1 ? '' : 'each '}held back by one policy
            alone
          </Status>
        )}
      </p>
      {best && (
        <Panel title="What breaks most of them">
          <p>
            <strong>{removal[best.kind](best)}</strong> breaks {num(best.breaks)} of{' '}
            {count(best.of, 'path')}. <Link to={placeOf(best)}>{opens[best.kind]}</Link>
          </p>
          {edges.length > 1 && (
            <DataList
              label="What each removal breaks"
              heads={['Removal', 'Breaks', 'Where']}
              numbers={['Breaks']}
              rows={edges.slice(1, 6).map((edge) => ({
                key: `${edge.kind} ${edge.id} ${edge.name}`,
                cells: {
                  Removal: removal[edge.kind](edge),
                  Breaks: `${num(edge.breaks)} of ${num(edge.of)}`,
                  Where: <Link to={placeOf(edge)}>{opens[edge.kind]}</Link>,
                },
              }))}
            />
          )}
        </Panel>
      )}
      <DataTable
        label="Paths from forks to production"
        columns={columns}
        rows={all}
        rowKey={({ rule, config, context }) =>
          `${rule?.id ?? `${config?.check} ${config?.workflow}`} ${context.id}`
        }
        {...(more && { total: `the first ${num(all.length)}` })}
        empty={null}
      />
    </>
  )
}

const removal: Readonly<Record<PathEdge['kind'], (edge: PathEdge) => string>> = {
  trustRule: ({ name }) => `No longer admitting forks by trust rule ${name}`,
  config: ({ name }) => `Removing ${name}`,
  flow: ({ name }) => `Stopping the flow ${name}`,
  restriction: ({ name }) => `Restricting context ${name} to other projects`,
}

const opens: Readonly<Record<PathEdge['kind'], string>> = {
  trustRule: 'Change the trust rule',
  config: 'See the config',
  flow: 'Change the flows',
  restriction: 'Change its restrictions',
}

const placeOf = ({ kind, id }: PathEdge) =>
  kind === 'trustRule'
    ? paths.trustRule(id, undefined, { without: 'forks' })
    : kind === 'config'
      ? paths.check(id)
      : kind === 'flow'
        ? paths.segmentFlows()
        : paths.context(id, 'restrictions')
