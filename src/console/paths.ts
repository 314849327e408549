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
const object =
  // The type parameter names the tabs at each use below.
  // oxlint-disable-next-line typescript/no-unnecessary-type-parameters -- it is the door through which tabs are typed
  <Tab extends string = never>(path: string) =>
    (id: string, tab?: Tab, params?: Params) =>
      withParams(`${path}/${encodeURIComponent(id)}${tab ? `/${tab}` : ''}`, params)

export const paths = {
  overview: list('/'),
  inbox: list('/inbox'),
  // Access
  people: list('/people'),
  person: object<'access' | 'sessions' | 'activity' | 'reach'>('/people'),
  peopleImport: list('/people/import'),
  teams: list('/teams'),
  team: object<'members' | 'access'>('/teams'),
  roles: list('/roles'),
  role: object<'permissions' | 'holders' | 'edit'>('/roles'),
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
  review: object<'evidence'>('/reviews'),
  reviewNew: list('/reviews/new'),
  // Delivery
  projects: list('/projects'),
  project: object<'decisions' | 'contexts' | 'reach' | 'trust' | 'use' | 'settings'>('/projects'),
  projectNew: list('/projects/new'),
  contexts: list('/contexts'),
  context: object<'restrictions' | 'try' | 'use' | 'access' | 'settings'>('/contexts'),
  contextNew: list('/contexts/new'),
  policies: list('/policies'),
  policy: object<'tests' | 'impact' | 'versions' | 'enforcement' | 'settings'>('/policies'),
  policyNew: list('/policies/new'),
  policyLibrary: list('/policies/library'),
  policyTemplate: list('/policies/template'),
  checks: list('/checks'),
  check: object<'facts' | 'trace'>('/checks'),
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
  issuer: object<'settings' | 'keys'>('/trust/issuers'),
  issuerNew: list('/trust/issuers/new'),
  trustRules: list('/trust/rules'),
  trustRule: object('/trust/rules'),
  trustRuleNew: list('/trust/rules/new'),
  tokenDebugger: list('/trust/debugger'),
  vaults: list('/trust/vaults'),
  vault: object<'secrets' | 'settings'>('/trust/vaults'),
  vaultNew: list('/trust/vaults/new'),
  federation: list('/trust/federation'),
  segments: list('/segments'),
  segment: object<'settings'>('/segments'),
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
