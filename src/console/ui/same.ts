/** Whether two values say the same: as JSON, key by key in their order. */
export const same = (one: unknown, other: unknown): boolean =>
  JSON.stringify(one) === JSON.stringify(other)
