import type { Db } from '../../db/connect.ts'
import { checks } from './catalogue.ts'
import type { Setting } from './check.ts'
import { askAll, type Answers } from './judge.ts'

/** For how long what was answered is told again, with the time at which it was asked. */
const againMs = 20_000

export interface Asked {
  readonly answers: Answers
  readonly at: Date
}

/**
 * Every check, asked at most every twenty seconds: they take long over a large record, and a page of controls asks all of
 * them at each turn. Nobody is told of it without the time, and one control, what is exported and what is recorded are
 * always asked themselves. Each server remembers for itself; what a clock that was set back has left counts for nothing.
 */
export function createLately() {
  let last: Asked | undefined
  return async (db: Db, setting: Setting, fresh = false): Promise<Asked> => {
    const { now } = setting
    const age = last ? now.getTime() - last.at.getTime() : Infinity
    if (last && !fresh && age >= 0 && age < againMs) return last
    const asked = { answers: await askAll(db, checks, setting), at: now }
    last = asked
    return asked
  }
}
