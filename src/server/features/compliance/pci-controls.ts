import type { ControlDefinition } from './control.ts'

/** PCI DSS v4.0.1, requirements 7 and 8, as far as access to pipelines and their secrets goes. */
export const pciControls: readonly ControlDefinition[] = [
  {
    ref: 'PCI DSS 7.2.1',
    title: 'Access model',
    summary: 'Access is given by a model that follows what a job needs, and no more than that.',
    speaks:
      'Roles are sets of permissions, and grants give a role to a person or team in one place. There is no access beside grants.',
    checks: ['roles-held', 'decisions-because'],
    beyond: 'Whether the roles fit the jobs of your people is yours to judge.',
  },
  {
    ref: 'PCI DSS 7.2.2',
    title: 'Least privilege',
    summary: 'People are given access by their job, and the least of it that the job needs.',
    speaks:
      'Grants can end by themselves and be asked for again; their use is counted, so that what nobody uses is seen.',
    checks: ['privileged-ends', 'privileged-used'],
  },
  {
    ref: 'PCI DSS 7.2.3',
    title: 'Approved privileges',
    summary: 'Whoever is entitled to approves each privilege, and it is documented.',
    speaks:
      'A grant has its reason and who gave it; a request is approved by somebody else, which the database holds to.',
    checks: ['grants-decided', 'requests-second-person'],
  },
  {
    ref: 'PCI DSS 7.2.4',
    title: 'Review of access',
    summary:
      'All access of people, vendors included, is looked through at least every six months, wrong access is mended, and management acknowledges it.',
    speaks:
      'Access reviews freeze what everybody holds, and end with a sign-off what is not kept; when each grant was decided on last is known.',
    checks: ['access-reviewed', 'grants-looked-at', 'leavers-out'],
    beyond:
      'Management acknowledges by whoever answers for this here, who signs the review off. That they are management is the organization’s word.',
  },
  {
    ref: 'PCI DSS 7.2.5',
    title: 'Application and system accounts',
    summary:
      'Accounts of applications and systems have the least privilege that they need, on the systems that need them.',
    speaks:
      'Pipelines have no standing access: a run’s own token is told to be a project’s by trust rules, and restrictions say which contexts it gets.',
    checks: ['workloads-narrow', 'contexts-narrow', 'tokens-used'],
  },
  {
    ref: 'PCI DSS 7.2.5.1',
    title: 'Review of system accounts',
    summary:
      'Access of applications and systems is reviewed as often as the risk asks for, and what is wrong is mended.',
    speaks:
      'Each context and project has a team that answers for it, and unused tokens are found every night.',
    checks: ['contexts-owned', 'projects-owned', 'tokens-used'],
    most: 'partly',
    beyond: 'That the owners looked at it, and how often, is not measured.',
  },
  {
    ref: 'PCI DSS 7.2.6',
    title: 'Queries of stored card data',
    summary:
      'Whoever may query stored cardholder data does so through applications, by role; only its administrators do directly.',
    speaks: 'Contexts keep what opens such stores; the stores themselves are none of Sallyport’s.',
    checks: [],
    beyond: 'Stores of cardholder data are not seen from here.',
  },
  {
    ref: 'PCI DSS 7.3.1',
    title: 'An access control system',
    summary: 'A system limits access to what somebody needs to know, for all that is in scope.',
    speaks:
      'Every request passes one door, which asks the decision point; what it decided stands in Decisions.',
    checks: ['decisions-because'],
    beyond: 'Systems that are not reached through Sallyport are not seen.',
  },
  {
    ref: 'PCI DSS 7.3.2',
    title: 'Enforced by role',
    summary:
      'The system enforces what is given to individuals, applications and systems by their job.',
    speaks: 'Grants, restrictions and enforced policies decide each request anew.',
    checks: ['decisions-because', 'workloads-narrow'],
  },
  {
    ref: 'PCI DSS 7.3.3',
    title: 'Deny by default',
    summary: 'Whatever is not permitted is denied.',
    speaks:
      'Without a grant nothing may be done; a context without a restriction is given to no run.',
    checks: ['decisions-because', 'contexts-narrow'],
  },
  {
    ref: 'PCI DSS 8.2.1',
    title: 'Unique ids',
    summary: 'Everybody has an id of their own before they are let in.',
    speaks:
      'People are told apart by the identity provider’s issuer and subject, each of which is known once.',
    checks: ['accounts-personal'],
    beyond: 'Whether two people use one account cannot be seen.',
  },
  {
    ref: 'PCI DSS 8.2.2',
    title: 'Shared accounts',
    summary:
      'Shared accounts and credentials are the exception: justified, approved, for a time, and traced to a person.',
    speaks: 'API tokens belong to a person; a secret that stands in several contexts is found.',
    checks: ['accounts-personal', 'secrets-not-shared'],
  },
  {
    ref: 'PCI DSS 8.2.3',
    title: 'One factor for one customer',
    summary:
      'Service providers with access to customers’ premises use other factors for each customer.',
    speaks: 'One Sallyport is of one organization.',
    checks: [],
    beyond: 'It asks service providers alone, of access that is not given here.',
  },
  {
    ref: 'PCI DSS 8.2.4',
    title: 'Life of accounts',
    summary: 'Accounts are added, changed and removed by approval, and only as approved.',
    speaks:
      'Each grant and each change of a person is an event with its actor; grants carry their reason.',
    checks: ['grants-decided', 'leavers-out'],
    beyond: 'Accounts themselves are kept by the identity provider.',
  },
  {
    ref: 'PCI DSS 8.2.5',
    title: 'Leavers',
    summary: 'Whoever leaves loses access at once.',
    speaks:
      'Marking a person as having left ends their sessions and tokens in the same moment, and names the grants that remain.',
    checks: ['leavers-out'],
    beyond: 'Whether everybody who left was marked so is not measured.',
  },
  {
    ref: 'PCI DSS 8.2.6',
    title: 'Inactive accounts',
    summary: 'Accounts that were not used for 90 days are removed or disabled.',
    speaks:
      'When each person was last here is known; who was not for 90 days and holds a grant is a finding.',
    checks: ['people-not-dormant'],
  },
  {
    ref: 'PCI DSS 8.2.7',
    title: 'Access of third parties',
    summary:
      'Accounts by which third parties come from afar are enabled only while they are needed, and watched.',
    speaks: 'A grant ends by itself, and what was used from a new network is found.',
    checks: ['privileged-ends', 'watch-kept'],
    most: 'partly',
    beyond: 'Who is of a third party is not told here: put them into a team, and review it.',
  },
  {
    ref: 'PCI DSS 8.2.8',
    title: 'Idle sessions',
    summary: 'After 15 minutes without use somebody must sign in again.',
    speaks: 'SESSION_IDLE says after how long a session ends without use.',
    checks: ['session-idle-15'],
  },
  {
    ref: 'PCI DSS 8.3.1',
    title: 'Who it is, is proved',
    summary: 'All access of people and administrators is proved by at least one factor.',
    speaks: 'Nobody comes in but by the identity provider or a token that a person made.',
    checks: ['sessions-bound', 'accounts-personal'],
    beyond:
      'The identity provider keeps the factors: how it does is not seen here. Note where it says so.',
  },
  {
    ref: 'PCI DSS 8.3.2',
    title: 'Factors are unreadable',
    summary: 'Factors are encrypted where they are kept and on their way.',
    speaks: 'Passwords are never seen here; API tokens are kept as hashes, and ways are encrypted.',
    checks: ['traffic-encrypted'],
    most: 'partly',
    beyond:
      'The identity provider keeps the factors: how it does is not seen here. Note where it says so.',
  },
  {
    ref: 'PCI DSS 8.3.4',
    title: 'Attempts that fail',
    summary:
      'After ten attempts that fail an account is locked for half an hour, or until who it is has been made sure of.',
    speaks: 'Attempts with wrong tokens are slowed down by address.',
    checks: [],
    beyond:
      'The identity provider keeps the factors: how it does is not seen here. Note where it says so.',
  },
  {
    ref: 'PCI DSS 8.3.6',
    title: 'Length of passwords',
    summary: 'Passwords have twelve characters and more, of letters and digits.',
    speaks: 'There are no passwords here.',
    checks: [],
    beyond:
      'The identity provider keeps the factors: how it does is not seen here. Note where it says so.',
  },
  {
    ref: 'PCI DSS 8.3.9',
    title: 'Age of passwords',
    summary:
      'Where a password is the only factor it changes every 90 days, or access is decided by risk as it happens.',
    speaks: 'Each request is decided anew; sessions end by themselves.',
    checks: ['session-ends', 'sign-in-multi-factor'],
    most: 'partly',
    beyond:
      'The identity provider keeps the factors: how it does is not seen here. Note where it says so.',
  },
  {
    ref: 'PCI DSS 8.4.1',
    title: 'MFA for administrators',
    summary: 'Whoever administers signs in with more than one factor.',
    speaks:
      'The identity provider signs people in, and says how; what is dangerous asks for a fresh sign-in besides.',
    checks: ['sign-in-multi-factor', 'step-up'],
  },
  {
    ref: 'PCI DSS 8.4.2',
    title: 'MFA for all access',
    summary:
      'Whoever gets into the environment, not from a console beside it, signs in with more than one factor.',
    speaks: 'The identity provider signs people in, and says how.',
    checks: ['sign-in-multi-factor'],
  },
  {
    ref: 'PCI DSS 8.4.3',
    title: 'MFA from outside',
    summary: 'Access from outside of the network is with more than one factor.',
    speaks: 'Sign-in is the same from everywhere.',
    checks: ['sign-in-multi-factor'],
  },
  {
    ref: 'PCI DSS 8.5.1',
    title: 'MFA that holds',
    summary:
      'Multi-factor authentication cannot be replayed or bypassed, and every factor must succeed.',
    speaks:
      'Tokens are bound to a key of the browser, so that a copied one is worth nothing; a request that replays a proof is refused.',
    checks: ['sign-in-multi-factor', 'sessions-bound'],
    beyond: 'How the identity provider asks for its factors is not seen.',
  },
  {
    ref: 'PCI DSS 8.6.1',
    title: 'Interactive use of system accounts',
    summary:
      'System accounts are used by a person only as an exception: for a time, justified, approved, and traced.',
    speaks:
      'A rerun with SSH, by which a person steps into a run, is refused unless a trust rule admits it.',
    checks: ['workloads-narrow'],
  },
  {
    ref: 'PCI DSS 8.6.2',
    title: 'No secrets in code',
    summary: 'Passwords of system accounts stand in no script, file or source.',
    speaks:
      'Secrets are given to a run by a lease, and where a cloud takes the run’s own token none is needed.',
    checks: ['secrets-federated', 'secrets-sealed'],
    most: 'partly',
    beyond: 'Source and scripts are not searched for secrets.',
  },
  {
    ref: 'PCI DSS 8.6.3',
    title: 'Rotation of secrets',
    summary:
      'Secrets of system accounts are changed as often as the risk asks for, and when they may be known.',
    speaks:
      'The age of each secret is known; a lease that was shown twice asks for its secrets to change.',
    checks: ['secrets-rotated', 'leases-once'],
  },
]
