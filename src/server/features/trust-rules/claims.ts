import { claimText, type IssuerKind } from '../../../contract/trust.ts'
import type { TokenThen } from '../../db/tables/decisions.ts'
import type { CiToken } from '../../pipelines/ci-token.ts'

const circle = (...names: string[]) => names.map((name) => `oidc.circleci.com/${name}`)

const words = (text: string) => text.split(/\s+/)

/**
 * The claims that say whose run it is and of what, by which rules are written; not the run's own numbers, and nobody's name,
 * login or address (GitHub's `actor`, GitLab's `user_*`), unless a rule reads them.
 */
export const recordedClaims: Readonly<Record<IssuerKind, readonly string[]>> = {
  circleci: ['sub', ...circle('org-id', 'project-id', 'ssh-rerun', 'vcs-origin', 'vcs-ref')],
  github:
    words(`sub repository repository_id repository_owner repository_owner_id repository_visibility
    ref ref_type ref_protected base_ref head_ref event_name environment workflow workflow_ref
    job_workflow_ref runner_environment`),
  gitlab:
    words(`sub project_id project_path namespace_id namespace_path project_visibility ref ref_type
    ref_path ref_protected pipeline_source environment environment_protected deployment_tier
    ci_config_ref_uri runner_environment`),
  other: ['sub', 'azp', 'client_id', 'ref', 'environment'],
}
const longest = 500

/** What is kept of a token beside its decision; never the token itself. */
export function claimsThen(
  { issuer, claims }: CiToken,
  rules: readonly { readonly conditions: readonly { readonly claim: string }[] }[],
): TokenThen {
  const read = rules.flatMap(({ conditions }) => conditions.map(({ claim }) => claim))
  const names = [...new Set([...recordedClaims[issuer.kind], ...read])].sort()
  const kept = names.flatMap((name) => {
    const text = claimText(claims[name])
    return text === undefined || text.length > longest ? [] : [[name, text] as const]
  })
  return { issuer: issuer.id, claims: Object.fromEntries(kept) }
}
