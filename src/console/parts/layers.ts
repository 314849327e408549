import type { Layer } from '../../contract/decisions.ts'
import { refuses } from '../../contract/refuses.ts'

/** What each layer of a decision is called, everywhere. */
export const layerNames: Readonly<Record<Layer['layer'], string>> = {
  identity: 'Identity',
  grant: 'Grant',
  restriction: 'Restriction',
  segment: 'Segment',
  policy: 'Policy',
  approval: 'Approval',
}

/** What stands in the way: policies that are only evaluated do not. */
export const failedOf = (layers: readonly Layer[]): Layer[] => layers.filter(refuses)
