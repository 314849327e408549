import type { z } from 'zod'
import { MomentGiven } from './id.ts'

/** A range of time in a request: from the one moment on, and before the other. */
export const range = { from: MomentGiven.optional(), until: MomentGiven.optional() }

/** Refuses a range that ends where it begins or before: nothing lies in it, and a file of nothing looks like proof. */
export const inOrder = <S extends z.ZodObject<typeof range>>(schema: S): S =>
  schema.refine(
    ({ from, until }) =>
      from === undefined || until === undefined || Date.parse(from) < Date.parse(until),
    { path: ['from'], error: 'must lie before `until`' },
  )
