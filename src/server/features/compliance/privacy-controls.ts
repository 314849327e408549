import type { ControlDefinition } from './control.ts'

/** HIPAA’s technical safeguards (45 CFR 164.312, and two of 164.308 that detections touch), and GDPR’s articles 25, 30 and 32. */
export const privacyControls: readonly ControlDefinition[] = [
  {
    ref: 'HIPAA 164.308(a)(1)(ii)(D)',
    title: 'Review of activity',
    summary: 'Records of activity are looked through regularly.',
    speaks:
      'Detections run after each change and every night; what they find stands open until it is dealt with.',
    checks: ['watch-kept', 'findings-decided'],
  },
  {
    ref: 'HIPAA 164.308(a)(3)(ii)(C)',
    title: 'End of access',
    summary: 'Access ends when somebody’s work ends.',
    speaks:
      'Marking a person as having left ends their sessions and tokens at once, and names the grants that remain.',
    checks: ['leavers-out'],
    beyond: 'Whether everybody who left was marked so is not measured.',
  },
  {
    ref: 'HIPAA 164.312(a)(1)',
    title: 'Access control',
    summary: 'Only people and programs that were given access have it.',
    speaks:
      'Every request is decided by grants, restrictions and policies; what nothing permits is denied.',
    checks: ['decisions-because', 'grants-decided', 'contexts-narrow'],
  },
  {
    ref: 'HIPAA 164.312(a)(2)(i)',
    title: 'Unique user identification',
    summary: 'Everybody has a name or number of their own, by which they are traced.',
    speaks:
      'People are told apart by the identity provider’s issuer and subject; each event names one.',
    checks: ['accounts-personal', 'record-fields'],
  },
  {
    ref: 'HIPAA 164.312(a)(2)(ii)',
    title: 'Emergency access',
    summary: 'There is a way to get at what is needed in an emergency.',
    speaks: 'Administrators can act at once; that more than one of them is there is looked for.',
    checks: ['administrators-two'],
    most: 'partly',
    beyond: 'The procedure for an emergency is yours to write and to try.',
  },
  {
    ref: 'HIPAA 164.312(a)(2)(iii)',
    title: 'Automatic logoff',
    summary: 'Sessions end after a time without use.',
    speaks: 'SESSION_IDLE and SESSION_MAX_AGE say after how long; each end is an event.',
    checks: ['session-ends'],
  },
  {
    ref: 'HIPAA 164.312(a)(2)(iv)',
    title: 'Encryption at rest',
    summary: 'Protected data can be encrypted, and decrypted where it may be.',
    speaks:
      'Each secret is sealed under a key of its own (AES-256-GCM), which the master key wraps.',
    checks: ['secrets-sealed'],
    beyond: 'Health data is not kept in Sallyport: this is of the secrets that open the way to it.',
  },
  {
    ref: 'HIPAA 164.312(b)',
    title: 'Audit controls',
    summary: 'Activity is recorded and can be looked into.',
    speaks:
      'Every change and refusal is an event in its own transaction; the trail is searched by all that it holds.',
    checks: ['record-current', 'record-sorts', 'record-fields'],
  },
  {
    ref: 'HIPAA 164.312(c)(1)',
    title: 'Integrity',
    summary: 'Data is not changed or destroyed in ways that it should not be.',
    speaks:
      'The server’s database roles cannot change the record; a secret that was moved or altered does not open.',
    checks: ['record-append-only', 'secrets-sealed'],
  },
  {
    ref: 'HIPAA 164.312(c)(2)',
    title: 'Proof that nothing was altered',
    summary: 'There is a mechanism that shows that data was not altered.',
    speaks: 'Checkpoints sign a Merkle tree of the record; evidence packs carry the proofs away.',
    checks: ['checkpoints-verify', 'record-current'],
  },
  {
    ref: 'HIPAA 164.312(d)',
    title: 'Authentication',
    summary: 'Whoever seeks access is shown to be who they claim.',
    speaks:
      'People prove themselves at the identity provider, pipelines by their CI’s signed token.',
    checks: ['sign-in-multi-factor', 'sessions-bound', 'workloads-narrow'],
  },
  {
    ref: 'HIPAA 164.312(e)(1)',
    title: 'Transmission security',
    summary: 'Data is guarded on its way over networks.',
    speaks: 'Outside of this machine addresses must begin with https; tokens are bound to a key.',
    checks: ['traffic-encrypted', 'sessions-bound'],
  },
  {
    ref: 'HIPAA 164.312(e)(2)(i)',
    title: 'Integrity on the way',
    summary: 'Data is not altered on its way without that being seen.',
    speaks: 'Outside of this machine addresses must begin with https.',
    checks: ['traffic-encrypted'],
  },
  {
    ref: 'HIPAA 164.312(e)(2)(ii)',
    title: 'Encryption on the way',
    summary: 'Data is encrypted on its way wherever that is appropriate.',
    speaks: 'Outside of this machine addresses must begin with https.',
    checks: ['traffic-encrypted'],
  },
  {
    ref: 'GDPR Article 25',
    title: 'Protection by design and by default',
    summary: 'By default only what is needed is processed, and reached by those who need it.',
    speaks:
      'Nothing is permitted without a grant or a restriction; secrets are shown to nobody, and stand as their tokens; who has left can be erased, also from the events of the record.',
    checks: ['decisions-because', 'contexts-narrow', 'privileged-ends'],
    beyond: 'Which personal data your pipelines process is not known here.',
  },
  {
    ref: 'GDPR Article 30',
    title: 'Records of processing',
    summary: 'Who processes which personal data, for what, and for how long is written down.',
    speaks: 'The trail shows who reached which context and when.',
    checks: [],
    beyond:
      'The record of your processing activities is not kept here. Note where it is, and who keeps it.',
  },
  {
    ref: 'GDPR Article 32',
    title: 'Security of processing',
    summary:
      'Security fits the risk: encryption, confidentiality, integrity, availability, restoring, and regular testing of all that.',
    speaks:
      'Secrets are sealed, ways are encrypted, and what is at risk is looked for every night.',
    checks: ['secrets-sealed', 'traffic-encrypted', 'people-not-dormant', 'watch-kept'],
    most: 'partly',
    beyond: 'Backups, their restoring and their testing are not measured.',
  },
]
