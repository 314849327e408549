import {
  IconBinaryTree,
  IconAlertTriangle,
  IconApi,
  IconBox,
  IconCertificate,
  IconChartLine,
  IconFileCheck,
  IconGauge,
  IconGavel,
  IconHourglass,
  IconHistory,
  IconInbox,
  IconKey,
  IconUserQuestion,
  IconLayoutGrid,
  IconLicense,
  IconNetwork,
  IconPackageExport,
  IconDevices,
  IconStack2,
  IconZoomCheck,
  IconRosetteDiscountCheck,
  IconChecklist,
  IconUsers,
  IconUsersGroup,
  type Icon,
} from '@tabler/icons-react'
import type { Permission } from '../../contract/permissions.ts'
import { paths } from '../paths.ts'

/** A page that the sidebar does not name, of the place that does. */
interface InnerPlace {
  readonly label: string
  readonly to: string
  readonly may?: Permission
}
interface Place extends InnerPlace {
  readonly icon: Icon
  /** Shown to those who hold it anywhere; a place without one is everybody's. */
  readonly may?: Permission
  /** Wherever their addresses begin: the sidebar lights up this place for them, and the palette names each. */
  readonly inner?: readonly InnerPlace[]
}
export interface Group {
  readonly label: string
  readonly places: readonly Place[]
}

/** The sidebar, grouped by intent. The shell shows only the places that a route exists for and that the person may see. */
const navigation: readonly Group[] = [
  {
    label: '',
    places: [
      { label: 'Overview', to: paths.overview(), icon: IconLayoutGrid },
      { label: 'Inbox', to: paths.inbox(), icon: IconInbox },
    ],
  },
  {
    label: 'Access',
    places: [
      { label: 'People', to: paths.people(), icon: IconUsers, may: 'person:view' },
      { label: 'Teams', to: paths.teams(), icon: IconUsersGroup, may: 'team:view' },
      { label: 'Roles', to: paths.roles(), icon: IconLicense, may: 'role:view' },
      { label: 'Grants', to: paths.grants(), icon: IconKey, may: 'grant:view' },
      {
        label: 'Requests',
        to: paths.requests(),
        icon: IconUserQuestion,
        inner: [{ label: 'Exceptions', to: paths.exceptions() }],
      },
      { label: 'Access reviews', to: paths.reviews(), icon: IconChecklist },
    ],
  },
  {
    label: 'Delivery',
    places: [
      { label: 'Projects', to: paths.projects(), icon: IconBox, may: 'project:view' },
      { label: 'Contexts', to: paths.contexts(), icon: IconStack2, may: 'context:view' },
      {
        label: 'Policies',
        to: paths.policies(),
        icon: IconGavel,
        may: 'policy:view',
        inner: [{ label: 'Replays', to: paths.replays(), may: 'policy:view' }],
      },
      { label: 'Config checks', to: paths.checks(), icon: IconFileCheck, may: 'pipeline:view' },
      {
        label: 'Decisions',
        to: paths.decisions(),
        icon: IconBinaryTree,
        may: 'decision:view',
        inner: [
          { label: 'Simulator', to: paths.decisionSimulator(), may: 'context:view' },
          { label: 'Decision map', to: paths.decisionMap(), may: 'decision:view' },
        ],
      },
      { label: 'Leases', to: paths.leases(), icon: IconHourglass, may: 'lease:view' },
      {
        label: 'Trust',
        to: paths.issuers(),
        icon: IconCertificate,
        may: 'issuer:view',
        inner: [
          { label: 'Token debugger', to: paths.tokenDebugger(), may: 'trustRule:view' },
          { label: 'Trust rules', to: paths.trustRules(), may: 'trustRule:view' },
          { label: 'Vault servers', to: paths.vaults(), may: 'vault:view' },
          { label: 'Federation', to: paths.federation(), may: 'federation:view' },
        ],
      },
      {
        label: 'Segments',
        to: paths.segments(),
        icon: IconNetwork,
        may: 'segment:view',
        inner: [
          { label: 'Allowed flows', to: paths.segmentFlows(), may: 'segment:view' },
          { label: 'Fork paths', to: paths.forkPaths(), may: 'segment:view' },
          { label: 'Runner classes', to: paths.runnerClasses(), may: 'segment:view' },
        ],
      },
    ],
  },
  {
    label: 'Evidence',
    places: [
      {
        label: 'Risk',
        to: paths.risk(),
        icon: IconGauge,
        may: 'finding:view',
        inner: [
          { label: 'Risk trends', to: paths.riskTrends(), may: 'finding:view' },
          { label: 'Exposure', to: paths.riskExposure(), may: 'finding:view' },
        ],
      },
      {
        label: 'Findings',
        to: paths.findings(),
        icon: IconAlertTriangle,
        may: 'finding:view',
        inner: [{ label: 'Detections', to: paths.findingDetections(), may: 'finding:view' }],
      },
      {
        label: 'Compliance',
        to: paths.compliance(),
        icon: IconRosetteDiscountCheck,
        may: 'compliance:view',
      },
      { label: 'Audit trail', to: paths.audit(), icon: IconHistory, may: 'audit:view' },
      { label: 'Checkpoints', to: paths.checkpoints(), icon: IconChartLine, may: 'audit:view' },
      { label: 'Exports', to: paths.exports(), icon: IconPackageExport },
      { label: 'Verify evidence', to: paths.verifyEvidence(), icon: IconZoomCheck },
    ],
  },
  {
    label: 'Settings',
    places: [
      { label: 'Sessions', to: paths.mySessions(), icon: IconDevices },
      { label: 'API tokens', to: paths.apiTokens(), icon: IconApi },
    ],
  },
]

const places = navigation.flatMap((group) => group.places)

/** The pages that the sidebar does not name, each with the place that it is of. */
export const innerPlaces = places.flatMap((place) =>
  (place.inner ?? []).map((inner) => ({ place, inner })),
)

const begins = (pathname: string, to: string) =>
  pathname === to || (to !== '/' && pathname.startsWith(`${to}/`))

/** The place that an address belongs to, and the inner page of it: of several that begin the address, the nearest. */
export function placeOf(
  pathname: string,
): { readonly place: Place; readonly inner?: InnerPlace } | undefined {
  const pages = [
    ...places.map((place) => ({ place, to: place.to })),
    ...innerPlaces.map(({ place, inner }) => ({ place, inner, to: inner.to })),
  ]
  return pages
    .filter((page) => begins(pathname, page.to))
    .toSorted((one, other) => other.to.length - one.to.length)[0]
}

/** Each persona sees what is theirs first: the group that is put directly below the overview. */
export function orderedFor(persona: Persona): readonly Group[] {
  const first = { admin: 'Access', lead: 'Access', auditor: 'Evidence', developer: 'Delivery' }[
    persona
  ]
  const [home, ...rest] = navigation
  return [
    ...(home ? [home] : []),
    ...rest.filter((group) => group.label === first),
    ...rest.filter((group) => group.label !== first),
  ]
}

export type Persona = 'admin' | 'lead' | 'auditor' | 'developer'
