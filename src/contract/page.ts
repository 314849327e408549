import { z } from 'zod'

/** Search params that every list takes: an opaque cursor and how many rows at the most (1 to 200). */
export const PageQuery = z.strictObject({
  cursor: z.string().max(500).optional(),
  limit: z.coerce.number().int().min(1).max(200).default(50),
})
export type PageQuery = z.infer<typeof PageQuery>

/** One page of a list; `next` is the cursor of the following page and is absent on the last one. */
export function page<T extends z.ZodType>(item: T) {
  return z.strictObject({ items: z.array(item), next: z.string().optional() })
}

/** `true` and `false` as they stand in a query string. */
export const Flag = z
  .enum(['true', 'false'])
  .or(z.boolean())
  .transform((value) => value === true || value === 'true')

/** An answer without a body (204). */
export const Nothing = z.void()
