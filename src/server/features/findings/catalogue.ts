import type { CicdRisk } from '../../../contract/findings.ts'
import { accessDetections } from './access-detections.ts'
import { contextDetections } from './context-detections.ts'
import { deliveryDetections } from './delivery-detections.ts'
import type { Detection } from './detection.ts'
import { dutyDetections } from './duty-detections.ts'
import { networkDetections } from './network-detections.ts'
import { policyDetections } from './policy-detections.ts'
import { reviewDetections } from './review-detections.ts'
import { trustDetections } from './trust-detections.ts'

/** Everything that is looked for. */
export const catalogue: readonly Detection[] = [
  ...dutyDetections,
  ...accessDetections,
  ...reviewDetections,
  ...contextDetections,
  ...trustDetections,
  ...policyDetections,
  ...deliveryDetections,
  ...networkDetections,
]

const byId = new Map(catalogue.map((one) => [one.id, one]))

export const detectionOf = (id: string): Detection | undefined => byId.get(id)

/** Ids of what is looked for of one kind of risk. */
export const detectionsOf = (risk: CicdRisk): string[] =>
  catalogue.filter(({ cicdRisk }) => cicdRisk === risk).map(({ id }) => id)
