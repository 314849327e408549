import type { AuditSearch } from '../../../contract/audit.ts'
import type { Reach } from '../../decision/types.ts'
import type { Reader } from '../../http/list-file.ts'
import { readSearch, type Search } from '../audit/service.ts'

/** A search as it was understood when it was asked for: what its names and patterns stood for then, as JSON. */
export interface KeptSearch {
  readonly conditions: Search['conditions']
  readonly from?: string
  readonly until?: string
}

export async function keptSearch(reader: Reader, query: AuditSearch): Promise<KeptSearch> {
  const { conditions, from, until } = await readSearch(
    reader.db,
    query,
    reader.reach('audit:export'),
  )
  return {
    conditions,
    ...(from && { from: from.toISOString() }),
    ...(until && { until: until.toISOString() }),
  }
}

/** The same search, by whoever may see what now. */
export const searched = ({ conditions, from, until }: KeptSearch, reach: Reach): Search => ({
  conditions,
  reach,
  ...(from !== undefined && { from: new Date(from) }),
  ...(until !== undefined && { until: new Date(until) }),
})
