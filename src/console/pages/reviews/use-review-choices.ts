import { useQuery } from '@tanstack/react-query'
import type { ReviewScopeKind } from '../../../contract/reviews.ts'
import { query } from '../../api/client.ts'

const limit = 200
const choices = (all: readonly { id: string; name: string }[] | undefined) =>
  (all ?? []).map(({ id, name }) => ({ value: id, label: name }))

/** What of a kind can be reviewed: everything that the person may see. */
export function useThings(kind: ReviewScopeKind) {
  const teams = useQuery({ ...query('teams.list', { limit }), enabled: kind === 'team' }).data
  const roles = useQuery({ ...query('roles.list', { limit }), enabled: kind === 'role' }).data
  const segments = useQuery({
    ...query('segments.list', { limit }),
    enabled: kind === 'segment',
  }).data
  const contexts = useQuery({
    ...query('contexts.list', { limit }),
    enabled: kind === 'context',
  }).data
  const found = {
    organization: undefined,
    team: teams,
    role: roles,
    segment: segments,
    context: contexts,
  }
  return choices(found[kind]?.items)
}

export const usePeople = () => choices(useQuery(query('people.list', { limit })).data?.items)

/** Who could review where nobody else may: oneself first. */
export const useEligible = (most: number) =>
  (useQuery(query('reviews.fallbacks', {})).data?.items ?? []).slice(0, most).map(({ id }) => id)
