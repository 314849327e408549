/** A restriction by the name of its target. */
export type RestrictionOf =
  | { readonly expression: string }
  | { readonly project: string }
  | { readonly team: string }
  | { readonly segment: string }

export interface ContextOf {
  readonly name: string
  readonly description: string
  readonly segment: string | null
  readonly team: string | null
  readonly secrets: readonly string[]
  readonly restrictions: readonly RestrictionOf[]
}

const main = { expression: 'pipeline.git.branch == "main"' }
const noSsh = { expression: 'not job.ssh.enabled' }

const deploy = (
  name: string,
  segment: string,
  team: string,
  secrets: readonly string[],
  ...more: readonly RestrictionOf[]
): ContextOf => ({
  name,
  description: `Deploys what ${team} runs in ${segment}.`,
  segment,
  team,
  secrets,
  restrictions: [{ team }, ...more],
})

const aws = ['AWS_ACCESS_KEY_ID', 'AWS_SECRET_ACCESS_KEY', 'AWS_REGION']
const cluster = ['KUBE_SERVER', 'KUBE_TOKEN', 'KUBE_CA']

/** Contexts of the company, with the stories in them: one that everybody reaches, one that a rename broke, one closed. */
export const contexts: readonly ContextOf[] = [
  deploy(
    'payments-production',
    'Production',
    'Payments',
    [...aws, 'DATABASE_URL', 'STRIPE_KEY', 'LEDGER_SIGNING_KEY'],
    main,
    {
      expression:
        'pipeline.project.slug == "meridian/checkout-api" or pipeline.project.slug == "meridian/invoice-engine" or pipeline.project.slug == "meridian/refund-worker"',
    },
  ),
  deploy(
    'cardholder-production',
    'Cardholder data',
    'Payments',
    [...aws, 'HSM_PIN', 'PAN_TOKENIZER_KEY', 'ACQUIRER_CERT'],
    main,
    noSsh,
  ),
  deploy('payments-staging', 'Staging', 'Payments', [...aws, 'DATABASE_URL', 'STRIPE_TEST_KEY']),
  deploy(
    'platform-production',
    'Production',
    'Platform',
    [...aws, ...cluster, 'VAULT_ROLE_ID'],
    main,
  ),
  deploy(
    'routing-production',
    'Production',
    'Routing',
    [...cluster, 'MAPS_API_KEY', 'TOLL_API_KEY', 'DATABASE_URL'],
    main,
  ),
  deploy('routing-staging', 'Staging', 'Routing', [...cluster, 'MAPS_API_KEY']),
  deploy(
    'warehouse-production',
    'Production',
    'Warehouse',
    [...cluster, 'PRINTER_FLEET_KEY', 'DATABASE_URL', 'MQTT_PASSWORD'],
    main,
  ),
  deploy('warehouse-staging', 'Staging', 'Warehouse', [...cluster, 'MQTT_PASSWORD']),
  deploy(
    'web-production',
    'Production',
    'Web',
    [...aws, 'CDN_PURGE_TOKEN', 'SENTRY_DSN', 'SESSION_SECRET'],
    main,
  ),
  deploy('web-preview', 'Staging', 'Web', ['PREVIEW_TOKEN', 'CDN_PURGE_TOKEN', 'SENTRY_DSN']),
  deploy(
    'data-production',
    'Production',
    'Data',
    [...aws, 'WAREHOUSE_DSN', 'KAFKA_PASSWORD', 'AIRFLOW_FERNET_KEY'],
    main,
  ),
  deploy('data-staging', 'Staging', 'Data', ['WAREHOUSE_DSN', 'KAFKA_PASSWORD']),
  deploy('log-shipping', 'Production', 'Security', ['SIEM_TOKEN', 'LOG_BUCKET_KEY'], main),
  {
    name: 'docker-hub',
    description:
      'Pulls and pushes images. Made for the base images; by now every project reaches it.',
    segment: null,
    team: 'Platform',
    secrets: ['DOCKERHUB_USER', 'DOCKERHUB_TOKEN'],
    restrictions: [{ expression: 'pipeline.git.branch != ""' }],
  },
  {
    name: 'npm-publish',
    description: 'Publishes packages under @meridian.',
    segment: 'Build',
    team: 'Web',
    secrets: ['NPM_TOKEN', 'COSIGN_KEY', 'COSIGN_PASSWORD'],
    restrictions: [{ project: 'design-system' }, { project: 'ci-toolbox' }, main],
  },
  {
    name: 'image-signing',
    description: 'Signs images that may run in production.',
    segment: null,
    team: 'Security',
    secrets: ['COSIGN_KEY', 'COSIGN_PASSWORD', 'REKOR_TOKEN'],
    restrictions: [
      { project: 'base-images' },
      { project: 'edge-proxy' },
      { project: 'cluster-config' },
      main,
      noSsh,
    ],
  },
  {
    name: 'app-stores',
    description: 'Uploads builds to the app stores.',
    segment: null,
    team: 'Mobile',
    secrets: [
      'APP_STORE_KEY',
      'APP_STORE_ISSUER',
      'PLAY_SERVICE_ACCOUNT',
      'MATCH_PASSWORD',
      'SIGNING_KEYSTORE',
    ],
    restrictions: [
      { team: 'Mobile' },
      { expression: 'pipeline.git.branch == "main" or pipeline.git.branch starts-with "release/"' },
    ],
  },
  {
    name: 'mobile-crash-reports',
    description: 'Symbol files for crash reports.',
    segment: null,
    team: 'Mobile',
    secrets: ['SENTRY_AUTH_TOKEN', 'SENTRY_ORG', 'BUGSNAG_KEY'],
    restrictions: [{ team: 'Mobile' }],
  },
  {
    name: 'terraform-state',
    description: 'Reads and writes the state of the infrastructure.',
    segment: null,
    team: 'Platform',
    secrets: [...aws, 'TF_STATE_KEY', 'TF_LOCK_TABLE', 'CLOUDFLARE_TOKEN'],
    restrictions: [{ project: 'terraform-modules' }, { project: 'cluster-config' }, main],
  },
  {
    name: 'e2e-accounts',
    description: 'Test customers for the journeys of the portals.',
    segment: null,
    team: 'Web',
    secrets: ['E2E_CUSTOMER', 'E2E_CUSTOMER_PASSWORD', 'E2E_CARRIER', 'E2E_CARRIER_PASSWORD'],
    restrictions: [
      { project: 'web-e2e' },
      { project: 'customer-portal' },
      { project: 'carrier-portal' },
    ],
  },
  {
    name: 'sonar-analysis',
    description: 'Reports code quality.',
    segment: null,
    team: 'Platform',
    secrets: ['SONAR_TOKEN', 'SONAR_HOST'],
    restrictions: [{ team: 'Platform' }, { team: 'Web' }, { team: 'Routing' }, { team: 'Data' }],
  },
  {
    name: 'chat-notifications',
    description: 'Says in the chat how a deploy went.',
    segment: null,
    team: 'Platform',
    secrets: ['SLACK_WEBHOOK', 'SLACK_BOT_TOKEN'],
    restrictions: [
      { team: 'Payments' },
      { team: 'Routing' },
      { team: 'Warehouse' },
      { team: 'Web' },
      { team: 'Platform' },
    ],
  },
  {
    name: 'maps-tiles',
    description: 'Builds the map tiles of the route planner.',
    segment: null,
    team: 'Routing',
    secrets: ['TILE_STORE_KEY', 'OSM_MIRROR_TOKEN'],
    restrictions: [{ project: 'route-planner' }, { project: 'route-simulator' }],
  },
  {
    name: 'feature-flags',
    description: 'Changes flags as part of a release.',
    segment: null,
    team: 'Web',
    secrets: ['FLAGS_WRITE_KEY', 'FLAGS_READ_KEY'],
    restrictions: [{ team: 'Web' }, { team: 'Mobile' }, main],
  },
  {
    name: 'forecast-models',
    description: 'Trains and publishes the demand forecast.',
    segment: null,
    team: 'Data',
    secrets: ['MODEL_REGISTRY_TOKEN', 'GPU_QUEUE_KEY', 'FEATURE_STORE_DSN'],
    restrictions: [{ project: 'demand-forecast' }, { project: 'notebook-lab' }],
  },
  {
    name: 'partner-ftp',
    description:
      'Files for carriers that still exchange them by FTP. Closed since the last of them moved.',
    segment: null,
    team: 'Routing',
    secrets: ['FTP_HOST', 'FTP_USER', 'FTP_PASSWORD'],
    restrictions: [],
  },
  {
    name: 'legacy-deploy',
    description: 'The old way to deploy the portals.',
    segment: null,
    team: 'Web',
    secrets: ['DEPLOY_SSH_KEY', 'DEPLOY_HOST'],
    restrictions: [{ project: 'carrier-portal' }],
  },
  {
    name: 'audit-exports',
    description: 'Takes evidence to the archive.',
    segment: null,
    team: 'Audit',
    secrets: ['ARCHIVE_KEY', 'ARCHIVE_BUCKET'],
    restrictions: [{ project: 'log-shipper' }, main],
  },
  {
    name: 'load-tests',
    description: 'Drives load against staging.',
    segment: null,
    team: 'Platform',
    secrets: ['K6_TOKEN', 'LOAD_TARGET_TOKEN'],
    restrictions: [{ segment: 'Staging' }],
  },
  {
    name: 'dependency-updates',
    description: 'Opens pull requests that update dependencies.',
    segment: null,
    team: 'Platform',
    secrets: ['BOT_GITHUB_TOKEN', 'BOT_GITLAB_TOKEN', 'REGISTRY_READ_TOKEN'],
    restrictions: [
      { segment: 'Build' },
      { segment: 'Production' },
      { expression: 'pipeline.trigger.type == "schedule"' },
    ],
  },
]
