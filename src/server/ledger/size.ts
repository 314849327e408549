import type { Db } from '../db/connect.ts'

/** How many events have their place in the record. */
export async function recordSize(db: Db): Promise<number> {
  const state = await db.selectFrom('logState').select('treeSize').executeTakeFirst()
  return state?.treeSize ?? 0
}

/** As it is now, or was at most a second ago. */
export type SizeWatch = () => Promise<number>

/** How long what is known is young enough. */
const youngMs = 1_000

/** For those who follow the record: it is asked at most once a second, however many they are. */
export function watchSize(db: Db, now = () => performance.now()): SizeWatch {
  let asked: { readonly at: number; readonly size: Promise<number> } | undefined
  return () => {
    if (asked && now() - asked.at < youngMs) return asked.size
    const asking = { at: now(), size: recordSize(db) }
    asked = asking
    // What failed is asked again.
    asking.size.catch(() => {
      if (asked === asking) asked = undefined
    })
    return asking.size
  }
}
