/** Ids of the OWASP Top 10 CI/CD Security Risks, each with what it is about. */
export const cicdRisks = {
  'CICD-SEC-1': 'Flow control',
  'CICD-SEC-2': 'Identities and access',
  'CICD-SEC-3': 'Dependency chain',
  'CICD-SEC-4': 'Poisoned pipelines',
  'CICD-SEC-5': 'Pipeline access',
  'CICD-SEC-6': 'Credential hygiene',
  'CICD-SEC-7': 'Insecure settings',
  'CICD-SEC-8': 'Third parties',
  'CICD-SEC-9': 'Artifact integrity',
  'CICD-SEC-10': 'Logging and visibility',
} as const
