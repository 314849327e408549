import type { ControlDefinition } from './control.ts'

/** SOC 2’s common criteria CC6 to CC8, and the tenets of zero trust of NIST SP 800-207. */
export const trustControls: readonly ControlDefinition[] = [
  {
    ref: 'SOC 2 CC6.1',
    title: 'Logical access',
    summary: 'Access to what is worth protecting is limited by software and architecture.',
    speaks:
      'Contexts bundle secrets and restrict who may use them; secrets are sealed and rotated.',
    checks: ['contexts-narrow', 'secrets-sealed', 'secrets-rotated', 'secrets-needed'],
  },
  {
    ref: 'SOC 2 CC6.2',
    title: 'Registration and removal',
    summary:
      'Users are registered and authorized before they get credentials, and lose them when they need them no more.',
    speaks: 'Grants carry who gave them and why; leavers and dormant people are found.',
    checks: ['grants-decided', 'leavers-out', 'people-not-dormant'],
  },
  {
    ref: 'SOC 2 CC6.3',
    title: 'Roles and separated duties',
    summary:
      'Access follows roles, is the least that is needed, and no one person can do all of it.',
    speaks: 'Enforcing a policy takes a second person; privileged grants end.',
    checks: [
      'privileged-ends',
      'privileged-used',
      'enforcement-second-person',
      'requests-second-person',
    ],
  },
  {
    ref: 'SOC 2 CC6.4',
    title: 'Physical access',
    summary: 'Premises and machines are entered only by whom it is permitted.',
    speaks: 'Nothing of it is in software.',
    checks: [],
    beyond: 'Premises are not seen from here. Note where it is shown.',
  },
  {
    ref: 'SOC 2 CC6.5',
    title: 'What is given up',
    summary: 'Protection of an asset ends only when its data can be read no more.',
    speaks:
      'Secrets are sealed: without the master key their bytes, backups included, say nothing. Leases end within minutes.',
    checks: ['secrets-sealed', 'leases-once'],
    most: 'partly',
    beyond: 'Whether media and old backups are destroyed is not seen.',
  },
  {
    ref: 'SOC 2 CC6.6',
    title: 'Boundaries',
    summary: 'What comes from outside of the boundary is held off.',
    speaks:
      'Segments say from which addresses and runners runs come; trust rules say which tokens are whose.',
    checks: ['segments-bounded', 'workloads-narrow', 'issuers-bound'],
  },
  {
    ref: 'SOC 2 CC6.7',
    title: 'Data on its way',
    summary: 'Data is moved only by whom it may be, and guarded on its way.',
    speaks: 'Leases are for one run, once; ways are encrypted.',
    checks: ['traffic-encrypted', 'leases-once'],
  },
  {
    ref: 'SOC 2 CC6.8',
    title: 'Software that was not authorized',
    summary: 'Software that was not authorized is kept out, or noticed.',
    speaks:
      'Config checks see which orbs, actions and images a pipeline runs, and whether they are pinned.',
    checks: ['code-pinned', 'configs-checked'],
    beyond: 'Only what CI configs name is seen, not what runs on the machines.',
  },
  {
    ref: 'SOC 2 CC7.1',
    title: 'Changes of configuration',
    summary: 'Changes of configuration that bring weaknesses are noticed.',
    speaks:
      'CI configs are checked against the policies; each change of the console is an event that detections heed.',
    checks: ['configs-checked', 'watch-kept'],
  },
  {
    ref: 'SOC 2 CC7.2',
    title: 'Anomalies',
    summary: 'What is unusual is watched for, as a sign of an attack or a failure.',
    speaks:
      'Bursts of refusals, leases that are shown twice and a record that falls behind are looked for every ten minutes.',
    checks: ['watch-kept', 'record-current', 'leases-once'],
  },
  {
    ref: 'SOC 2 CC7.3',
    title: 'Evaluation of events',
    summary: 'Events are judged: whether they are incidents.',
    speaks: 'Findings have a severity, and are muted or accepted only with a reason.',
    checks: ['findings-decided'],
  },
  {
    ref: 'SOC 2 CC7.4',
    title: 'Answers to incidents',
    summary: 'Incidents are answered by a procedure.',
    speaks: 'Sessions, tokens, grants and leases are cut at once, alone or all together.',
    checks: ['findings-decided', 'administrators-two'],
    most: 'partly',
    beyond: 'The procedure, and how it was followed, is yours.',
  },
  {
    ref: 'SOC 2 CC7.5',
    title: 'Recovery',
    summary: 'What an incident took is restored.',
    speaks: 'Secrets are rolled back by version, policies likewise.',
    checks: [],
    beyond: 'Backups and their restoring are not measured. Note when they were tried last.',
  },
  {
    ref: 'SOC 2 CC8.1',
    title: 'Changes are authorized',
    summary: 'Changes are authorized, tested and approved before they are made.',
    speaks:
      'Policies are tried, tested and approved by a second person; jobs that reach production are held to an approval.',
    checks: ['enforcement-second-person', 'production-approved', 'policies-decide'],
    beyond: 'How your own software is tested is not measured.',
  },
  {
    ref: 'NIST SP 800-207 tenet 1',
    title: 'Everything is a resource',
    summary: 'All sources of data and all services are resources that are guarded.',
    speaks: 'Contexts and projects are known one by one, each with its place and its owner.',
    checks: ['contexts-owned', 'projects-owned'],
  },
  {
    ref: 'NIST SP 800-207 tenet 2',
    title: 'All ways are secured',
    summary: 'Communication is secured wherever it comes from.',
    speaks:
      'Outside of this machine addresses must begin with https; a segment’s network adds to that, and replaces nothing.',
    checks: ['traffic-encrypted', 'segments-bounded'],
  },
  {
    ref: 'NIST SP 800-207 tenet 3',
    title: 'Access for one session',
    summary: 'Access is given for one session, and the least that the task needs.',
    speaks: 'A lease is for one run, short-lived, and redeemed once; grants can end by themselves.',
    checks: ['leases-once', 'privileged-ends', 'contexts-narrow', 'secrets-federated'],
  },
  {
    ref: 'NIST SP 800-207 tenet 4',
    title: 'Dynamic policy',
    summary:
      'Access is decided by policy from what is observed of who asks, with what, and from where.',
    speaks:
      'Policies and restrictions read branch, tag, fork, runner, approvers, address and time of each run.',
    checks: ['policies-decide', 'workloads-narrow'],
  },
  {
    ref: 'NIST SP 800-207 tenet 5',
    title: 'Posture is watched',
    summary: 'The integrity and posture of what is owned is measured.',
    speaks: 'Detections, scores and config checks measure it.',
    checks: ['watch-kept', 'configs-checked'],
    beyond: 'The machines that people and runs use are not measured.',
  },
  {
    ref: 'NIST SP 800-207 tenet 6',
    title: 'Strictly before access',
    summary: 'Who asks is authenticated and authorized before access, again and again.',
    speaks:
      'Each request is decided by what holds at that moment; what is dangerous asks for a fresh sign-in.',
    checks: ['decisions-because', 'step-up', 'sign-in-multi-factor'],
  },
  {
    ref: 'NIST SP 800-207 tenet 7',
    title: 'As much as can be known',
    summary: 'What is known of assets, networks and requests is collected, to get better.',
    speaks: 'Decisions keep what was known of each run; the record keeps who did what.',
    checks: ['record-current', 'record-sorts'],
  },
]
