/* What a federated token says. Imports nothing: the console shows it to whoever sets up a verifier. */

/** Claims of the run beside those of every JWT; what is not known of a run is left out. */
export const federatedClaimMeanings = {
  sub: 'The project and the context by name: `project:` slug `:context:` name. A name can be given to another: bind to the ids.',
  project: 'The project’s slug.',
  project_id: 'The project’s id, which no rename changes.',
  context: 'The context’s name.',
  context_id: 'The context’s id, which no rename changes.',
  ci: 'The CI system: `circleci`, `github` or `gitlab`.',
  ref: 'The branch or tag, where the CI system’s token says it.',
  ref_type: '`branch` or `tag`.',
  environment: 'The deployment environment, where there is one.',
  run_id: 'The run, by the CI system’s own id.',
  lease_id: 'The lease that the token stands for: it is found under Leases and in the audit trail.',
} as const

export type FederatedClaim = keyof typeof federatedClaimMeanings
