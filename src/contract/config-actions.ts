import { permissions, type Permission } from './permissions.ts'

/**
 * What policies are asked about a CI config, each as often as the config has such a part. No permissions: nobody holds
 * them, and no request of the console's is one.
 */
export const configActions = {
  'config:file': 'The config as a whole: which jobs, steps and workflows it has',
  'config:workflow': 'One workflow of a config: its triggers, permissions and jobs',
  'config:job': 'One job of a config: contexts, environments, branches, approvals, runner',
  'config:ref': 'One orb, action, reusable workflow, include or component that a config uses',
  'config:image': 'One image that a job or service of a config runs in',
} as const
export type ConfigAction = keyof typeof configActions

export const isConfigAction = (action: string): action is ConfigAction => action in configActions

/** Everything that a policy can be asked about. */
export type PolicyAction = Permission | ConfigAction
export const policyActions: readonly PolicyAction[] = [
  ...permissions,
  ...(Object.keys(configActions) as ConfigAction[]),
]
