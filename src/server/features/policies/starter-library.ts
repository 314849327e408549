import type { Permission } from '../../../contract/permissions.ts'
import type { Provider } from '../../../contract/projects.ts'
import type { RunFacts } from '../../decision/run-facts.ts'
import { configStarters } from './config-starters.ts'

/** What an example changes in an ordinary Wednesday noon, from which it should be permitted or denied. */
export interface StarterExample {
  readonly says: string
  readonly outcome: 'permitted' | 'denied'
  readonly action?: Permission
  readonly run?: Partial<RunFacts>
  /** An ISO moment, where the time matters. */
  readonly at?: string
  readonly signedInMinutesAgo?: number
  readonly ip?: string
  readonly client?: 'person' | 'token'
  /** A CI config that is checked, in place of a run or a request. */
  readonly config?: { readonly provider: Provider; readonly text: string }
}

export interface StarterPolicy {
  readonly id: string
  readonly name: string
  readonly explanation: string
  readonly text: string
  readonly examples: readonly [StarterExample, StarterExample, ...StarterExample[]]
}

const use = 'action == Sallyport::Action::"context:use"'
const change = 'action in Sallyport::Action::"change"'
const starter = (
  id: string,
  name: string,
  explanation: string,
  reason: string,
  scope: string,
  clauses: string,
  ...examples: StarterPolicy['examples']
): StarterPolicy => ({
  id,
  name,
  explanation,
  text: `@reason("${reason}")\nforbid (principal, ${scope}, resource)\n${clauses};\n`,
  examples,
})

/** Policies to begin with: each validates, and each permits and denies what its examples say. */
export const starterLibrary: readonly StarterPolicy[] = [
  starter(
    'no-forks',
    'No secrets for forks',
    'A build of a fork runs code that nobody here has reviewed. It gets no context.',
    'builds of forks get no secrets',
    use,
    'when { context.fromFork }',
    { says: 'A build of a fork', outcome: 'denied', run: { fromFork: true } },
    { says: 'A build of the project itself', outcome: 'permitted' },
  ),
  starter(
    'no-ssh-rerun',
    'No secrets in a rerun with SSH',
    'Whoever reruns a job with SSH has a shell beside its secrets. Such a rerun gets none.',
    'reruns with SSH get no secrets',
    use,
    'when { context.sshRerun }',
    { says: 'A rerun with SSH', outcome: 'denied', run: { sshRerun: true } },
    { says: 'An ordinary run', outcome: 'permitted' },
  ),
  starter(
    'default-branch-only',
    'Default branch only',
    'Contexts are for what has been merged: runs of the default branch. Unknown branches are refused.',
    'only runs of the default branch get secrets',
    use,
    'unless { context has defaultBranch && context.defaultBranch }',
    { says: 'A run of the default branch', outcome: 'permitted', run: { defaultBranch: true } },
    { says: 'A run of a feature branch', outcome: 'denied', run: { defaultBranch: false } },
    { says: 'A run whose branch is unknown', outcome: 'denied' },
  ),
  starter(
    'no-tags',
    'No runs of tags',
    'Whoever can push a tag chooses what it points at. Runs of tags get no context.',
    'runs of tags get no secrets',
    use,
    'when { context has tag }',
    { says: 'A run of tag v1.2.0', outcome: 'denied', run: { tag: 'v1.2.0' } },
    { says: 'A run of a branch', outcome: 'permitted', run: { branch: 'main' } },
  ),
  starter(
    'one-approval',
    'One approval before secrets',
    'Somebody must have approved the run before it gets a context.',
    'a run needs an approval before it gets secrets',
    use,
    'unless { context.approvals >= 1 }',
    { says: 'Nobody approved', outcome: 'denied' },
    { says: 'Mia approved', outcome: 'permitted', run: { approvers: ['mia'] } },
  ),
  starter(
    'two-people',
    'Two people approve',
    'Two different people must have approved, and no author of the change counts among them.',
    'two people, none of them an author, must approve',
    use,
    'unless { context.approvals >= 2 && !context.selfApproved }',
    { says: 'One approval', outcome: 'denied', run: { approvers: ['mia'] } },
    { says: 'Two approvals', outcome: 'permitted', run: { approvers: ['mia', 'lin'] } },
    {
      says: 'Two approvals, one by the author',
      outcome: 'denied',
      run: { approvers: ['mia', 'lin'], authors: ['lin'] },
    },
  ),
  starter(
    'working-hours',
    'Deployments in working hours',
    'Secrets are served Monday to Thursday, 09:00 to 17:00 UTC, when people are there to notice.',
    'secrets are served Monday to Thursday, 09:00 to 17:00 UTC',
    use,
    'unless { context.weekday <= 4 && context.minuteOfDay >= 540 && context.minuteOfDay < 1020 }',
    { says: 'Wednesday noon', outcome: 'permitted' },
    { says: 'Wednesday evening', outcome: 'denied', at: '2026-11-25T17:00:00Z' },
    { says: 'Friday noon', outcome: 'denied', at: '2026-11-27T12:00:00Z' },
  ),
  starter(
    'year-end-freeze',
    'Year-end freeze',
    'No run gets a context between 19 December 2026 and 3 January 2027.',
    'the year-end freeze holds until 4 January',
    use,
    'when { context.now >= datetime("2026-12-19") && context.now < datetime("2027-01-04") }',
    { says: 'The day before', outcome: 'permitted', at: '2026-12-18T12:00:00Z' },
    { says: 'Christmas Eve', outcome: 'denied', at: '2026-12-24T12:00:00Z' },
    { says: 'The day after', outcome: 'permitted', at: '2027-01-04T12:00:00Z' },
  ),
  starter(
    'private-runners',
    'Private addresses only',
    'Runs must come from a private IPv4 network. A run whose address is unknown is refused.',
    'runs from outside the private networks get no secrets',
    use,
    `unless {
  context has ip &&
  (context.ip.isInRange(ip("10.0.0.0/8")) ||
   context.ip.isInRange(ip("172.16.0.0/12")) ||
   context.ip.isInRange(ip("192.168.0.0/16")))
}`,
    { says: 'From 10.1.2.3', outcome: 'permitted', run: { ip: '10.1.2.3' } },
    { says: 'From 203.0.113.9', outcome: 'denied', run: { ip: '203.0.113.9' } },
    { says: 'From an unknown address', outcome: 'denied' },
  ),
  starter(
    'no-api-triggers',
    'No runs started by the API',
    'A run that the API or a webhook started has no commit event behind it. It gets no context. Tokens of CircleCI do not say what started a run, so there it denies all.',
    'runs started by the API or a webhook get no secrets',
    use,
    'unless { context has trigger && !["api", "webhook"].contains(context.trigger) }',
    { says: 'Started by a push', outcome: 'permitted', run: { trigger: 'github_app' } },
    { says: 'Started by the API', outcome: 'denied', run: { trigger: 'api' } },
    { says: 'Started by something unknown', outcome: 'denied' },
  ),
  starter(
    'recent-sign-in',
    'Changes need a recent sign-in',
    'Whoever changes anything in the console must have signed in within the last 30 minutes.',
    'sign in again: the last sign-in is more than 30 minutes old',
    change,
    `when { context.client == "console" }
unless { context has sessionAge && context.sessionAge <= 1800 }`,
    { says: 'Signed in 10 minutes ago', outcome: 'permitted', signedInMinutesAgo: 10 },
    { says: 'Signed in an hour ago', outcome: 'denied', signedInMinutesAgo: 60 },
    { says: 'Looking, an hour later', outcome: 'permitted', action: 'context:view' },
  ),
  starter(
    'tokens-do-not-grant',
    'API tokens change no access',
    'Automation may store secrets, but roles and grants are changed by people only.',
    'API tokens change neither roles nor grants',
    `action in [
  Sallyport::Action::"grant:create",
  Sallyport::Action::"grant:revoke",
  Sallyport::Action::"role:create",
  Sallyport::Action::"role:update",
  Sallyport::Action::"role:delete"
]`,
    'when { context.client == "token" }',
    { says: 'A token grants', outcome: 'denied', action: 'grant:create', client: 'token' },
    { says: 'A person grants', outcome: 'permitted', action: 'grant:create' },
    { says: 'A token stores', outcome: 'permitted', action: 'secret:store', client: 'token' },
  ),
  starter(
    'delete-in-daylight',
    'Deleting in working hours',
    'Contexts and secrets are deleted Monday to Friday, 08:00 to 18:00 UTC only.',
    'contexts and secrets are deleted on working days, 08:00 to 18:00 UTC',
    'action in [Sallyport::Action::"context:delete", Sallyport::Action::"secret:delete"]',
    'unless { context.weekday <= 5 && context.minuteOfDay >= 480 && context.minuteOfDay < 1080 }',
    { says: 'Wednesday noon', outcome: 'permitted', action: 'context:delete' },
    {
      says: 'Sunday noon',
      outcome: 'denied',
      action: 'context:delete',
      at: '2026-11-29T12:00:00Z',
    },
  ),
  starter(
    'office-export',
    'The audit trail leaves from the office',
    'Audit events are exported from private networks only. Unknown addresses are refused.',
    'the audit trail is exported from the office network only',
    'action == Sallyport::Action::"audit:export"',
    'unless { context has ip && context.ip.isInRange(ip("10.0.0.0/8")) }',
    { says: 'In the office', outcome: 'permitted', action: 'audit:export', ip: '10.0.0.7' },
    { says: 'At home', outcome: 'denied', action: 'audit:export', ip: '203.0.113.9' },
  ),
  ...configStarters,
]
