/** What a run may show instead of a stored credential: an audience that is the same for everybody, and what else there is to know. */
interface Instead {
  readonly audience?: string
  /** The service is a Vault: its audience is the one of a server that the console knows. */
  readonly vault?: true
  readonly says?: string
}

const services: readonly (readonly [name: RegExp, instead: Instead])[] = [
  // docs.aws.amazon.com/IAM: the client id of an identity provider.
  [/^AWS_/i, { audience: 'sts.amazonaws.com' }],
  // learn.microsoft.com/entra: federated identity credentials.
  [/^(AZURE|ARM)_/i, { audience: 'api://AzureADTokenExchange' }],
  [
    // cloud.google.com/iam/docs/workload-identity-federation: the default audience.
    /^(GOOGLE|GCP|GCLOUD)_/i,
    {
      says: 'Google expects the address of your workload identity provider as the audience: https://iam.googleapis.com/projects/…/locations/global/workloadIdentityPools/…/providers/….',
    },
  ],
  [/^VAULT_/i, { vault: true, says: 'A Vault expects what its role names in bound_audiences.' }],
  [
    // docs.pypi.org/trusted-publishers, docs.npmjs.com/trusted-publishers: issuers are a fixed list of CI systems.
    /^(PYPI|NPM)_/i,
    {
      says: 'This registry takes tokens of the CI system itself and no other’s: name the project as its trusted publisher there. It needs no audience here.',
    },
  ],
]

export const insteadOf = (secret: string): Instead =>
  services.find(([name]) => name.test(secret))?.[1] ?? {}
