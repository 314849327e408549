import { sql } from 'kysely'
import { ofFindings, ofObjects, row, type Check } from './check.ts'
import { objects } from './objects.ts'

const findings = (label: string, detection: string) =>
  ({ label: `Findings: ${label}`, opens: 'findings', params: { detection } }) as const

/** What pipelines may do, and who decides it. */
export const deliveryChecks: readonly Check[] = [
  {
    id: 'contexts-narrow',
    asks: 'Contexts, and whether the restrictions of each keep out what need not be let in: ten projects that are a quarter of all, or all of three or more; any branch or tag in production; a lower segment. A context without a restriction lets nobody in.',
    satisfy:
      'Restrict the contexts that are named to the projects, branches and segment that need them.',
    list: findings('context that too many projects reach', 'context-too-wide'),
    ask: ofFindings(
      {
        of: ['context', 'contexts'],
        good: ['lets in only what it names', 'let in only what they name'],
        bad: ['lets in more than it needs to', 'let in more than they need to'],
        none: 'There is no context yet.',
      },
      ['context-too-wide', 'context-any-branch', 'context-lower-segment'],
      objects.contexts,
    ),
  },
  {
    id: 'contexts-owned',
    asks: 'Contexts, and whether a team answers for each.',
    satisfy: 'Name the team of each context that is named.',
    list: findings('context without an owner', 'context-without-owner'),
    ask: ofFindings(
      {
        of: ['context', 'contexts'],
        good: ['has a team that answers for it', 'have a team that answers for them'],
        bad: ['has nobody who answers for it', 'have nobody who answers for them'],
        none: 'There is no context yet.',
      },
      ['context-without-owner'],
      objects.contexts,
    ),
  },
  {
    id: 'projects-owned',
    asks: 'Projects, and whether a team answers for each.',
    satisfy: 'Name the team of each project that is named.',
    list: findings('project without an owner', 'project-without-owner'),
    ask: ofFindings(
      {
        of: ['project', 'projects'],
        good: ['has a team that answers for it', 'have a team that answers for them'],
        bad: ['has nobody who answers for it', 'have nobody who answers for them'],
        none: 'There is no project yet.',
      },
      ['project-without-owner'],
      objects.projects,
    ),
  },
  {
    id: 'segments-bounded',
    asks: 'Production segments, and whether each says from which addresses or runner classes its runs come.',
    satisfy: 'Set the addresses or the runner classes of each segment that is named.',
    list: findings('production segment without a network', 'segment-open'),
    ask: ofFindings(
      {
        of: ['production segment', 'production segments'],
        good: ['says from where its runs come', 'say from where their runs come'],
        bad: ['takes runs from anywhere', 'take runs from anywhere'],
        none: 'There is no production segment.',
      },
      ['segment-open'],
      objects.productionSegments,
    ),
  },
  {
    id: 'workloads-narrow',
    asks: 'Trust rules, by which a run’s token is told to be a project’s, and whether each goes by immutable ids, without wildcards, forks and reruns with SSH.',
    satisfy:
      'Change the rules that are named: by the CI’s own id of the project, and by nothing that anybody can open.',
    list: { label: 'Trust rules', opens: 'trustRules' },
    ask: ofFindings(
      {
        of: ['trust rule', 'trust rules'],
        good: ['admits only what it names', 'admit only what they name'],
        bad: ['admits more than it names', 'admit more than they name'],
        none: 'There is no trust rule yet.',
      },
      ['trust-forks', 'trust-by-name', 'trust-wildcard', 'trust-ssh'],
      objects.trustRules,
    ),
  },
  {
    id: 'issuers-bound',
    asks: 'CI systems whose tokens are trusted, and whether each has an audience of its own, and leases that only their run’s address redeems.',
    satisfy: 'Give each an audience that is made for it alone, and bind its leases to the address.',
    list: { label: 'Issuers', opens: 'issuers' },
    ask: ofFindings(
      {
        of: ['CI system', 'CI systems'],
        good: ['is bound to its runs', 'are bound to their runs'],
        bad: ['is not bound to its runs', 'are not bound to their runs'],
        none: 'No CI system is trusted yet.',
      },
      ['issuer-shared-audience', 'issuer-unbound'],
      objects.issuers,
    ),
  },
  {
    id: 'tokens-used',
    asks: 'API tokens that are live, and whether each was used in the last 30 days or is newer than that.',
    satisfy: 'Revoke the tokens that nobody uses.',
    list: { label: 'API tokens', opens: 'apiTokens', params: { everyone: 'true' } },
    ask: ofFindings(
      {
        of: ['live API token', 'live API tokens'],
        good: ['is used, or new', 'are used, or new'],
        bad: ['is not used', 'are not used'],
        none: 'There is no live API token.',
      },
      ['token-unused'],
      objects.tokens,
    ),
  },
  {
    id: 'leases-once',
    asks: 'Leases of the last 30 days, and whether somebody tried to redeem one again while its secrets are still the same.',
    satisfy: 'Rotate what the leases opened that are named.',
    list: { label: 'Leases that were shown twice', opens: 'leases', params: { replayed: 'true' } },
    ask: ofFindings(
      {
        of: ['lease of the last 30 days', 'leases of the last 30 days'],
        good: [
          'was given for one run, for 15 minutes at most, and shown once',
          'were given for one run each, for 15 minutes at most, and shown once',
        ],
        bad: ['was shown twice', 'were shown twice'],
        none: 'No run was given a lease in the last 30 days.',
        strict: true,
      },
      ['lease-replayed'],
      objects.leases,
    ),
  },
  {
    id: 'policies-decide',
    asks: 'Policies that are evaluated or enforced, and whether each was put in force in time and ever applies.',
    satisfy: 'Enforce what was tried for long enough, and delete what never applies.',
    list: { label: 'Policies', opens: 'policies' },
    ask: ofFindings(
      {
        of: ['policy in use', 'policies in use'],
        good: ['decides', 'decide'],
        bad: ['is only tried, or never applies', 'are only tried, or never apply'],
        none: 'No policy is evaluated or enforced.',
      },
      ['policy-evaluate-late', 'policy-never-applies'],
      objects.policies,
    ),
  },
  {
    id: 'enforcement-second-person',
    asks: 'Policies that are enforced, and whether another person approved what one asked for: the version that is in force.',
    satisfy: 'End the enforcement, ask for it again, and have a second person approve.',
    list: { label: 'Enforced policies', opens: 'policies', params: { mode: 'enforce' } },
    ask: ofObjects(
      {
        of: ['enforced policy', 'enforced policies'],
        good: ['was approved by a second person', 'were approved by a second person'],
        bad: ['was approved by nobody else', 'were approved by nobody else'],
        none: 'No policy is enforced.',
        strict: true,
      },
      () => sql`
        select ${row({
          what: sql`'Policy'`,
          kind: sql`'policy'`,
          id: sql`x.id`,
          name: sql`x.name`,
          good: sql`a.id is not null`,
          says: sql`coalesce('version ' || x.version_in_force || ', asked for by ' || one.name || ', approved by ' || other.name, 'without an approval')`,
          at: sql`a.decided_at`,
        })} from policy x
        left join lateral (
          select * from policy_approval v where v.policy_id = x.id and v.number = x.version_in_force
            and v.verdict = 'approved' and v.decided_by <> v.asked_by
          order by v.decided_at desc limit 1) a on true
        left join person one on one.id = a.asked_by left join person other on other.id = a.decided_by
        where x.mode = 'enforce'`,
    ),
  },
  {
    id: 'administrators-two',
    asks: 'Whether at least two people who may enforce policies everywhere were here in the last 30 days.',
    satisfy: 'Grant Security admin to another person who is here.',
    list: findings('nobody could stand in for the administrator', 'few-administrators'),
    ask: ofFindings(
      {
        of: ['organization', 'organizations'],
        good: [
          'has two people who can act in an emergency',
          'have two people who can act in an emergency',
        ],
        bad: ['has not', 'have not'],
        none: 'There is no organization.',
      },
      ['few-administrators'],
      objects.organization,
    ),
  },
  {
    id: 'production-approved',
    asks: 'Projects whose CI config was checked, and whether a job of each reaches a production context without an approval before it.',
    satisfy: 'Put an approval job before the jobs that are named.',
    list: findings('production job without an approval', 'config-no-approval'),
    ask: ofFindings(
      {
        of: ['project with a checked config', 'projects with a checked config'],
        good: [
          'reaches production only after an approval',
          'reach production only after an approval',
        ],
        bad: ['reaches production without one', 'reach production without an approval'],
        none: 'No CI config was checked yet.',
      },
      ['config-no-approval'],
      objects.checkedProjects,
    ),
  },
  {
    id: 'code-pinned',
    asks: 'Projects whose CI config was checked, and whether each pins the orbs, actions and images that it runs.',
    satisfy:
      'Pin an action to its commit, an orb to its full version, an image to a digest or a full version.',
    list: findings('pipeline that runs unpinned code', 'config-unpinned'),
    ask: ofFindings(
      {
        of: ['project with a checked config', 'projects with a checked config'],
        good: ['runs only what is pinned', 'run only what is pinned'],
        bad: ['runs what others may change', 'run what others may change'],
        none: 'No CI config was checked yet.',
      },
      ['config-unpinned'],
      objects.checkedProjects,
    ),
  },
  {
    id: 'configs-checked',
    asks: 'Projects, and whether the CI config of each was checked against the policies in the last 30 days, or the project is newer than that.',
    satisfy: 'Have the pipelines of the projects that are named check their config.',
    list: findings('project whose config is not checked', 'project-unchecked'),
    ask: ofFindings(
      {
        of: ['project', 'projects'],
        good: ['has its config checked, or is new', 'have their config checked, or are new'],
        bad: ['has not', 'have not'],
        none: 'There is no project yet.',
      },
      ['project-unchecked'],
      objects.projects,
    ),
  },
]
