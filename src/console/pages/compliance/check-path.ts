import type { Check, CheckOpens } from '../../../contract/compliance.ts'
import { paths, type Params } from '../../paths.ts'

const lists: Readonly<Record<CheckOpens, (params?: Params) => string>> = {
  people: paths.people,
  grants: paths.grants,
  roles: paths.roles,
  requests: paths.requests,
  reviews: paths.reviews,
  apiTokens: paths.apiTokens,
  everySession: paths.everySession,
  contexts: paths.contexts,
  projects: paths.projects,
  segments: paths.segments,
  policies: paths.policies,
  issuers: paths.issuers,
  trustRules: paths.trustRules,
  leases: paths.leases,
  decisions: paths.decisions,
  findings: paths.findings,
  detections: paths.findingDetections,
  audit: paths.audit,
  checkpoints: paths.checkpoints,
}

/** The list in which the objects of a check stand. */
export const checkPath = ({ opens, params }: NonNullable<Check['list']>): string =>
  lists[opens](Object.fromEntries(params.map(({ name, value }) => [name, value])))
