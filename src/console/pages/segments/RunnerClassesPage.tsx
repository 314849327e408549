import { Select } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { query } from '../../api/client.ts'
import { useQueryState } from '../../api/use-query-state.ts'
import { BlastRadius } from '../../parts/BlastRadius.tsx'
import { ProblemNotice } from '../../parts/ProblemNotice.tsx'
import { Empty } from '../../ui/Empty.tsx'
import { Page } from '../../ui/Page.tsx'
import { Skeletons } from '../../ui/Skeletons.tsx'
import { SegmentTabs } from './SegmentTabs.tsx'

export const handle = { crumb: 'Runner classes' }

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
        <Select
          label="Runner class"
          maw={360}
          searchable
          placeholder="Choose one"
          data={classes.map(({ name, segments }) => ({
            value: name,
            label:
              segments.length > 0
                ? `${name} (${segments.map((each) => each.name).join(', ')})`
                : name,
          }))}
          value={asked.runnerClass ?? null}
          onChange={(runnerClass) => setAsked({ runnerClass: runnerClass ?? '' })}
        />
      )}
      {data?.reach && (
        <BlastRadius
          radius={data.reach}
          error={null}
          says="What runs on it could ask for, unless an expression or a policy forbids it: those of the projects whose trust rule says this class."
          none="No trust rule says that a project’s runs are on it, or no context admits them."
        />
      )}
    </Page>
  )
}
