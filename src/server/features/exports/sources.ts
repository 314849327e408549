import type { ExportAsked } from '../../../contract/exports.ts'
import type { Permission } from '../../../contract/permissions.ts'
import type { Db } from '../../db/connect.ts'
import type { Resource } from '../../decision/types.ts'
import type { RequestFacts } from '../../http/scope.ts'
import { csvOf } from '../../http/csv.ts'
import type { ListFile, Reader } from '../../http/list-file.ts'
import type { OnPaper } from '../../http/paper.ts'
import type { PackKeys } from '../audit/service.ts'
import { complianceFile } from '../compliance/service.ts'
import { decisionsFile } from '../decisions/service.ts'
import { findingsFile } from '../findings/service.ts'
import { grantsFile } from '../grants/service.ts'
import { requestsFile } from '../requests/service.ts'
import { reviewsFile } from '../reviews/service.ts'
import { eventsSource } from './events-source.ts'
import { paperSource } from './paper-source.ts'
import { packSource } from './pack-source.ts'

/** A file of a pack that was made already, as its manifest names it. */
export interface KeptFile {
  readonly path: string
  readonly sha256: string
  readonly bytes: number
}

/** What is made of a file at once, and where the next goes on; without a next it is whole. */
export interface Part {
  readonly pieces: readonly {
    readonly bytes: Uint8Array | string
    readonly path?: string
    readonly sha256?: string
  }[]
  readonly rows: number
  readonly next: object | undefined
}

/** What a file is made for: fixed when it was asked for. */
interface Order<Bound> {
  readonly id: string
  readonly format: ExportAsked['format']
  readonly query: unknown
  readonly bound: Bound
  readonly aboutId: string | null
}

/** How one kind of thing is taken away. Everything it keeps between two parts is JSON, which another server goes on from. */
export interface Source<Bound = object> {
  readonly may: Permission | 'signed-in'
  /** The one object on which it is asked, where it is not anywhere. Nothing: it is not there. */
  on?(db: Db, query: unknown): Promise<Resource | undefined>
  /** What the file is of, as things are now; and how many rows, where that is known. */
  bound(
    reader: Reader,
    query: unknown,
    request: RequestFacts,
  ): Promise<{ readonly bound: Bound; readonly total?: number }>
  part(
    reader: Reader,
    order: Order<Bound>,
    place: object | null,
    tools: { readonly keys: PackKeys; readonly kept: () => Promise<readonly KeptFile[]> },
  ): Promise<Part>
  /** The same on paper, for one run: it keeps what it has begun in memory. */
  readonly paper?: () => Pick<Source, 'part'>
}

/** Rows that are read at once. */
const page = 500

const paperOf = <Query, Row>(file: ListFile<Query, Row>, paper: OnPaper<Query, Row>) => ({
  paper: () => paperSource(file, paper),
})

/** A list that a page shows, as a file. */
const listSource = <Query, Row>(file: ListFile<Query, Row>): Source => ({
  may: file.may,
  ...(file.on && {
    on: (db, query) => file.on?.(db, query as Query) ?? Promise.resolve(undefined),
  }),
  async bound(reader, query) {
    const total = await file.total?.(reader, query as Query)
    return { bound: {}, ...(total !== undefined && { total }) }
  },
  ...(file.paper && paperOf(file, file.paper)),
  async part(reader, { id, format, query }, place) {
    const { after = file.begin?.(id) } = (place ?? {}) as { after?: readonly string[] }
    const found = await file.rows(reader, query as Query, {
      limit: page,
      ...(after && { after }),
    })
    const rows = file.includes ? found.filter((row) => file.includes?.(row, reader.now)) : found
    const text =
      format === 'csv'
        ? csvOf([...(place ? [] : [file.head]), ...rows.map((row) => file.cells(row))])
        : rows.map((row) => `${JSON.stringify(file.line(row))}\n`).join('')
    const last = found.at(-1)
    return {
      pieces: [{ bytes: text }],
      rows: rows.length,
      next: last && found.length >= page ? { after: file.place(last) } : undefined,
    }
  },
})

/** Everything that can be taken away. A noun that has a list adds its `ListFile` here, and its query to the contract. */
export const sources: { readonly [what in ExportAsked['what']]: Source } = {
  audit: eventsSource,
  evidence: packSource,
  decisions: listSource(decisionsFile),
  access: listSource(grantsFile),
  findings: listSource(findingsFile),
  reviews: listSource(reviewsFile),
  compliance: listSource(complianceFile),
  requests: listSource(requestsFile),
}
