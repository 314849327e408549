import type { Finding } from '../../../contract/findings.ts'
import { paths } from '../../paths.ts'

/** Where a finding's fix is made: the form is filled in as far as the finding tells. */
export function fixPath({ fix: { opens, id }, title, says, evidence }: Finding): string {
  // The first row is the one to begin with: a secret's name, by itself or before where it is the same.
  const firstWord = evidence[0]?.name.split(' ')[0]
  const because = `${title}: ${says}`
  // Of several rows, those that are mended here are told by their kind.
  const first = (kind: string) => evidence.find((row) => row.kind === kind)
  const outOfTeam = () => paths.team(first('team')?.id ?? '', undefined, { out: id })
  switch (opens) {
    case 'grant.revoke':
      return paths.grant(id, undefined, { revoke: because })
    case 'grant.end':
      return paths.grant(id, undefined, { end: 30 })
    // What is left when nothing is granted to them directly: the teams that hold it for them.
    case 'grants.revoke':
      return evidence.some(({ what }) => what === 'Grant') || !first('team')
        ? paths.grants({ person: id, revoke: because })
        : outOfTeam()
    case 'team.out':
      return outOfTeam()
    case 'grantAdmin':
      return paths.grantNew({ role: id, reason: because })
    case 'review.again':
      return paths.reviewNew({ again: id })
    case 'person.sessions':
      return paths.person(id, 'sessions', { end: true })
    case 'context.restrictSegment':
      return paths.context(id, 'restrictions', { add: 'segment' })
    case 'context.restrictTeam':
      return paths.context(id, 'restrictions', { add: 'team' })
    case 'context.restrictBranch':
      return paths.context(id, 'restrictions', { add: 'expression' })
    case 'forkPaths': {
      const rule = first('trustRule')?.id
      return rule ? paths.trustRule(rule, undefined, { without: 'forks' }) : paths.forkPaths()
    }
    case 'context.federate':
      return paths.context(id, 'settings', { instead: firstWord })
    case 'context.replaceSecret':
      return paths.context(id, undefined, { replace: firstWord })
    case 'context.deleteSecret':
      return paths.context(id, undefined, { delete: firstWord })
    case 'context.owner':
      return paths.context(id, 'settings', { team: first('team')?.id })
    case 'context.closed': {
      const asked = first('project')?.id
      return asked
        ? paths.context(id, 'restrictions', { add: 'project', target: asked })
        : paths.context(id, 'settings', { delete: true })
    }
    case 'policy.enforcement':
      return paths.policy(id, 'enforcement', { reason: because })
    case 'policy.text':
      return paths.policy(id)
    // What is enforced is taken out of force first.
    case 'policy.retire':
      return evidence.some(({ what, name }) => what === 'Mode' && name === 'enforce')
        ? paths.policy(id, 'enforcement', { end: 'draft', reason: because })
        : paths.policy(id, 'settings', { delete: true })
    case 'trustRule.name':
      return paths.trustRule(id, undefined, { without: 'name' })
    case 'trustRule.wildcard':
      return paths.trustRule(id, undefined, { without: 'wildcard' })
    case 'trustRule.forks':
      return paths.trustRule(id, undefined, { without: 'forks' })
    case 'trustRule.ssh':
      return paths.trustRule(id, undefined, { without: 'ssh' })
    case 'issuer.audience':
      return paths.issuer(id, 'settings', { set: 'audience' })
    case 'issuer.bindAddress':
      return paths.issuer(id, 'settings', { set: 'bindAddress' })
    case 'project.owner':
      return paths.project(id, 'settings', { team: first('team')?.id })
    case 'project.check': {
      const check = first('check')
      return check?.id
        ? paths.check(check.id, undefined, { line: check.line })
        : paths.checks({ project: id })
    }
    case 'project.checkNew':
      return paths.checkNew({ project: id })
    case 'project.refused':
      return paths.decisions({ project: id, outcome: 'denied' })
    case 'segment.settings': {
      const networks = evidence.filter(({ kind }) => kind === 'network').map(({ name }) => name)
      return paths.segment(id, 'settings', { ranges: networks.join(' ') || undefined })
    }
    case 'role.delete':
      return paths.role(id, undefined, { delete: true })
    case 'role.edit':
      return paths.role(id, 'edit', { drop: evidence.map(({ name }) => name).join(' ') })
    case 'team':
      return paths.team(id, undefined, { lead: first('person')?.id })
    case 'lease.rotate': {
      const secret = first('context')
      return secret?.id
        ? paths.context(secret.id, undefined, { replace: secret.name.split(' ')[0] })
        : paths.lease(id)
    }
    case 'apiTokens':
      return paths.apiTokens({ revoke: id })
    case 'checkpoints':
      return paths.checkpoints()
  }
}
