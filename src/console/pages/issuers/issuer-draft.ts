import type { InputOf } from '../../../contract/index.ts'
import type { IssuerKind } from '../../../contract/trust.ts'

export type IssuerDraft = InputOf<'issuers.create'>

const githubUrl = 'https://token.actions.githubusercontent.com'
const uuid = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i
const host = /^[a-z0-9-]+(\.[a-z0-9-]+)+(:\d+)?$/i

/** CircleCI has an issuer for each organization (OpenID Connect tokens in jobs). */
export const circleUrl = (organizationId: string) =>
  uuid.test(organizationId) ? `https://oidc.circleci.com/org/${organizationId.toLowerCase()}` : ''
export const gitlabUrl = (given: string) =>
  host.test(given) ? `https://${given.toLowerCase()}` : ''

/** What a new issuer of each kind begins with; its audience is this console's own, so that no other service's token serves. */
export function draftFor(kind: IssuerKind, origin: string): IssuerDraft {
  const url = { circleci: '', github: githubUrl, gitlab: 'https://gitlab.com', other: '' }[kind]
  const name = { circleci: 'CircleCI', github: 'GitHub Actions', gitlab: 'GitLab', other: '' }[kind]
  return {
    name,
    kind,
    url,
    audience: origin,
    algorithms: ['RS256'],
    leewaySeconds: 30,
    maxAgeSeconds: 600,
    bindAddress: true,
  }
}

/** What is missing before the draft can be saved. */
export const missingOf = (draft: Omit<IssuerDraft, 'kind' | 'url'> & { url?: string }) =>
  draft.url === ''
    ? 'Say where the issuer is.'
    : draft.name.trim() === ''
      ? 'Give it a name.'
      : draft.audience.trim() === ''
        ? 'Say whom its tokens must be for.'
        : draft.algorithms.length === 0
          ? 'Choose at least one algorithm.'
          : undefined
