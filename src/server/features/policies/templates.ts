import { policyTemplates, type PolicyTemplate } from '../../../contract/policy-template-words.ts'

interface Statement {
  readonly reason: string
  readonly on: 'job' | 'ref'
  readonly when: string
}

/** Every text is put in as a quoted literal: the input's schema admits no quote, backslash or control character. */
const text = (value: string) => `"${value}"`
const list = (values: readonly string[]) => `[${values.map(text).join(', ')}]`
const projectList = (ids: readonly string[]) =>
  `[${ids.map((id) => `Sallyport::Project::${text(id)}`).join(', ')}]`
const said = (values: readonly string[]) => values.join(', ')

/** The helper's own sentence for an orb that a parameter names. */
const parameterized: Statement = {
  on: 'ref',
  reason: 'invalid orb: {raw} - parameterized orbs are disallowed',
  when: 'context.kind == "orb" && context.pin == "dynamic"',
}

/**
 * What CircleCI's helpers decide, as Cedar: the same violations of the same jobs and orbs with the same reasons
 * (ci-systems.md B2). A context or class that cannot be told breaks the rule, as everywhere.
 */
function statementsOf(given: PolicyTemplate): Statement[] {
  switch (given.template) {
    case 'contexts_allowed': {
      const { contexts, projects } = given
      return [
        {
          on: 'job',
          reason: `{workflow}.{name}: uses context value(s) not in allowlist for project: {contexts not in: ${said(contexts)}}`,
          when: `principal in ${projectList(projects)} && !${list(contexts)}.containsAll(context.contexts)`,
        },
      ]
    }
    case 'contexts_blocked': {
      const { contexts, projects } = given
      return [
        {
          on: 'job',
          reason: `{workflow}.{name}: uses context value(s) in blocklist for project: {contexts in: ${said(contexts)}}`,
          when: `principal in ${projectList(projects)} && context.contexts.containsAny(${list(contexts)})`,
        },
      ]
    }
    case 'contexts_reserved_by_projects': {
      const { contexts, projects } = given
      return [
        {
          on: 'job',
          reason: `{workflow}.{name}: uses context value(s) reserved to other projects: {contexts in: ${said(contexts)}}`,
          when: `!(principal in ${projectList(projects)}) && context.contexts.containsAny(${list(contexts)})`,
        },
      ]
    }
    case 'contexts_reserved_by_branches': {
      const { contexts, branches } = given
      const uses = `context.contexts.containsAny(${list(contexts)})`
      const named = '["literal", "pattern"].contains(context.branchFilter)'
      const who = `{workflow}.{name}: uses context value(s): {contexts in: ${said(contexts)}}`
      return [
        {
          on: 'job',
          reason: `${who} - that cannot be used with branches: {branches not in: ${said(branches)}}`,
          when: `${uses} && ${named} && !${list(branches)}.containsAll(context.branches)`,
        },
        {
          on: 'job',
          reason: `${who} - that must be limited to branches: ${said(branches)}`,
          when: `${uses} && !${named}`,
        },
      ]
    }
    case 'orbs_allowed':
      return [
        {
          on: 'ref',
          reason: '{name} orb is not allowed in CircleCI configuration',
          when: `context.kind == "orb" && context.pin != "inline" && !${list(given.orbs)}.contains(context.name)`,
        },
      ]
    case 'orbs_banned':
      return [
        {
          on: 'ref',
          reason: '{name} orb is not allowed in CircleCI configuration',
          when: `context.kind == "orb" && !context.unknown.contains("name") && ${list(given.orbs)}.contains(context.name)`,
        },
        parameterized,
      ]
    case 'orb_versions_banned':
      return [
        {
          on: 'ref',
          reason: '{raw} orb is not allowed in CircleCI configuration',
          when: `context.kind == "orb" && ${list(given.orbs)}.contains(context.raw)`,
        },
        parameterized,
      ]
    case 'resource_classes_by_project':
      return given.classes.map(({ name, projects }) => ({
        on: 'job',
        // The engine's own quotes: an annotation is a text.
        reason: `project is not allowed to use resource_class \\"{runnerClass}\\" declared in job \\"{name}\\"`,
        when: `context.runnerClass == ${text(name)} && !(principal in ${projectList(projects)})`,
      }))
  }
}

/** A template filled in: a policy's name and text, which is written as any other and changed as one likes. */
export function policyFrom(given: PolicyTemplate): {
  name: string
  description: string
  text: string
} {
  const { name, explanation } = policyTemplates[given.template]
  const rule = given.rule ?? given.template
  const soft = given.level === 'soft' ? '@level("soft")\n' : ''
  return {
    name,
    description: explanation,
    text: statementsOf(given)
      .map(
        ({ on, reason, when }) =>
          `@id("${rule}")\n${soft}@reason("${reason}")\n` +
          `forbid (principal, action == Sallyport::Action::"config:${on}", resource)\nwhen { ${when} };\n`,
      )
      .join('\n'),
  }
}
