import type { ConfigFacts, ConfigKind } from '../../../contract/pipeline-facts.ts'
import { factsOf, nothingFound, unknown } from '../facts-of.ts'
import { ConfigRefused } from '../refused.ts'
import { at, entriesOf, isTrue, textOf, type Tree } from '../tree.ts'
import { namespaceOf, orbsOf } from './namespace.ts'
import { noScope } from './template.ts'
import { readWorkflow } from './workflow.ts'

/** A CircleCI config: as it is in the repository, compiled, for setup, or as a continuation. */
export function readCircleCi([tree]: readonly Tree[], told?: ConfigKind): ConfigFacts {
  if (tree?.kind !== 'map')
    throw new ConfigRefused('A CircleCI config is a mapping.', tree?.line ?? 1)
  const found = nothingFound()
  const root = namespaceOf(tree)
  found.refs.push(...orbsOf(tree))
  const workflows = at(tree, 'workflows')
  // Pipeline parameters have defaults, and whoever triggers the pipeline may give others: they stay unknown.
  for (const [name, { line, value }] of entriesOf(workflows)) {
    if (value.kind === 'map') readWorkflow({ name, line, tree: value }, root, noScope, found)
  }
  if (found.workflows.length === 0) readWorkflow(implied(tree), root, noScope, found)
  const setup = isTrue(at(tree, 'setup'))
  if (setup) found.unresolved.push(unknown('jobs', 'a setup config continues with another config'))
  if (found.jobs.length === 0 && !setup)
    found.unresolved.push(unknown('jobs', 'no workflow has jobs'))
  const compiled = !['2.1'].includes(textOf(at(tree, 'version')) ?? '')
  return factsOf('circleci', setup ? 'setup' : (told ?? (compiled ? 'compiled' : 'source')), found)
}

/** Without workflows only `build` runs; every job that is written is read all the same. */
function implied(tree: Tree) {
  const jobs = [...entriesOf(at(tree, 'jobs'))].map(([text, { line }]): Tree => ({
    kind: 'scalar',
    line,
    text,
    value: text,
    size: 1,
  }))
  const line = jobs[0]?.line ?? tree.line
  const list: Tree = { kind: 'seq', line, items: jobs, size: jobs.length + 1 }
  const entries = new Map([['jobs', { line, value: list }]])
  return { name: 'workflow', line, tree: { kind: 'map', line, entries, size: list.size } as const }
}
