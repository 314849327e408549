import { Link } from 'react-router'
import type { OutputOf } from '../../../contract/index.ts'
import { paths } from '../../paths.ts'
import { DataList } from '../../ui/DataList.tsx'
import { count, num } from '../../ui/format.ts'
import { Panel } from '../../ui/Panel.tsx'
import { Status } from '../../ui/Status.tsx'
import { ForkJobLink } from './ForkJobLink.tsx'

/** How many projects are listed of whose configs nothing is known. */
const mostNotKnown = 20

/** Of whose configs nothing can be told. */
export function NotKnownForks({
  found: { notKnown, moreNotKnown },
}: {
  readonly found: OutputOf<'reach.forkPaths'>
}) {
  const many = `${moreNotKnown ? 'More than ' : ''}${count(notKnown.length, 'project')}`
  return (
    <Panel title="Not known">
      <p>{many} with a way to production, whose configs do not tell whether a fork gets there.</p>
      <DataList
        label="Projects whose configs do not tell"
        heads={['Project', 'Why it is not known', 'Then']}
        rows={notKnown.slice(0, mostNotKnown).map(({ project, config }) => ({
          key: project.id,
          cells: {
            Project: <Link to={paths.project(project.id)}>{project.name}</Link>,
            'Why it is not known': config ? (
              <Status is="unknown">The newest check leaves it open</Status>
            ) : (
              <Status is="unknown">No config was ever checked</Status>
            ),
            Then: config ? (
              <ForkJobLink job={config} />
            ) : (
              <Link to={paths.checkNew({ project: project.id })}>Check a config</Link>
            ),
          },
        }))}
      />
      {notKnown.length > mostNotKnown && (
        <p className="sp-dim">The first {num(mostNotKnown)} are listed.</p>
      )}
    </Panel>
  )
}
