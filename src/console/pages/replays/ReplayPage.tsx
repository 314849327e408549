import { Group } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { useParams, type LoaderFunctionArgs } from 'react-router'
import type { ReplayDetail } from '../../../contract/replays.ts'
import { query } from '../../api/client.ts'
import { ObjectLink } from '../../parts/ObjectLink.tsx'
import { PersonLink } from '../../parts/PersonLink.tsx'
import { ProblemNotice } from '../../parts/ProblemNotice.tsx'
import { ReplayResult } from '../../parts/ReplayResult.tsx'
import { queryClient } from '../../query-client.ts'
import { Facts } from '../../ui/Facts.tsx'
import { num } from '../../ui/format.ts'
import { Page } from '../../ui/Page.tsx'
import { Skeletons } from '../../ui/Skeletons.tsx'
import { Time } from '../../ui/Time.tsx'

const one = (replayId: string) => query('replays.view', { replayId })

export async function loader({ params }: LoaderFunctionArgs) {
  return queryClient.ensureQueryData(one(params['replayId'] ?? ''))
}

const titleOf = ({ changes }: ReplayDetail) => {
  const [first, ...others] = changes
  return `Replay of ${first?.name ?? 'a set'}${others.length > 0 ? ` and ${others.length} more` : ''}`
}

export const handle = { crumb: (replay: ReplayDetail | undefined) => replay && titleOf(replay) }

export function Component() {
  const { replayId = '' } = useParams()
  const { data: replay, error } = useQuery(one(replayId))
  if (!replay) {
    return (
      <Page title="Replay">
        {error ? <ProblemNotice error={error} /> : <Skeletons lines={8} />}
      </Page>
    )
  }
  return (
    <Page
      title={titleOf(replay)}
      facts={
        <Facts
          of={{
            'Asked by': <PersonLink person={replay.createdBy} />,
            Asked: <Time at={replay.createdAt} />,
            Decisions: num(replay.total),
            'Different facts': num(replay.distinct),
          }}
        />
      }
    >
      <ul>
        {replay.changes.map(({ policyId, name, policyVersion, removed }) => (
          <Group key={policyId ?? name} component="li" gap="xs" mih={24}>
            {policyId ? (
              <ObjectLink kind="policy" id={policyId} name={name} />
            ) : (
              <span>{name}</span>
            )}
            <span className="sp-dim">
              {removed
                ? 'not enforced any more'
                : policyVersion
                  ? `version ${policyVersion}`
                  : 'a text that was not written'}
            </span>
          </Group>
        ))}
      </ul>
      <ReplayResult replayId={replayId} />
    </Page>
  )
}
