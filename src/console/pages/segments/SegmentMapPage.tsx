import { useQuery } from '@tanstack/react-query'
import { Link } from 'react-router'
import type { SegmentMap } from '../../../contract/segments.ts'
import { query } from '../../api/client.ts'
import { ProblemNotice } from '../../parts/ProblemNotice.tsx'
import { TierBadge } from '../../parts/TierBadge.tsx'
import { paths } from '../../paths.ts'
import { DataTable, type Column } from '../../ui/DataTable.tsx'
import { Empty } from '../../ui/Empty.tsx'
import { count, num } from '../../ui/format.ts'
import { Page } from '../../ui/Page.tsx'
import { Panel } from '../../ui/Panel.tsx'
import { Skeletons } from '../../ui/Skeletons.tsx'
import { MapDrawing } from './MapDrawing.tsx'
import { SegmentTabs } from './SegmentTabs.tsx'

export const handle = { crumb: 'Map' }

type Zone = SegmentMap['segments'][number]

export function Component() {
  const { data: map, error } = useQuery(query('segments.map', {}))
  const outside = map ? map.outside.named.length + map.outside.more : 0
  return (
    <Page
      title="Map of segments"
      purpose="Zones by tier, the most harmful on the right, with what is placed in them. A thick arrow is a flow that was used in 90 days, a dashed one was not."
      tabs={<SegmentTabs />}
    >
      <ProblemNotice error={error} />
      {!map && !error && <Skeletons lines={12} />}
      {map && map.segments.length === 0 && (
        <Empty title="No segments yet">Create one per zone, production first.</Empty>
      )}
      {map && map.segments.length > 0 && (
        <>
          <MapDrawing map={map} />
          {outside > 0 && (
            <p>
              <Link to={paths.contexts()}>{count(outside, 'context')}</Link>{' '}
              {outside === 1 ? 'lies' : 'lie'} in no segment: runs may ask for{' '}
              {outside === 1 ? 'it' : 'them'} from anywhere.
            </p>
          )}
          <Panel title="The same as a table" flush>
            <DataTable
              label="Segments and flows"
              columns={columnsOf(map)}
              rows={map.segments}
              rowKey={({ id }) => id}
              rowHref={({ id }) => paths.segment(id)}
              empty={null}
            />
          </Panel>
        </>
      )}
    </Page>
  )
}

function columnsOf({ segments, flows }: SegmentMap): Column<Zone>[] {
  const names = new Map(segments.map(({ id, name }) => [id, name]))
  const words = (ids: readonly { id: string; used: number }[]) =>
    ids
      .map(({ id, used }) => `${names.get(id)} (${used === 0 ? 'not used' : `${num(used)} uses`})`)
      .join(', ')
  return [
    {
      key: 'name',
      title: 'Segment',
      cell: ({ id, name }) => <Link to={paths.segment(id)}>{name}</Link>,
    },
    {
      key: 'tier',
      title: 'Tier',
      width: '140px',
      cell: ({ tier }) => <TierBadge tier={tier} />,
    },
    {
      key: 'in',
      title: 'Runs may come from',
      width: '260px',
      keep: true,
      cell: ({ id }) =>
        words(flows.filter(({ to }) => to === id).map(({ from, used }) => ({ id: from, used }))),
    },
    {
      key: 'out',
      title: 'Its runs may reach',
      width: '260px',
      keep: true,
      cell: ({ id }) =>
        words(flows.filter(({ from }) => from === id).map(({ to, used }) => ({ id: to, used }))),
    },
    {
      key: 'projects',
      title: 'Projects',
      width: '100px',
      align: 'end',
      cell: ({ projects }) => num(projects.named.length + projects.more),
    },
    {
      key: 'contexts',
      title: 'Contexts',
      width: '100px',
      align: 'end',
      cell: ({ contexts }) => num(contexts.named.length + contexts.more),
    },
  ]
}
