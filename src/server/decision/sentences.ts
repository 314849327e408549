import type { LiveGrant, Resource } from './types.ts'

const kindWords: Readonly<Record<string, string>> = { apiToken: 'API token', audit: 'event' }

/** “context “prod-deploy””, as refusals name what was asked for. */
export function resourcePhrase(resource: Resource): string {
  if (resource.kind === 'organization') return 'the organization'
  return `${kindWords[resource.kind] ?? resource.kind} “${resource.name}”`
}

/** The path of a grant: role, where, and by which team. */
export function because(grant: LiveGrant | undefined): string {
  if (!grant) return 'nothing forbids it'
  const where =
    grant.scope.kind === 'organization'
      ? 'on the organization'
      : `on ${grant.scope.kind} “${grant.scope.name}”`
  const via = grant.via.kind === 'team' ? ` through team “${grant.via.name}”` : ''
  return `${grant.roleName} ${where}${via} permits it`
}
