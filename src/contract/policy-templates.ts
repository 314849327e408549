import { z } from 'zod'
import { Id, line } from './id.ts'

const few = <T extends z.ZodType>(item: T) => z.array(item).min(1).max(200)
const projects = few(Id)
/** Names stand in reasons between commas and braces, and in the policy between quotes. */
const name = line(200).refine((text) => !/[{},"\\]/.test(text), 'must not contain , { } " or \\')
const names = few(name)
const level = z.enum(['hard', 'soft']).default('hard')
const rule = z
  .string()
  .regex(/^\w{1,80}$/, 'must be letters, digits and _')
  .optional()

/** The rules that CircleCI's policy agent offers as helpers, with what they are given. */
export const PolicyTemplate = z.discriminatedUnion('template', [
  z.strictObject({
    template: z.literal('contexts_allowed'),
    projects,
    contexts: names,
    level,
    rule,
  }),
  z.strictObject({
    template: z.literal('contexts_blocked'),
    projects,
    contexts: names,
    level,
    rule,
  }),
  z.strictObject({
    template: z.literal('contexts_reserved_by_projects'),
    projects,
    contexts: names,
    level,
    rule,
  }),
  z.strictObject({
    template: z.literal('contexts_reserved_by_branches'),
    branches: names,
    contexts: names,
    level,
    rule,
  }),
  z.strictObject({ template: z.literal('orbs_allowed'), orbs: names, level, rule }),
  z.strictObject({ template: z.literal('orbs_banned'), orbs: names, level, rule }),
  z.strictObject({ template: z.literal('orb_versions_banned'), orbs: names, level, rule }),
  z.strictObject({
    template: z.literal('resource_classes_by_project'),
    classes: few(z.strictObject({ name, projects })),
    level,
    rule,
  }),
])
export type PolicyTemplate = z.infer<typeof PolicyTemplate>
