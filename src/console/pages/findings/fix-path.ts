import type { Finding } from '../../../contract/findings.ts'
import { paths } from '../../paths.ts'

/** Where a finding's fix is made: the form is filled in as far as the finding tells. */
export function fixPath({ fix: { opens, id }, title, says, evidence }: Finding): string {
  const because = `${title}: ${says}`
  switch (opens) {
    case 'grant.revoke':
      return paths.grant(id, undefined, { revoke: because })
    case 'grants.person':
      return paths.grants({ person: id })
    case 'grantAdmin':
      return paths.grantNew({ role: id, reason: because })
    case 'person.sessions':
      return paths.person(id, 'sessions')
    case 'context.restrictions':
      return paths.context(id, 'restrictions')
    case 'context.restrictBranch':
      return paths.context(id, 'restrictions', { add: 'expression' })
    case 'forkPaths':
      return paths.forkPaths()
    case 'context.secrets':
      return paths.context(id)
    case 'context.settings':
      return paths.context(id, 'settings')
    case 'policy.enforcement':
      return paths.policy(id, 'enforcement')
    case 'policy.text':
      return paths.policy(id)
    case 'trustRule':
      return paths.trustRule(id)
    case 'issuer.settings':
      return paths.issuer(id, 'settings')
    case 'project.settings':
      return paths.project(id, 'settings')
    case 'project.check':
      return paths.checks({ project: id })
    case 'project.checkNew':
      return paths.checkNew({ project: id })
    case 'project.decisions':
      return paths.project(id, 'decisions')
    case 'segment.settings':
      return paths.segment(id, 'settings')
    case 'role':
      return paths.role(id)
    case 'role.edit':
      return paths.role(id, 'edit', { drop: evidence.map(({ name }) => name).join(' ') })
    case 'team':
      return paths.team(id)
    case 'lease':
      return paths.lease(id)
    case 'apiTokens':
      return paths.apiTokens()
    case 'checkpoints':
      return paths.checkpoints()
  }
}
