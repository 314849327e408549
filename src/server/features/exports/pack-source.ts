import type { InputOf } from '../../../contract/index.ts'
import {
  packEntries,
  packHead,
  packTail,
  planPack,
  type MadeFile,
  type PackPlan,
} from '../audit/service.ts'
import { keptSearch, searched, type KeptSearch } from './kept-search.ts'
import type { Source } from './sources.ts'

interface Bound {
  readonly search: KeptSearch
  readonly plan: Omit<PackPlan, 'search'>
}

interface Place {
  readonly from: number
  readonly whole: number
  readonly hashOnly: number
}

/** An evidence pack, one file of entries at a time; where these end, proofs, manifest and signature. */
export const packSource = {
  may: 'audit:export',
  async bound(reader, query, request) {
    const { since, ...asked } = query as InputOf<'audit.evidence'>
    const search = await keptSearch(reader, asked)
    const { kind, id, name } = reader.actor
    const { search: _, ...plan } = await planPack(
      reader.db,
      searched(search, reader.reach('audit:export')),
      since,
      {
        query: asked,
        exportedAt: reader.now.toISOString(),
        exportedBy: { kind, id, name },
        requestId: request.id,
      },
    )
    return { bound: { search, plan }, total: plan.end - plan.start }
  },
  async part(reader, { bound }, place, { keys, kept }) {
    const search = searched(bound.search, reader.reach('audit:export'))
    const plan = { ...bound.plan, search }
    const { from, whole, hashOnly } = (place ?? {
      from: plan.start,
      whole: 0,
      hashOnly: 0,
    }) as Place
    if (!place) {
      return {
        pieces: piecesOf(await packHead(plan, keys)),
        rows: 0,
        next: { from, whole, hashOnly },
      }
    }
    if (from >= plan.end) {
      const files = await packTail(reader.db, plan, keys, {
        files: await kept(),
        counts: { whole, hashOnly },
      })
      return { pieces: piecesOf(files), rows: 0, next: undefined }
    }
    const entries = await packEntries(reader.db, plan, from)
    const rows = entries.whole + entries.hashOnly
    if (rows === 0) throw new Error(`the record holds no event ${from}`)
    return {
      pieces: piecesOf(entries.files),
      rows,
      next: {
        from: from + rows,
        whole: whole + entries.whole,
        hashOnly: hashOnly + entries.hashOnly,
      },
    }
  },
} satisfies Source<Bound> as unknown as Source

const piecesOf = (files: readonly MadeFile[]) =>
  files.map(({ path, sha256, content }) => ({ path, sha256, bytes: content }))
