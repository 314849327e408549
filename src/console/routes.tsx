import { matchRoutes, type RouteObject } from 'react-router'
import { AppShell } from './shell/AppShell.tsx'
import { RouteError } from './shell/RouteError.tsx'

/**
 * The map of the product. Each page module exports `Component`, `loader` and `handle` and is loaded when first visited.
 * Add a noun's routes below its comment; the sidebar shows a place as soon as a route for it exists.
 */
const pages: RouteObject[] = [
  // overview
  { index: true, lazy: () => import('./pages/overview/OverviewPage.tsx') },

  // inbox
  { path: 'inbox', lazy: () => import('./pages/inbox/InboxPage.tsx') },

  // people, teams
  { path: 'people', lazy: () => import('./pages/people/PeoplePage.tsx') },
  { path: 'people/import', lazy: () => import('./pages/people/PeopleImportPage.tsx') },
  {
    path: 'people/:personId',
    lazy: () => import('./pages/people/PersonPage.tsx'),
    children: [
      { index: true, lazy: () => import('./pages/people/PersonAccessTab.tsx') },
      { path: 'reach', lazy: () => import('./pages/people/PersonReachTab.tsx') },
      { path: 'sessions', lazy: () => import('./pages/people/PersonSessionsTab.tsx') },
    ],
  },
  { path: 'teams', lazy: () => import('./pages/teams/TeamsPage.tsx') },
  { path: 'teams/:teamId', lazy: () => import('./pages/teams/TeamPage.tsx') },

  // roles, grants
  { path: 'roles', lazy: () => import('./pages/roles/RolesPage.tsx') },
  { path: 'roles/new', lazy: () => import('./pages/roles/RoleNewPage.tsx') },
  { path: 'roles/:roleId', lazy: () => import('./pages/roles/RolePage.tsx') },
  { path: 'roles/:roleId/edit', lazy: () => import('./pages/roles/RoleEditPage.tsx') },
  { path: 'grants', lazy: () => import('./pages/grants/GrantsPage.tsx') },
  { path: 'grants/new', lazy: () => import('./pages/grants/GrantNewPage.tsx') },
  { path: 'grants/:grantId', lazy: () => import('./pages/grants/GrantPage.tsx') },

  // requests
  { path: 'requests', lazy: () => import('./pages/requests/RequestsPage.tsx') },
  { path: 'requests/new', lazy: () => import('./pages/requests/RequestNewPage.tsx') },
  { path: 'requests/catalogue', lazy: () => import('./pages/requests/CataloguePage.tsx') },
  { path: 'requests/:requestId', lazy: () => import('./pages/requests/RequestPage.tsx') },
  { path: 'exceptions', lazy: () => import('./pages/exceptions/ExceptionsPage.tsx') },
  { path: 'exceptions/:exceptionId', lazy: () => import('./pages/exceptions/ExceptionPage.tsx') },

  // reviews
  { path: 'reviews', lazy: () => import('./pages/reviews/ReviewsPage.tsx') },
  { path: 'reviews/new', lazy: () => import('./pages/reviews/ReviewNewPage.tsx') },
  { path: 'reviews/:reviewId', lazy: () => import('./pages/reviews/ReviewPage.tsx') },
  {
    path: 'reviews/:reviewId/evidence',
    lazy: () => import('./pages/reviews/ReviewEvidencePage.tsx'),
  },

  // projects
  { path: 'projects', lazy: () => import('./pages/projects/ProjectsPage.tsx') },
  { path: 'projects/new', lazy: () => import('./pages/projects/ProjectNewPage.tsx') },
  {
    path: 'projects/:projectId',
    lazy: () => import('./pages/projects/ProjectPage.tsx'),
    children: [
      { index: true, lazy: () => import('./pages/projects/ProjectContextsTab.tsx') },
      { path: 'decisions', lazy: () => import('./pages/projects/ProjectDecisionsTab.tsx') },
      { path: 'trust', lazy: () => import('./pages/projects/ProjectTrustTab.tsx') },
      { path: 'reach', lazy: () => import('./pages/projects/ProjectReachTab.tsx') },
      { path: 'use', lazy: () => import('./pages/projects/ProjectUseTab.tsx') },
      { path: 'settings', lazy: () => import('./pages/projects/ProjectSettingsTab.tsx') },
    ],
  },

  // contexts
  { path: 'contexts', lazy: () => import('./pages/contexts/ContextsPage.tsx') },
  { path: 'contexts/new', lazy: () => import('./pages/contexts/ContextNewPage.tsx') },
  {
    path: 'contexts/:contextId',
    lazy: () => import('./pages/contexts/ContextPage.tsx'),
    children: [
      { index: true, lazy: () => import('./pages/contexts/ContextSecretsTab.tsx') },
      {
        path: 'restrictions',
        lazy: () => import('./pages/contexts/ContextRestrictionsTab.tsx'),
      },
      { path: 'try', lazy: () => import('./pages/contexts/ContextTryTab.tsx') },
      { path: 'use', lazy: () => import('./pages/contexts/ContextUseTab.tsx') },
      { path: 'settings', lazy: () => import('./pages/contexts/ContextSettingsTab.tsx') },
    ],
  },

  // policies
  { path: 'policies', lazy: () => import('./pages/policies/PoliciesPage.tsx') },
  { path: 'policies/library', lazy: () => import('./pages/policies/PolicyLibraryPage.tsx') },
  { path: 'policies/template', lazy: () => import('./pages/policies/PolicyTemplatePage.tsx') },
  { path: 'policies/new', lazy: () => import('./pages/policies/PolicyNewPage.tsx') },
  {
    path: 'policies/:policyId',
    lazy: () => import('./pages/policies/PolicyPage.tsx'),
    children: [
      { index: true, lazy: () => import('./pages/policies/PolicyTextTab.tsx') },
      { path: 'tests', lazy: () => import('./pages/policies/PolicyTestsTab.tsx') },
      { path: 'impact', lazy: () => import('./pages/policies/PolicyImpactTab.tsx') },
      { path: 'versions', lazy: () => import('./pages/policies/PolicyVersionsTab.tsx') },
      { path: 'enforcement', lazy: () => import('./pages/policies/PolicyEnforcementTab.tsx') },
      { path: 'settings', lazy: () => import('./pages/policies/PolicySettingsTab.tsx') },
    ],
  },

  // pipelines: config checks
  { path: 'checks', lazy: () => import('./pages/pipelines/ConfigChecksPage.tsx') },
  { path: 'checks/new', lazy: () => import('./pages/pipelines/ConfigCheckNewPage.tsx') },
  {
    path: 'checks/:checkId',
    lazy: () => import('./pages/pipelines/ConfigCheckPage.tsx'),
    children: [
      { index: true, lazy: () => import('./pages/pipelines/ConfigCheckFileTab.tsx') },
      { path: 'facts', lazy: () => import('./pages/pipelines/ConfigCheckFactsTab.tsx') },
      { path: 'trace', lazy: () => import('./pages/pipelines/ConfigCheckTraceTab.tsx') },
    ],
  },
  // replays
  { path: 'replays', lazy: () => import('./pages/replays/ReplaysPage.tsx') },
  { path: 'replays/new', lazy: () => import('./pages/replays/ReplayNewPage.tsx') },
  { path: 'replays/:replayId', lazy: () => import('./pages/replays/ReplayPage.tsx') },

  // decisions
  { path: 'decisions', lazy: () => import('./pages/decisions/DecisionsPage.tsx') },
  { path: 'decisions/map', lazy: () => import('./pages/decisions/DecisionMapPage.tsx') },
  { path: 'decisions/simulator', lazy: () => import('./pages/decisions/SimulatorPage.tsx') },
  { path: 'decisions/:decisionId', lazy: () => import('./pages/decisions/DecisionPage.tsx') },

  // leases
  { path: 'leases', lazy: () => import('./pages/leases/LeasesPage.tsx') },
  { path: 'leases/:leaseId', lazy: () => import('./pages/leases/LeasePage.tsx') },

  // issuers, trust rules
  { path: 'trust', lazy: () => import('./pages/issuers/IssuersPage.tsx') },
  { path: 'trust/issuers/new', lazy: () => import('./pages/issuers/IssuerNewPage.tsx') },
  {
    path: 'trust/issuers/:issuerId',
    lazy: () => import('./pages/issuers/IssuerPage.tsx'),
    children: [
      { index: true, lazy: () => import('./pages/issuers/IssuerRulesTab.tsx') },
      { path: 'settings', lazy: () => import('./pages/issuers/IssuerSettingsTab.tsx') },
      { path: 'keys', lazy: () => import('./pages/issuers/IssuerKeysTab.tsx') },
    ],
  },
  { path: 'trust/rules', lazy: () => import('./pages/trust-rules/TrustRulesPage.tsx') },
  { path: 'trust/rules/new', lazy: () => import('./pages/trust-rules/TrustRuleNewPage.tsx') },
  { path: 'trust/rules/:trustRuleId', lazy: () => import('./pages/trust-rules/TrustRulePage.tsx') },
  { path: 'trust/debugger', lazy: () => import('./pages/trust-rules/TokenDebuggerPage.tsx') },

  // Vault servers, federation
  { path: 'trust/vaults', lazy: () => import('./pages/vaults/VaultsPage.tsx') },
  { path: 'trust/vaults/new', lazy: () => import('./pages/vaults/VaultNewPage.tsx') },
  {
    path: 'trust/vaults/:vaultId',
    lazy: () => import('./pages/vaults/VaultPage.tsx'),
    children: [
      { index: true, lazy: () => import('./pages/vaults/VaultSetupTab.tsx') },
      { path: 'secrets', lazy: () => import('./pages/vaults/VaultSecretsTab.tsx') },
      { path: 'settings', lazy: () => import('./pages/vaults/VaultSettingsTab.tsx') },
    ],
  },
  { path: 'trust/federation', lazy: () => import('./pages/federation/FederationPage.tsx') },

  // segments
  { path: 'segments', lazy: () => import('./pages/segments/SegmentsPage.tsx') },
  { path: 'segments/flows', lazy: () => import('./pages/segments/SegmentFlowsPage.tsx') },
  { path: 'segments/map', lazy: () => import('./pages/segments/SegmentMapPage.tsx') },
  { path: 'segments/paths', lazy: () => import('./pages/segments/ForkPathsPage.tsx') },
  { path: 'segments/people', lazy: () => import('./pages/segments/PeopleReachPage.tsx') },
  {
    path: 'segments/runner-classes',
    lazy: () => import('./pages/segments/RunnerClassesPage.tsx'),
  },
  { path: 'segments/new', lazy: () => import('./pages/segments/SegmentNewPage.tsx') },
  {
    path: 'segments/:segmentId',
    lazy: () => import('./pages/segments/SegmentPage.tsx'),
    children: [
      { index: true, lazy: () => import('./pages/segments/SegmentHoldsTab.tsx') },
      { path: 'settings', lazy: () => import('./pages/segments/SegmentSettingsTab.tsx') },
    ],
  },

  // scores, risk
  { path: 'risk', lazy: () => import('./pages/risk/RiskPage.tsx') },
  { path: 'risk/trends', lazy: () => import('./pages/risk/RiskTrendsPage.tsx') },
  { path: 'risk/exposure', lazy: () => import('./pages/risk/RiskExposurePage.tsx') },

  // findings
  { path: 'findings', lazy: () => import('./pages/findings/FindingsPage.tsx') },
  { path: 'findings/detections', lazy: () => import('./pages/findings/DetectionsPage.tsx') },
  { path: 'findings/:findingId', lazy: () => import('./pages/findings/FindingPage.tsx') },

  // compliance
  { path: 'compliance', lazy: () => import('./pages/compliance/CompliancePage.tsx') },
  { path: 'compliance/:controlId', lazy: () => import('./pages/compliance/ControlPage.tsx') },

  // audit
  { path: 'audit', lazy: () => import('./pages/audit/AuditPage.tsx') },
  { path: 'audit/checkpoints', lazy: () => import('./pages/audit/CheckpointsPage.tsx') },
  { path: 'audit/verify', lazy: () => import('./pages/audit/EvidenceVerifyPage.tsx') },
  { path: 'audit/:eventId', lazy: () => import('./pages/audit/AuditEventPage.tsx') },
  // exports
  { path: 'exports', lazy: () => import('./pages/exports/ExportsPage.tsx') },

  // sessions, API tokens
  { path: 'sessions', lazy: () => import('./pages/sessions/SessionsPage.tsx') },
  { path: 'sessions/everyone', lazy: () => import('./pages/sessions/SessionsPage.tsx') },
  { path: 'api-tokens', lazy: () => import('./pages/api-tokens/ApiTokensPage.tsx') },
  { path: 'api-tokens/new', lazy: () => import('./pages/api-tokens/ApiTokenNewPage.tsx') },
]

const exists = (path: string) => matchRoutes(pages, path) !== null

export const routes: RouteObject[] = [
  {
    path: '/',
    element: <AppShell exists={exists} />,
    errorElement: <RouteError />,
    hydrateFallbackElement: <div />,
    children: [
      {
        errorElement: <RouteError />,
        children: [...pages, { path: '*', lazy: () => import('./shell/NotFound.tsx') }],
      },
    ],
  },
]
