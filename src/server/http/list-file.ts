import { sql, type Expression } from 'kysely'
import type { Permission } from '../../contract/permissions.ts'
import type { Db } from '../db/connect.ts'
import type { Resource } from '../decision/types.ts'
import type { Cell } from './csv.ts'
import type { OnPaper } from './paper.ts'
import type { Scope } from './scope.ts'

/** Who reads, as a list page and a file made in the background both know it. */
export type Reader = Pick<Scope, 'db' | 'actor' | 'now' | 'config' | 'reach' | 'decide'>

/** As many as are counted beforehand: of more it is not known how many there will be, since that is a scan. */
const mostCounted = 20_000

/** How many rows there are of a query that ends behind as many as are asked for, where that is few enough to count. */
export async function countedRows(
  db: Db,
  matching: (limit: number) => Expression<unknown>,
): Promise<number | undefined> {
  const { rows } = await sql<{ count: number }>`
    select count(*)::int as count from (${matching(mostCounted + 1)}) counted`.execute(db)
  const count = rows[0]?.count ?? 0
  return count > mostCounted ? undefined : count
}

/**
 * A list as it is taken away: the same rows, by the same store function and narrowed alike, as its page shows. A feature
 * that has one names it in its `service.ts`, and the exports do the rest.
 */
export interface ListFile<Query, Row> {
  /** What its page asks; where that is only who it is, the rows are narrowed to whom they concern. */
  readonly may: Permission | 'signed-in'
  /** The one object on which the permission is asked; without it, anywhere. Nothing: it is not there. */
  on?(db: Db, query: Query): Promise<Resource | undefined>
  /** How many rows there will be, where that is known before, and is not a scan to find out. */
  total?(reader: Reader, query: Query): Promise<number | undefined>
  /** Rows behind a place; `now` is when the file was asked for. */
  rows(
    reader: Reader,
    query: Query,
    page: { readonly limit: number; readonly after?: readonly string[] },
  ): Promise<readonly Row[]>
  place(row: Row): readonly string[]
  /** Where the first page begins, so that what is made later than the file is not in it: by the id that it was given. */
  begin?(fileId: string): readonly string[]
  /** Whether a row was there already when the file was asked for; all are unless said otherwise. */
  includes?(row: Row, now: Date): boolean
  readonly head: readonly string[]
  cells(row: Row): readonly Cell[]
  /** One object a line. */
  line(row: Row): object
  /** How it is read on paper, where people do. */
  readonly paper?: OnPaper<Query, Row>
}
