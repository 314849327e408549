import { createHash } from 'node:crypto'
import type { Provider } from '../../../contract/projects.ts'
import type { Tier } from '../../../contract/segments.ts'
import { numberOf } from '../ci/claims.ts'

/** What each team is for. */
export const charters: Readonly<Record<string, string>> = {
  Security: 'Keeps the rules of the pipelines, and answers when one breaks',
  Audit: 'Reviews who may do what, every quarter and before the yearly certificate',
  Payments: 'Takes money and gives it back: checkout, invoices, refunds',
  Platform: 'Runs the clusters, base images and CI that everybody builds on',
  Routing: 'Plans routes and tells customers when their freight arrives',
  Warehouse: 'Runs picking, stock and the docks',
  Web: 'Builds the portals of customers and carriers',
  Mobile: 'Builds the apps of drivers and scanners',
  Data: 'Forecasts demand and feeds the reports',
}

/** Who works at Meridian Freight. The first of each team leads it; the personas' addresses are those of `personas.ts`. */
export const teams: Readonly<Record<string, readonly string[]>> = {
  Security: ['Ada Okafor', 'Ben Sørensen', 'Mirela Popescu', 'Hiroshi Tanaka'],
  Audit: ['Noor Haddad', 'Clara Weiss'],
  Payments: [
    'Lin Zhao',
    'Sam Rivera',
    'Priya Raman',
    'Jonas Keller',
    'Amara Diallo',
    'Tomás Herrera',
    'Ines Duarte',
    'Oskar Nyberg',
  ],
  Platform: [
    'Grace Mbeki',
    'Viktor Lindqvist',
    'Daniel Osei',
    'Yuki Mori',
    'Farah Aziz',
    'Luca Moretti',
    'Anneke de Vries',
    'Piotr Zielinski',
  ],
  Routing: [
    'Marta Kowalska',
    'Elias Berg',
    'Chidi Eze',
    'Sofia Rossi',
    'Rahul Mehta',
    'Nadia Petrova',
    'Leon Fischer',
  ],
  Warehouse: [
    'Beatriz Santos',
    'Kofi Mensah',
    'Hanna Virtanen',
    'Ali Demir',
    'Eva Novak',
    'Mateo Silva',
    'Ruth Cohen',
  ],
  Web: [
    'Freya Lund',
    'Omar Farouk',
    'Julia Schmitt',
    'Kenji Sato',
    'Aisha Bello',
    'Nils Haugen',
    'Lucía Ortega',
    'Ivan Horvat',
  ],
  Mobile: ['Zoë Martin', 'Arjun Nair', 'Katya Ivanova', 'Pedro Alves', 'Mei Chen', 'Tariq Rahman'],
  Data: [
    'Samira Khalil',
    'Henrik Dahl',
    'Olga Smirnova',
    'David Kim',
    'Laila Hassan',
    'Marco Bianchi',
    'Emma Dubois',
    'Peter Novotny',
    'Ana Costa',
  ],
}

const keys: Readonly<Record<string, string>> = {
  'Ada Okafor': 'ada',
  'Ben Sørensen': 'ben',
  'Lin Zhao': 'lin',
  'Noor Haddad': 'noor',
  'Sam Rivera': 'sam',
}

/** The subject at the identity provider: the personas' own, else the name without accents. */
export const keyOf = (name: string): string =>
  keys[name] ??
  name
    .normalize('NFKD')
    .toLowerCase()
    .replaceAll('ø', 'o')
    .replaceAll(/[^a-z ]/g, '')
    .replaceAll(' ', '.')

export const emailOf = (name: string): string => `${keyOf(name)}@meridian.example`

interface SegmentOf {
  readonly name: string
  readonly tier: Tier
  readonly description: string
  readonly cidrs: string[]
  readonly runnerClasses: string[]
}

export const segments: readonly SegmentOf[] = [
  {
    name: 'Production',
    tier: 'production',
    description: 'What customers and carriers use. Only our own runners in the production network.',
    cidrs: ['10.20.0.0/16'],
    runnerClasses: ['meridian/production'],
  },
  {
    name: 'Cardholder data',
    tier: 'production',
    description: 'Systems that touch card numbers (PCI DSS scope).',
    cidrs: ['10.30.4.0/22'],
    runnerClasses: ['meridian/pci'],
  },
  {
    name: 'Staging',
    tier: 'staging',
    description: 'Rehearsals with masked data.',
    cidrs: ['10.40.0.0/16'],
    runnerClasses: [],
  },
  {
    name: 'Build',
    tier: 'build',
    description: 'Compiling, testing and publishing packages; hosted runners of the CI systems.',
    cidrs: [],
    runnerClasses: [],
  },
  {
    name: 'Sandbox',
    tier: 'sandbox',
    description: 'Experiments and prototypes. Nothing of value.',
    cidrs: [],
    runnerClasses: [],
  },
]

/** From where runs may reach where, and why; the last is one that nobody has looked at since. */
export const flows: readonly (readonly [from: string, to: string, reason: string])[] = [
  ['Production', 'Staging', 'A release is rehearsed on staging by the runner that then ships it'],
  ['Build', 'Staging', 'Previews of pull requests are put up from hosted runners'],
  ['Build', 'Production', 'The portal is released from hosted runners until its own have moved'],
]

interface ProjectOf {
  readonly name: string
  readonly team: string
  readonly segment: string
  readonly provider: Provider
  /** Runs that ask for a context on an ordinary working day. */
  readonly runs: number
}

const of = (
  team: string,
  segment: string,
  provider: Provider,
  ...named: readonly (readonly [string, number])[]
): ProjectOf[] => named.map(([name, runs]) => ({ name, team, segment, provider, runs }))

export const projects: readonly ProjectOf[] = [
  ...of('Payments', 'Cardholder data', 'circleci', ['payment-gateway', 9], ['card-vault', 4]),
  ...of(
    'Payments',
    'Production',
    'circleci',
    ['checkout-api', 14],
    ['invoice-engine', 8],
    ['refund-worker', 6],
  ),
  ...of('Payments', 'Staging', 'circleci', ['payments-sandbox', 5]),
  ...of(
    'Platform',
    'Production',
    'github',
    ['cluster-config', 12],
    ['edge-proxy', 7],
    ['secrets-operator', 4],
  ),
  ...of(
    'Platform',
    'Build',
    'github',
    ['base-images', 10],
    ['ci-toolbox', 9],
    ['terraform-modules', 8],
  ),
  ...of('Platform', 'Sandbox', 'github', ['chaos-lab', 2]),
  ...of(
    'Routing',
    'Production',
    'circleci',
    ['route-planner', 15],
    ['eta-service', 11],
    ['carrier-sync', 9],
    ['toll-calculator', 5],
  ),
  ...of('Routing', 'Staging', 'circleci', ['route-simulator', 6]),
  ...of(
    'Warehouse',
    'Production',
    'gitlab',
    ['dock-scheduler', 9],
    ['pick-list', 8],
    ['label-printer', 5],
    ['stock-ledger', 10],
  ),
  ...of('Warehouse', 'Staging', 'gitlab', ['conveyor-twin', 4]),
  ...of(
    'Web',
    'Production',
    'github',
    ['customer-portal', 16],
    ['tracking-page', 12],
    ['carrier-portal', 9],
  ),
  ...of('Web', 'Build', 'github', ['design-system', 11], ['web-e2e', 13]),
  ...of('Web', 'Staging', 'github', ['portal-preview', 8]),
  ...of('Mobile', 'Build', 'circleci', ['driver-app', 12], ['scanner-app', 8], ['mobile-kit', 6]),
  ...of(
    'Data',
    'Production',
    'gitlab',
    ['event-lake', 9],
    ['demand-forecast', 6],
    ['bi-models', 7],
  ),
  ...of('Data', 'Staging', 'gitlab', ['lake-rehearsal', 4]),
  ...of('Data', 'Sandbox', 'gitlab', ['notebook-lab', 3]),
  ...of('Security', 'Build', 'github', ['policy-tests', 4]),
  ...of('Security', 'Production', 'github', ['log-shipper', 3]),
]

type Hosted = Pick<ProjectOf, 'name' | 'team' | 'provider'>

/** CircleCI builds what GitHub hosts; the rest is on the company's own GitLab. */
export const repositoryOf = ({ name, team, provider }: Hosted): string =>
  provider === 'gitlab'
    ? `gitlab.meridian.example/${team.toLowerCase()}/${name}`
    : `github.com/meridian/${name}`

/** A project's id at its CI system, as each of them makes its ids. */
export function externalIdOf({ name, provider }: Hosted): string {
  if (provider !== 'circleci') return numberOf(`${provider}/${name}`)
  const hex = createHash('sha256').update(`circleci/${name}`).digest('hex')
  return [
    hex.slice(0, 8),
    hex.slice(8, 12),
    `4${hex.slice(13, 16)}`,
    `8${hex.slice(17, 20)}`,
    hex.slice(20, 32),
  ].join('-')
}
