import { z } from 'zod'
import { Severity } from './findings.ts'
import { Id } from './id.ts'
import { noun } from './operation.ts'

/** Whose score it is; `id` is absent for the organization. */
const ScorePlace = z.strictObject({
  kind: z.enum(['organization', 'segment', 'project', 'context', 'person']),
  id: Id.optional(),
  name: z.string(),
})

/** At most one of them: the organization where none is named. */
export const placeAsked = {
  segment: Id.optional(),
  project: Id.optional(),
  context: Id.optional(),
  person: Id.optional(),
}

/** One line of the arithmetic: what is looked for, how much of it is in order, and what the rest takes. */
const ScorePart = z.strictObject({
  detection: z.string(),
  title: z.string(),
  severity: Severity,
  weight: z.number(),
  /** Objects that it could be found of, and those of them that it was found of. */
  objects: z.int(),
  affected: z.int(),
  /** Further objects that it could be found of, of which nothing can be told: they do not count. */
  untold: z.strictObject({ objects: z.int(), why: z.string() }).nullable(),
  /** Of 100: `weight × affected ÷ objects ÷ the weights of all lines × 100`. */
  lost: z.number(),
})

const Score = z.strictObject({
  place: ScorePlace,
  /** 0 to 100; absent where nothing could be looked at, or there is nothing yet. */
  score: z.number().nullable(),
  /** Why there is none. */
  unavailable: z.string().nullable(),
  /** The sum of the weights of all lines that count. */
  weights: z.number(),
  /** What takes most first. */
  parts: z.array(ScorePart),
  /** What does not count, and why. */
  without: z.array(z.strictObject({ title: z.string(), why: z.string() })),
  /** One a day (UTC), the last of it; of a project, context or person as it was when it was another last, looked at each night. */
  trend: z.array(z.strictObject({ day: z.string(), score: z.number() })),
})
export type Score = z.output<typeof Score>

export const scores = noun({
  view: {
    method: 'GET',
    path: '/scores',
    summary:
      'The score of the organization, or of one segment, project, context or person, with its arithmetic',
    may: 'finding:view',
    query: z.strictObject(placeAsked),
    returns: Score,
  },
})
