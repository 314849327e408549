import type { Resource } from './types.ts'

/** Everything: what a permission is asked on where no place is meant. */
export const organization: Resource = Object.freeze({
  kind: 'organization',
  id: 'organization',
  name: 'the organization',
  within: {},
})
