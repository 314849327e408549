import { z } from 'zod'

/** A UUIDv7 (RFC 9562 §5.7), made by the server: sortable by creation time, never a secret (ASVS 11.5.1). */
export const Id = z.uuid()
export type Id = z.infer<typeof Id>

/** A moment in an answer: a handler gives a `Date` or a string, the wire and the browser have UTC ISO 8601 with milliseconds. */
export const Moment = z
  .union([z.date(), z.iso.datetime()])
  .transform((moment) => (moment instanceof Date ? moment.toISOString() : moment))
  .pipe(z.iso.datetime())
export type Moment = z.output<typeof Moment>

/** A moment in a request: ISO 8601 with a zone. */
export const MomentGiven = z.iso.datetime({ offset: true })

/** The version an object carries; its ETag is `"<version>"`, and `If-Match` must name it to change the object. */
export const Version = z.int().min(1)

/** C1 controls, bidirectional overrides and isolates, zero-width characters: none belongs in any text (P36, P37). */
const invisible = '\\u007f-\\u009f\\u200b-\\u200f\\u2028-\\u202e\\u2060-\\u2069\\ufeff'
const unprintable = new RegExp(`[\\u0000-\\u001f${invisible}]`)
/** Newline and tab are welcome in prose. */
const unprintableInProse = new RegExp(`[\\u0000-\\u0008\\u000b-\\u001f${invisible}]`)

/** One line that a person reads: 1 to `most` characters, trimmed, NFC, free of control and invisible characters. */
export function line(most: number) {
  return z
    .string()
    .min(1)
    .max(most)
    .refine((text) => text === text.trim(), 'must not begin or end with white space')
    .refine((text) => text === text.normalize('NFC'), 'must be in Unicode normal form C')
    .refine((text) => !unprintable.test(text), 'must not contain control or invisible characters')
}

/** Several lines of prose, at most `most` characters; may be empty. */
export function prose(most: number) {
  return z
    .string()
    .max(most)
    .refine(
      (text) => !unprintableInProse.test(text),
      'must not contain control or invisible characters',
    )
}

/** Whom an object is shown as: its id, its name, and its kind where several are possible. */
export const Named = z.strictObject({ id: Id, name: z.string() })
export type Named = z.infer<typeof Named>
