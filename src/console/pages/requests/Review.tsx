import type { AccessRequestDetail } from '../../../contract/requests.ts'
import { ObjectLink } from '../../parts/ObjectLink.tsx'
import { RoleLink } from '../../parts/RoleLink.tsx'
import { DataList } from '../../ui/DataList.tsx'
import { count } from '../../ui/format.ts'
import { Panel } from '../../ui/Panel.tsx'
import { Status } from '../../ui/Status.tsx'
import { Time } from '../../ui/Time.tsx'
import classes from './requests.module.css'

interface Props {
  readonly of: NonNullable<AccessRequestDetail['review']>
  readonly name: string
}

/** What a decision looks at: the risk with its reasons, peers, and what the requester holds today. */
export function Review({ of: { access, peers, risk }, name }: Props) {
  return (
    <>
      <Panel title="Risk" aside={<Status is={risk.level} />}>
        {risk.because.length > 0 ? (
          <ul className={classes.reasons}>
            {risk.because.map((sentence) => (
              <li key={sentence}>{sentence}</li>
            ))}
          </ul>
        ) : (
          <p>Nothing speaks against it.</p>
        )}
        <p>
          {peers.people === 0
            ? `${name} has no peers in a team.`
            : `Of ${count(peers.people, 'peer')} in ${name}’s teams ${peers.hold} ${peers.hold === 1 ? 'holds' : 'hold'} the role there or above, ${peers.used} used it in 30 days.`}
        </p>
      </Panel>
      <Panel title={`What ${name} holds today`} flush={access.length > 0}>
        {access.length > 0 ? (
          <DataList
            label={`What ${name} holds today`}
            heads={['Role', 'Where', 'By', 'Until', 'Last used']}
            rows={access.map((path) => ({
              key: path.grantId,
              cells: {
                Role: <RoleLink role={path.role} />,
                Where: path.scope.id ? (
                  <ObjectLink kind={path.scope.kind} id={path.scope.id} name={path.scope.name} />
                ) : (
                  path.scope.name
                ),
                By: path.via.kind === 'team' ? `team ${path.via.name}` : 'directly',
                Until: <Time at={path.expiresAt} never="no end" />,
                'Last used': <Time at={path.lastUsedAt} />,
              },
            }))}
          />
        ) : (
          <p>Nothing that you may see.</p>
        )}
      </Panel>
    </>
  )
}
