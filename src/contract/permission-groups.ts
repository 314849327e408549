/**
 * Every permission, grouped by the noun it speaks of, with what it lets one do.
 * The string stands in an operation's `may`, in roles, in `schema.cedarschema` (action ids) and in the console's `can`.
 */
export const permissionGroups = {
  person: {
    title: 'People',
    verbs: {
      view: 'See people, their teams and their effective access',
      import: 'Import people and teams from a CSV file',
      update: 'Mark people as having left or come back',
      erase: 'Erase what tells who somebody was that has left',
    },
  },
  team: {
    title: 'Teams',
    verbs: {
      view: 'See teams, their members and leads',
      update: 'Name leads and change members that are not managed by the identity provider',
    },
  },
  role: {
    title: 'Roles',
    verbs: {
      view: 'See roles and what each permits',
      create: 'Create roles, also as copies of built-in ones',
      update: 'Change which permissions a role holds',
      delete: 'Delete roles that nobody holds',
    },
  },
  grant: {
    title: 'Grants',
    verbs: {
      view: 'See who holds which role, where and until when',
      create: 'Grant roles whose every permission one holds oneself',
      revoke: 'End grants before they expire',
    },
  },
  request: {
    title: 'Access requests',
    verbs: {
      view: 'See who asks for which role, and how it was decided',
      approve:
        'Decide on requests of those whom one leads or for what one’s team owns; held on the organization, on all',
      configure: 'Say which roles may be asked for, for how long, and how many must approve',
    },
  },
  review: {
    title: 'Access reviews',
    verbs: {
      view: 'See access reviews, every answer and what came of it, and take them away as a file',
      run: 'Start access reviews and sign them off, over what one holds it on',
    },
  },
  segment: {
    title: 'Segments',
    verbs: {
      view: 'See segments and what is placed in them',
      create: 'Create segments',
      update: 'Change segments, their tiers and ranges',
      delete: 'Delete segments that hold nothing',
    },
  },
  project: {
    title: 'Projects',
    verbs: {
      view: 'See projects and their decisions',
      create: 'Add projects',
      update: 'Rename projects and place them in a segment',
      delete: 'Remove projects',
    },
  },
  pipeline: {
    title: 'Config checks',
    verbs: {
      view: 'See checked CI configs, what they say and which rules they break',
      check: 'Check a CI config against the policies, also from a job by an API token',
    },
  },
  context: {
    title: 'Contexts',
    verbs: {
      view: 'See contexts, the names of their secrets and their restrictions',
      create: 'Create contexts',
      update: 'Rename and describe contexts',
      delete: 'Delete contexts with all their secrets',
      restrict: 'Add and remove restrictions: who may use the context',
      use: 'Use the context in a pipeline run that the restrictions admit',
    },
  },
  secret: {
    title: 'Secrets',
    verbs: {
      store: 'Store, replace, import and roll back secrets; never read them',
      delete: 'Delete secrets',
    },
  },
  policy: {
    title: 'Policies',
    verbs: {
      view: 'See policies, their versions and what they decided',
      create: 'Write new policies, as drafts',
      update: 'Edit policies and put them into evaluate mode',
      enforce: 'Ask for enforcement of a policy, and approve what another person asked for',
      delete: 'Delete policies that are not enforced',
    },
  },
  decision: {
    title: 'Decisions',
    verbs: { view: 'See every recorded decision with its trace' },
  },
  issuer: {
    title: 'Issuers',
    verbs: {
      view: 'See which CI systems are trusted',
      create: 'Trust a CI system',
      update: 'Change what a CI system’s tokens must be like',
      delete: 'Trust a CI system no longer',
    },
  },
  trustRule: {
    title: 'Trust rules',
    verbs: {
      view: 'See which tokens are told to be which project’s',
      create: 'Say which tokens are a project’s',
      update: 'Change trust rules',
      delete: 'Remove trust rules',
    },
  },
  lease: {
    title: 'Leases',
    verbs: {
      view: 'See which runs were given which contexts, when and from where',
      revoke: 'Revoke leases before they are redeemed',
    },
  },
  finding: {
    title: 'Findings',
    verbs: {
      view: 'See the findings about what one may see: what is at risk, the proof and the fix',
      update: 'Mute findings for a time, and accept risks',
    },
  },
  compliance: {
    title: 'Compliance',
    verbs: {
      view: 'See controls with their live checks, and take them away as a file',
      update: 'Say who answers for a control, and write its note',
    },
  },
  vault: {
    title: 'Vault servers',
    verbs: {
      view: 'See which Vault and OpenBao servers secrets refer into',
      create: 'Name a Vault or OpenBao server',
      update: 'Change how a Vault or OpenBao server is asked',
      delete: 'Remove a Vault or OpenBao server',
    },
  },
  federation: {
    title: 'Federation',
    verbs: {
      view: 'See the keys that sign federated tokens',
      rotate: 'Make the next key that signs federated tokens',
    },
  },
  audit: {
    title: 'Audit trail',
    verbs: {
      view: 'Search the audit trail, follow it live and check its proofs',
      export: 'Take audit events away as a file',
    },
  },
  session: {
    title: 'Sessions',
    verbs: {
      view: "See everyone's sessions: where, when and how",
      revoke: "End anyone's session at once",
    },
  },
  apiToken: {
    title: 'API tokens',
    verbs: {
      view: "See everyone's API tokens; never their values",
      create: 'Create API tokens for automation, scoped to a role one holds',
      revoke: "End anyone's API tokens",
    },
  },
  overview: {
    title: 'Overview',
    verbs: { view: "See the organization's overview: decisions, changes and risks" },
  },
} as const

type Groups = typeof permissionGroups
export type PermissionNoun = keyof Groups
export type Permission = {
  [N in PermissionNoun]: `${N}:${keyof Groups[N]['verbs'] & string}`
}[PermissionNoun]
