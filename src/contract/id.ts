import { z } from 'zod'
import { isPrintable, isPrintableProse } from './printable.ts'

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

/** One line that a person reads: 1 to `most` characters, trimmed, NFC, free of control and invisible characters. */
export function line(most: number) {
  return z
    .string()
    .min(1)
    .max(most)
    .refine((text) => text === text.trim(), 'must not begin or end with white space')
    .refine((text) => text === text.normalize('NFC'), 'must be in Unicode normal form C')
    .refine(isPrintable, 'must not contain control or invisible characters')
}

/** Several lines of prose, at most `most` characters; may be empty. */
export function prose(most: number) {
  return z
    .string()
    .max(most)
    .refine(isPrintableProse, 'must not contain control or invisible characters')
}

/** Whom an object is shown as: its id, its name, and its kind where several are possible. */
export const Named = z.strictObject({ id: Id, name: z.string() })
export type Named = z.infer<typeof Named>
