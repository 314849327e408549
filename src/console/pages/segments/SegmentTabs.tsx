import { paths } from '../../paths.ts'
import { RouteTabs } from '../../ui/RouteTabs.tsx'

/** The ways to look at segments: one by one, what flows between them, as a map, by person, by runner class, and from a fork. */
export function SegmentTabs() {
  return (
    <RouteTabs
      label="Segments"
      tabs={[
        { label: 'Zones', to: paths.segments(), end: true },
        { label: 'Allowed flows', to: paths.segmentFlows() },
        { label: 'Map', to: paths.segmentMap() },
        { label: 'People', to: paths.peopleReach() },
        { label: 'Runner classes', to: paths.runnerClasses() },
        { label: 'Fork paths', to: paths.forkPaths() },
      ]}
    />
  )
}
