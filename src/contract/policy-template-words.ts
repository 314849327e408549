import type { PolicyTemplate as Given } from './policy-templates.ts'

/** As the schema says it; the words for a person stand apart from it, so that the browser loads no schema for them. */
export type PolicyTemplate = Given
export type PolicyTemplateName = PolicyTemplate['template']

/** What each says, for a person who fills it in. */
export const policyTemplates: Readonly<
  Record<
    PolicyTemplateName,
    { readonly name: string; readonly explanation: string; readonly helper: string }
  >
> = {
  contexts_allowed: {
    name: 'Contexts allowed to projects',
    explanation: 'These projects use these contexts and no others. Other projects are not asked.',
    helper: 'contexts_allowed_by_project_ids',
  },
  contexts_blocked: {
    name: 'Contexts blocked for projects',
    explanation: 'These projects use none of these contexts. Other projects are not asked.',
    helper: 'contexts_blocked_by_project_ids',
  },
  contexts_reserved_by_projects: {
    name: 'Contexts reserved to projects',
    explanation: 'Nobody but these projects uses these contexts.',
    helper: 'contexts_reserved_by_project_ids',
  },
  contexts_reserved_by_branches: {
    name: 'Contexts reserved to branches',
    explanation:
      'A job that uses one of these contexts is limited to these branches by its filter.',
    helper: 'contexts_reserved_by_branches',
  },
  orbs_allowed: {
    name: 'Orbs allowed',
    explanation:
      'These orbs, in any version, and no others. Orbs written out in the config are its own.',
    helper: 'orbs_allowlist',
  },
  orbs_banned: {
    name: 'Orbs banned by name',
    explanation: 'None of these orbs in any version, and no orb that a parameter names.',
    helper: 'ban_orbs',
  },
  orb_versions_banned: {
    name: 'Orb versions banned',
    explanation: 'None of these versions, written name@version, and no orb that a parameter names.',
    helper: 'ban_orbs_version',
  },
  resource_classes_by_project: {
    name: 'Resource classes by project',
    explanation:
      'Each of these classes is for its projects only. Classes that are not listed are for everybody.',
    helper: 'resource_class_by_project',
  },
}
