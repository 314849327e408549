import { sql } from 'kysely'
import type { Db } from '../../db/connect.ts'
import { namesRef as judge } from '../../decision/expression-reach.ts'

/** Expressions that are judged at once. */
const together = 500

/** Judges what restrictions say and nobody judged yet: an expression is evaluated here, and in the database only read. */
export async function judgeExpressions(db: Db): Promise<void> {
  for (;;) {
    const { rows } = await sql<{ expression: string }>`
      select distinct x.expression from restriction x
      where x.kind = 'expression' and not exists (select from expression_judged j where j.digest = md5(x.expression))
      limit ${together}`.execute(db)
    if (rows.length === 0) return
    const texts = rows.map(({ expression }) => expression)
    await sql`
      insert into expression_judged (digest, names_ref)
      select md5(text), names_ref from unnest(${texts}::text[], ${texts.map((text) => judge(text))}::boolean[]) as t(text, names_ref)
      on conflict do nothing`.execute(db)
    if (rows.length < together) return
  }
}

/** Of a restriction by its alias: that it is an expression which admits only branches and tags that somebody named. */
export const namesRef = (
  restriction: string,
) => sql<boolean>`(${sql.ref(restriction)}.kind = 'expression'
  and exists (select from expression_judged j where j.names_ref and j.digest = md5(${sql.ref(restriction)}.expression)))`
