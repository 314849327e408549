import { useQuery } from '@tanstack/react-query'
import { query } from '../../api/client.ts'

type Place = {
  readonly segment?: string
  readonly project?: string
  readonly context?: string
}
/** Nothing is known of it yet. */
type Own = Place | undefined

/**
 * Where the risk begins that somebody may see: the organization; for whoever sees a part of it a segment of theirs, one of
 * production first, else a project or a context.
 */
export function useOwnPlace(): Own {
  const may = useQuery(query('me.view', {})).data?.may
  const held = may?.find(({ permission }) => permission === 'finding:view')
  const partly = held !== undefined && !held.everywhere && held.segments.length > 0
  const segments = useQuery({ ...query('segments.list', { limit: 200 }), enabled: partly })
  if (!may) return undefined
  if (!held || held.everywhere) return {}
  if (partly && segments.isPending) return undefined
  const own = segments.data?.items.filter(({ id }) => held.segments.includes(id)) ?? []
  const segment = (own.find(({ tier }) => tier === 'production') ?? own[0])?.id
  if (segment) return { segment }
  const [project] = held.projects
  if (project) return { project }
  const [context] = held.contexts
  return context ? { context } : {}
}
