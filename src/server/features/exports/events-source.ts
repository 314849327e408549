import type { AuditSearch } from '../../../contract/audit.ts'
import { recordSize } from '../../ledger/size.ts'
import { csvHead, csvPage, linesPage } from '../audit/service.ts'
import { keptSearch, searched, type KeptSearch } from './kept-search.ts'
import type { Source } from './sources.ts'

interface Bound {
  readonly search: KeptSearch
  /** Leaves below it: nothing of them ever changes. */
  readonly below: number
}

/** Events of the audit trail, newest first, as today's direct export has them. */
export const eventsSource = {
  may: 'audit:export',
  async bound(reader, query) {
    const search = await keptSearch(reader, query as AuditSearch)
    const below = await recordSize(reader.db)
    const whole =
      search.conditions.length === 0 &&
      !(search.from ?? search.until) &&
      reader.reach('audit:export').everywhere
    return { bound: { search, below }, ...(whole && { total: below }) }
  },
  async part(reader, { format, bound }, place) {
    const { before } = (place ?? { before: bound.below }) as { before: number }
    const search = searched(bound.search, reader.reach('audit:export'))
    const read = format === 'csv' ? csvPage : linesPage
    const { text, rows, next } = await read(reader.db, search, before)
    const above = format === 'csv' && !place ? csvHead : ''
    return {
      pieces: [{ bytes: above + text }],
      rows,
      next: next === undefined ? undefined : { before: next },
    }
  },
} satisfies Source<Bound> as unknown as Source
