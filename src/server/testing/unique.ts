import { randomUUID } from 'node:crypto'

/** A name that nothing else in a test's world has. */
export const unique = (what: string): string => `${what}-${randomUUID().slice(0, 8)}`
