import { circleci, config, production, says } from './config-starter.ts'
import { sourceStarters } from './config-source-starters.ts'
import type { StarterPolicy } from './starter-library.ts'

/** Rules for what a pipeline's configuration may contain. Each names what is production here; change that first. */
export const configStarters: readonly StarterPolicy[] = [
  config(
    'config-production-branches',
    'Production from protected branches only',
    'A job that uses the production context or environment must be limited to the branch main, or to what GitLab protects. A pattern, a tag or no filter at all would let other branches in.',
    [
      {
        id: 'production_branches',
        reason:
          '{workflow}.{name}: production is for branch main; this job runs for {branchFilter} branches {branches}',
        on: 'job',
        clauses: `when { ${production} }
unless {
  ["main", "(protected)"].containsAll(context.branches) && !context.branches.isEmpty() &&
  (context.tagFilter == "none" || (["(protected)"].containsAll(context.tags) && !context.tags.isEmpty()))
}`,
      },
    ],
    says(
      'denied',
      'A deployment without a branch filter',
      'circleci',
      ...circleci(['deploy'], ['deploy: {context: production}']),
    ),
    says(
      'denied',
      'A deployment of every release branch',
      'circleci',
      ...circleci(
        ['deploy'],
        ['deploy: {context: production, filters: {branches: {only: /release.*/}}}'],
      ),
    ),
    says(
      'denied',
      'A context that a parameter names',
      'circleci',
      ...circleci(['deploy'], ['deploy: {context: << pipeline.parameters.context >>}']),
    ),
    says(
      'permitted',
      'A deployment of main',
      'circleci',
      ...circleci(['deploy'], ['deploy: {context: production, filters: {branches: {only: main}}}']),
    ),
    says(
      'permitted',
      'A GitLab job for protected refs',
      'gitlab',
      'deploy:',
      '  image: alpine:3.22.1',
      '  environment: production',
      '  rules: [{if: $CI_COMMIT_REF_PROTECTED == "true"}]',
      '  script: [./deploy]',
    ),
  ),
  config(
    'config-approval',
    'A named approval before production',
    'A person must have approved, in the job called hold or approve, before a job uses production. GitHub approves by its environments, which are no part of the file, so its workflows are not asked.',
    [
      {
        id: 'production_approval',
        reason: '{workflow}.{name}: no approval job called hold or approve comes before it',
        on: 'job',
        clauses: `when { context.provider != "github" && (${production}) }
unless { context.approvals.containsAny(["hold", "approve"]) }`,
      },
    ],
    says(
      'denied',
      'Nothing before the deployment',
      'circleci',
      ...circleci(['deploy'], ['deploy: {context: production}']),
    ),
    says(
      'denied',
      'An approval beside the deployment, not before it',
      'circleci',
      ...circleci(['deploy'], ['hold: {type: approval}', 'deploy: {context: production}']),
    ),
    says(
      'permitted',
      'An approval two jobs before',
      'circleci',
      ...circleci(
        ['build', 'deploy'],
        [
          'hold: {type: approval}',
          'build: {requires: [hold]}',
          'deploy: {context: production, requires: [build]}',
        ],
      ),
    ),
  ),
  config(
    'config-no-fork-path',
    'No path from a fork to production',
    'No pull request of a fork makes a job run that uses production, and none is checked out where secrets are. On CircleCI only a filter of named branches keeps forks out for certain.',
    [
      {
        id: 'fork_path',
        reason: '{workflow}.{name}: a pull request of a fork can make this job run ({forkPath})',
        on: 'job',
        clauses: `when { ${production} }\nunless { ["none", "without_secrets"].contains(context.forkPath) }`,
      },
      {
        id: 'fork_checkout',
        reason: '{workflow}.{name}: checks out a pull request’s code in a run that has secrets',
        on: 'job',
        clauses: 'when { context.checksOutFork }',
      },
    ],
    says(
      'denied',
      'A deployment that any branch starts',
      'circleci',
      ...circleci(['deploy'], ['deploy: {context: production}']),
    ),
    says(
      'denied',
      'A pull request’s code beside the repository’s secrets',
      'github',
      'on: pull_request_target',
      'permissions: {}',
      'jobs:',
      '  test:',
      '    runs-on: ubuntu-latest',
      '    steps:',
      '      - uses: actions/checkout@v4',
      '        with: {ref: "${{ github.event.pull_request.head.sha }}"}',
    ),
    says(
      'permitted',
      'Pull requests are tested without secrets',
      'github',
      'on: pull_request',
      'permissions: {}',
      'jobs:',
      '  test:',
      '    runs-on: ubuntu-latest',
      '    steps: [{run: npm test}]',
    ),
  ),
  config(
    'config-required-jobs',
    'Tests, a scan and signing are there',
    'Every config has a job called test, scan and sign. What an orb or another file would add cannot be seen, and does not count.',
    ['test', 'scan', 'sign'].map((job) => ({
      id: `required_${job}`,
      reason: `no job called ${job}; this config has {jobs}`,
      on: 'file',
      clauses: `when { context.config != "setup" }\nunless { context.jobs.contains("${job}") }`,
    })),
    says('denied', 'A config that only tests', 'circleci', ...circleci(['test'], ['test'])),
    says(
      'permitted',
      'A config with all three',
      'circleci',
      ...circleci(['test', 'scan', 'sign'], ['test', 'scan', 'sign']),
    ),
  ),
  config(
    'config-no-dangerous-triggers',
    'No triggers that strangers pull',
    'pull_request_target, workflow_run and comments run with the repository’s secrets on what anybody on the internet brings about.',
    [
      {
        id: 'dangerous_triggers',
        reason: '{name}: is started by {dangerousTriggers}, with secrets',
        on: 'workflow',
        clauses: 'unless { context.dangerousTriggers.isEmpty() }',
      },
    ],
    says(
      'denied',
      'pull_request_target',
      'github',
      'on: [push, pull_request_target]',
      'jobs:',
      '  test: {runs-on: ubuntu-latest, steps: [{run: make}]}',
    ),
    says(
      'permitted',
      'push and pull_request',
      'github',
      'on: [push, pull_request]',
      'jobs:',
      '  test: {runs-on: ubuntu-latest, steps: [{run: make}]}',
    ),
  ),
  config(
    'config-least-permissions',
    'Jobs name the permissions they need',
    'A GitHub job says which permissions its token has, and never all of them. What the repository’s default gives is not known here.',
    [
      {
        id: 'least_permissions',
        reason: '{workflow}.{name}: its token may do {permissions}',
        on: 'job',
        clauses:
          'when { context.provider == "github" && context.permissions.contains("*: write") }',
      },
    ],
    says(
      'denied',
      'write-all',
      'github',
      'on: push',
      'permissions: write-all',
      'jobs:',
      '  test: {runs-on: ubuntu-latest, steps: [{run: make}]}',
    ),
    says(
      'denied',
      'Nothing said',
      'github',
      'on: push',
      'jobs:',
      '  test: {runs-on: ubuntu-latest, steps: [{run: make}]}',
    ),
    says(
      'permitted',
      'Reading only',
      'github',
      'on: push',
      'permissions: {contents: read}',
      'jobs:',
      '  test: {runs-on: ubuntu-latest, steps: [{run: make}]}',
    ),
  ),
  config(
    'config-own-runners',
    'Own runners run only what is merged',
    'A self-hosted runner keeps what a job leaves on it. Only jobs of named branches go there, never a fork’s.',
    [
      {
        id: 'own_runners',
        reason:
          '{workflow}.{name}: runner {runnerClass} is ours, and other branches than named ones reach it',
        on: 'job',
        clauses:
          'when { context.selfHosted }\nunless { context.branchFilter == "literal" && context.forkPath == "none" }',
      },
    ],
    says(
      'denied',
      'Every pull request on an own runner',
      'github',
      'on: pull_request',
      'jobs:',
      '  test: {runs-on: [self-hosted, linux], steps: [{run: make}]}',
    ),
    says(
      'permitted',
      'main on an own runner',
      'github',
      'on: {push: {branches: [main]}}',
      'jobs:',
      '  test: {runs-on: [self-hosted, linux], steps: [{run: make}]}',
    ),
  ),
  config(
    'config-no-remote-shell',
    'No shell into a running job',
    'Steps such as tmate let somebody into the job, beside its secrets. Rerunning with SSH does the same where production is used.',
    [
      {
        id: 'remote_shell',
        reason: '{workflow}.{name}: a step opens a shell into the running job',
        on: 'job',
        clauses: 'when { context.remoteShell }',
      },
      {
        id: 'ssh_rerun',
        reason: '{workflow}.{name}: reruns with SSH do not reach production',
        on: 'job',
        clauses: `when { (${production}) && context.sshRerun }`,
      },
    ],
    says(
      'denied',
      'tmate',
      'github',
      'on: push',
      'jobs:',
      '  test: {runs-on: ubuntu-latest, steps: [{uses: mxschmitt/action-tmate@v3}]}',
    ),
    says(
      'permitted',
      'Tests',
      'github',
      'on: push',
      'jobs:',
      '  test: {runs-on: ubuntu-latest, steps: [{run: make}]}',
    ),
  ),
  ...sourceStarters,
]
