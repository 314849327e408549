import type { ControlDefinition } from './control.ts'

/** PCI DSS v4.0.1, requirement 10: what is logged, that it stays, and that it is looked at. */
export const pciLoggingControls: readonly ControlDefinition[] = [
  {
    ref: 'PCI DSS 10.2.1',
    title: 'What is logged',
    summary:
      'Access to protected data, administration, access to the logs, refused attempts, changes of credentials and of what they permit, and the making and deleting of objects are logged.',
    speaks:
      'The door writes an event for every change and refusal, in the transaction of the change itself.',
    checks: ['record-sorts'],
  },
  {
    ref: 'PCI DSS 10.2.1.1',
    title: 'Use of protected data',
    summary: 'Each access of a person to protected data is logged.',
    speaks: 'Each use of a context’s secrets is an event of the run that took them.',
    checks: ['record-sorts'],
  },
  {
    ref: 'PCI DSS 10.2.1.2',
    title: 'Administration',
    summary: 'Everything that is done with administrative rights is logged.',
    speaks: 'Every change passes the door, which writes its event.',
    checks: ['record-sorts'],
  },
  {
    ref: 'PCI DSS 10.2.1.3',
    title: 'Reading of logs',
    summary: 'Each access to the logs is logged.',
    speaks: 'Reading the trail is an event, once a minute of the same reader.',
    checks: ['record-sorts'],
  },
  {
    ref: 'PCI DSS 10.2.1.4',
    title: 'Refused attempts',
    summary: 'Every attempt that is refused is logged.',
    speaks: 'A refusal is an event, with why.',
    checks: ['record-sorts'],
  },
  {
    ref: 'PCI DSS 10.2.1.5',
    title: 'Changes of credentials',
    summary: 'Changes of credentials and of what they permit are logged, and of who administers.',
    speaks: 'Grants, roles, sessions and tokens are changed by events alone.',
    checks: ['record-sorts'],
  },
  {
    ref: 'PCI DSS 10.2.1.6',
    title: 'Start and stop of logging',
    summary: 'Starting, stopping and pausing of logs is logged.',
    speaks: 'There is no switch: the database refuses a change without its event.',
    checks: ['record-sorts', 'record-current'],
  },
  {
    ref: 'PCI DSS 10.2.1.7',
    title: 'Objects made and deleted',
    summary: 'Making and deleting of system objects is logged.',
    speaks: 'Projects, contexts, policies and all others are made and deleted with an event.',
    checks: ['record-sorts'],
  },
  {
    ref: 'PCI DSS 10.2.2',
    title: 'What an event says',
    summary: 'Each event says who, what, when, with which outcome, from where, and on what.',
    speaks: 'Events have one form, which the door fills in.',
    checks: ['record-fields'],
  },
  {
    ref: 'PCI DSS 10.3.1',
    title: 'Who reads logs',
    summary: 'Only those read the logs whose job needs it.',
    speaks: 'Reading the trail takes the permission audit:view, and is an event itself.',
    checks: ['record-readers'],
  },
  {
    ref: 'PCI DSS 10.3.2',
    title: 'Logs are not changed',
    summary: 'Nobody can change what was logged.',
    speaks:
      'The server’s database roles may add to the record, and not change or delete; a signed Merkle tree shows whoever did.',
    checks: ['record-append-only', 'checkpoints-verify'],
    beyond:
      'The owner of the database is not bound by its roles: what he changes is seen, not kept from him.',
  },
  {
    ref: 'PCI DSS 10.3.3',
    title: 'Logs elsewhere',
    summary: 'Logs are copied at once to a central place where they are hard to change.',
    speaks: 'Evidence packs take the record away; checkpoints can be kept elsewhere.',
    checks: [],
    beyond:
      'Whether a copy is kept elsewhere is not known here. Note where, and have its owner say so.',
  },
  {
    ref: 'PCI DSS 10.3.4',
    title: 'Changes of logs are noticed',
    summary: 'When logged data is changed an alert is raised.',
    speaks: 'Each checkpoint signs all that came before; a changed event no longer fits.',
    checks: ['checkpoints-verify', 'record-current'],
  },
  {
    ref: 'PCI DSS 10.4.1',
    title: 'Logs are reviewed',
    summary: 'Logs are looked through daily, by a machine, for what is suspicious.',
    speaks:
      'Detections run after each change and every night: refusals in bursts, leases that were shown twice.',
    checks: ['watch-kept'],
  },
  {
    ref: 'PCI DSS 10.4.1.1',
    title: 'Review by machine',
    summary: 'Logs are looked through by automated means.',
    speaks: 'Every detection is a query that runs by itself, after a change and at night.',
    checks: ['watch-kept'],
  },
  {
    ref: 'PCI DSS 10.4.2',
    title: 'Logs of everything else',
    summary: 'Logs of all other components are looked through from time to time.',
    speaks: 'Logs of this server alone are written here.',
    checks: [],
    beyond: 'Other components’ logs are not seen from here.',
  },
  {
    ref: 'PCI DSS 10.4.3',
    title: 'What is found is dealt with',
    summary: 'What the review finds is looked into and dealt with.',
    speaks:
      'A finding stands open until its cause has gone, or somebody decides on it with a reason.',
    checks: ['findings-decided'],
  },
  {
    ref: 'PCI DSS 10.5.1',
    title: 'How long logs are kept',
    summary: 'Logs are kept for twelve months, of which three are at hand at once.',
    speaks: 'Nothing in the product deletes from the record; all of it is at hand.',
    checks: ['record-twelve-months', 'record-append-only'],
  },
  {
    ref: 'PCI DSS 10.6.1',
    title: 'Clocks',
    summary: 'Clocks follow a common, trusted source of time.',
    speaks: 'The database’s clock decides about everything that expires.',
    checks: ['clocks-agree'],
    most: 'partly',
    beyond: 'Which source of time the machines follow is not seen.',
  },
  {
    ref: 'PCI DSS 10.6.2',
    title: 'One time for all',
    summary: 'Systems follow few sources of time, which agree with an accepted one.',
    speaks: 'The database’s clock alone decides here; that of the server is compared with it.',
    checks: ['clocks-agree'],
    most: 'partly',
    beyond: 'Which source of time the machines follow is not seen.',
  },
  {
    ref: 'PCI DSS 10.6.3',
    title: 'Time is guarded',
    summary: 'Settings and data of time are changed only by who must, and it is logged.',
    speaks: 'No setting of Sallyport changes the time.',
    checks: [],
    beyond: 'The clocks of the machines are set outside of it.',
  },
  {
    ref: 'PCI DSS 10.7.1',
    title: 'Failures at service providers',
    summary: 'Service providers notice at once when a critical control fails.',
    speaks: 'What 10.7.2 says of everybody.',
    checks: ['watch-kept', 'record-current'],
    beyond: 'Whether somebody is told outside of the console is not measured.',
  },
  {
    ref: 'PCI DSS 10.7.2',
    title: 'Failures are noticed',
    summary: 'When a critical control fails, logging among them, it is noticed and told at once.',
    speaks:
      'A record that falls behind is a critical finding within minutes, and changes are refused until it has caught up.',
    checks: ['watch-kept', 'record-current'],
    beyond: 'Whether somebody is told outside of the console is not measured.',
  },
  {
    ref: 'PCI DSS 10.7.3',
    title: 'Failures are answered',
    summary:
      'A failure of a critical control is answered at once: mended, documented, its cause found.',
    speaks: 'The finding of it has its history, with who decided what.',
    checks: ['findings-decided'],
    most: 'partly',
    beyond:
      'What was done outside of the console, and whether the cause was found, is not measured.',
  },
]
