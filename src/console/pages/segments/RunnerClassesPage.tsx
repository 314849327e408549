import { useQuery } from '@tanstack/react-query'
import { lazy, Suspense } from 'react'
import { Link } from 'react-router'
import type { OutputOf } from '../../../contract/index.ts'
import { query } from '../../api/client.ts'
import { useQueryState } from '../../api/use-query-state.ts'
import { ProblemNotice } from '../../parts/ProblemNotice.tsx'
import { paths } from '../../paths.ts'
import { DataTable, type Column } from '../../ui/DataTable.tsx'
import { Empty } from '../../ui/Empty.tsx'
import { FilterBar } from '../../ui/FilterBar.tsx'
import { Page } from '../../ui/Page.tsx'
import { Skeletons } from '../../ui/Skeletons.tsx'
import { SegmentTabs } from './SegmentTabs.tsx'

export const handle = { crumb: 'Runner classes' }

const BlastRadius = lazy(() =>
  import('../../parts/BlastRadius.tsx').then((module) => ({ default: module.BlastRadius })),
)

type Known = OutputOf<'reach.ofRunnerClass'>['classes'][number]

const columns: Column<Known>[] = [
  {
    key: 'name',
    title: 'Runner class',
    cell: ({ name }) => (
      <Link className="sp-mono" to={paths.runnerClasses({ runnerClass: name })}>
        {name}
      </Link>
    ),
  },
  {
    key: 'segments',
    title: 'Named by segments',
    width: '400px',
    keep: true,
    cell: ({ segments }) => segments.map((each) => each.name).join(', ') || 'by a trust rule only',
  },
]

export function Component() {
  const [asked, setAsked] = useQueryState('reach.ofRunnerClass')
  const { data, error } = useQuery(query('reach.ofRunnerClass', asked))
  const classes = data?.classes ?? []
  return (
    <Page
      title="Runner classes"
      purpose="What somebody gets at who takes over the runners of a class."
      tabs={<SegmentTabs />}
    >
      <ProblemNotice error={error} />
      {!data && !error && <Skeletons lines={8} />}
      {data && classes.length === 0 && (
        <Empty title="No runner class is known">
          Name the classes of a segment in its settings, or that of a project’s runs in its trust
          rule.
        </Empty>
      )}
      {classes.length > 0 && (
        <FilterBar
          filters={[
            {
              key: 'runnerClass',
              label: 'Runner class',
              options: classes.map(({ name }) => ({ value: name, label: name })),
            },
          ]}
          value={asked}
          onChange={setAsked}
        />
      )}
      {classes.length > 0 && !asked.runnerClass && (
        <DataTable
          label="Runner classes"
          columns={columns}
          rows={classes}
          rowKey={({ name }) => name}
          rowHref={({ name }) => paths.runnerClasses({ runnerClass: name })}
          empty={null}
        />
      )}
      {asked.runnerClass && data && !data.reach && (
        <Empty title="Nothing is known of this class">
          No segment and no trust rule that you may see names it.
        </Empty>
      )}
      {data?.reach && (
        <Suspense fallback={<Skeletons lines={8} />}>
          <BlastRadius
            radius={data.reach}
            error={null}
            says="What runs on it could ask for, unless an expression or a policy forbids it: those of the projects whose trust rule says this class."
            none="No trust rule says that a project’s runs are on it, or no context admits them."
          />
        </Suspense>
      )}
    </Page>
  )
}
