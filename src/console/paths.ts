/** The only place that makes a URL of the console. Every path is in the snapshot of `paths.test.ts`. */
export type Params = Readonly<Record<string, string | number | boolean | undefined>>

/** A path with search params: a list's filters, as its query schema reads them. */
function withParams(path: string, params?: Params): string {
  const search = new URLSearchParams()
  for (const [key, value] of Object.entries(params ?? {})) {
    if (value !== undefined && value !== '') search.set(key, String(value))
  }
  search.sort()
  const text = search.toString()
  return text ? `${path}?${text}` : path
}

const list = (path: string) => (params?: Params) => withParams(path, params)
/** Of an object, with the pages beside its first one that there are a route for. */
const object = <Tab extends string>(path: string, ...tabs: readonly Tab[]) =>
  Object.assign(
    (id: string, tab?: Tab, params?: Params) =>
      withParams(`${path}/${encodeURIComponent(id)}${tab ? `/${tab}` : ''}`, params),
    { tabs },
  )

export const paths = {
  overview: list('/'),
  inbox: list('/inbox'),
  // Access
  people: list('/people'),
  person: object('/people', 'sessions', 'reach'),
  peopleImport: list('/people/import'),
  teams: list('/teams'),
  team: object('/teams'),
  roles: list('/roles'),
  role: object('/roles', 'edit'),
  roleNew: list('/roles/new'),
  grants: list('/grants'),
  grant: object('/grants'),
  grantNew: list('/grants/new'),
  requests: list('/requests'),
  request: object('/requests'),
  requestNew: list('/requests/new'),
  exceptions: list('/exceptions'),
  exception: object('/exceptions'),
  requestCatalogue: list('/requests/catalogue'),
  reviews: list('/reviews'),
  review: object('/reviews', 'evidence'),
  reviewNew: list('/reviews/new'),
  // Delivery
  projects: list('/projects'),
  project: object('/projects', 'decisions', 'reach', 'trust', 'use', 'settings'),
  projectNew: list('/projects/new'),
  contexts: list('/contexts'),
  context: object('/contexts', 'restrictions', 'try', 'use', 'settings'),
  contextNew: list('/contexts/new'),
  policies: list('/policies'),
  policy: object('/policies', 'tests', 'impact', 'versions', 'enforcement', 'settings'),
  policyNew: list('/policies/new'),
  policyLibrary: list('/policies/library'),
  policyTemplate: list('/policies/template'),
  checks: list('/checks'),
  check: object('/checks', 'facts', 'trace'),
  checkNew: list('/checks/new'),
  replays: list('/replays'),
  replay: object('/replays'),
  replayNew: list('/replays/new'),
  decisions: list('/decisions'),
  decision: object('/decisions'),
  decisionMap: list('/decisions/map'),
  decisionSimulator: list('/decisions/simulator'),
  leases: list('/leases'),
  lease: object('/leases'),
  issuers: list('/trust'),
  issuer: object('/trust/issuers', 'settings', 'keys'),
  issuerNew: list('/trust/issuers/new'),
  trustRules: list('/trust/rules'),
  trustRule: object('/trust/rules'),
  trustRuleNew: list('/trust/rules/new'),
  tokenDebugger: list('/trust/debugger'),
  vaults: list('/trust/vaults'),
  vault: object('/trust/vaults', 'secrets', 'settings'),
  vaultNew: list('/trust/vaults/new'),
  federation: list('/trust/federation'),
  segments: list('/segments'),
  segment: object('/segments', 'settings'),
  segmentNew: list('/segments/new'),
  segmentFlows: list('/segments/flows'),
  segmentMap: list('/segments/map'),
  peopleReach: list('/segments/people'),
  runnerClasses: list('/segments/runner-classes'),
  forkPaths: list('/segments/paths'),
  // Evidence
  risk: list('/risk'),
  riskTrends: list('/risk/trends'),
  riskExposure: list('/risk/exposure'),
  findings: list('/findings'),
  finding: object('/findings'),
  findingDetections: list('/findings/detections'),
  compliance: list('/compliance'),
  control: object('/compliance'),
  audit: list('/audit'),
  auditEvent: object('/audit'),
  checkpoints: list('/audit/checkpoints'),
  verifyEvidence: list('/audit/verify'),
  exports: list('/exports'),
  // Settings
  mySessions: list('/sessions'),
  everySession: list('/sessions/everyone'),
  apiTokens: list('/api-tokens'),
  apiTokenNew: list('/api-tokens/new'),
} as const

/** Where an object of a kind is shown; undefined for kinds without a page of their own. */
export function pathOf(kind: string, id: string): string | undefined {
  switch (kind) {
    case 'person':
      return paths.person(id)
    case 'team':
      return paths.team(id)
    case 'role':
      return paths.role(id)
    case 'grant':
      return paths.grant(id)
    case 'request':
      return paths.request(id)
    case 'exception':
      return paths.exception(id)
    case 'review':
      return paths.review(id)
    case 'project':
      return paths.project(id)
    case 'context':
      return paths.context(id)
    case 'policy':
      return paths.policy(id)
    case 'segment':
      return paths.segment(id)
    case 'issuer':
      return paths.issuer(id)
    case 'trustRule':
      return paths.trustRule(id)
    case 'vault':
      return paths.vault(id)
    case 'federationKey':
      return paths.federation()
    case 'finding':
      return paths.finding(id)
    case 'control':
      return paths.control(id)
    case 'check':
      return paths.check(id)
    case 'lease':
      return paths.lease(id)
    case 'replay':
      return paths.replay(id)
    case 'decision':
      return paths.decision(id)
    case 'audit':
      return paths.auditEvent(id)
    default:
      return undefined
  }
}
