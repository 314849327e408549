import type { ConfigFacts, JobFact } from '../../../contract/pipeline-facts.ts'
import { demandFew, factsOf, nothingFound, unique, uniqueUnresolved, unknown } from '../facts-of.ts'
import { linkJobs, type Unlinked } from '../guards.ts'
import { ConfigRefused } from '../refused.ts'
import { at, entriesOf, textOf, textsOf, type Tree } from '../tree.ts'
import { permissionsOf, readJob } from './job.ts'
import { dangerousOf, isStrange, triggersOf } from './triggers.ts'

/** A GitHub Actions workflow. */
export function readGitHub([tree]: readonly Tree[], defaultBranch?: string): ConfigFacts {
  const jobs = entriesOf(at(tree, 'jobs'))
  if (tree?.kind !== 'map' || jobs.size === 0) {
    throw new ConfigRefused('A GitHub workflow is a mapping with `jobs`.', tree?.line ?? 1)
  }
  const found = nothingFound()
  const name = textOf(at(tree, 'name')) ?? 'workflow'
  const on = tree.entries.get('on') ?? tree.entries.get('true')
  const triggers = triggersOf(on?.value)
  const workflow = {
    name,
    triggers,
    permissions: at(tree, 'permissions'),
    env: at(tree, 'env'),
    defaultBranch,
  }
  const unlinked: Unlinked[] = []
  for (const [id, entry] of jobs) {
    const job = readJob(id, entry, workflow, found)
    const needs = textsOf(at(entry.value, 'needs')).map((one) => ({ name: one, success: true }))
    unlinked.push({ job, needs })
    demandFew(found, entry.line, unlinked.length)
  }
  const linked: JobFact[] = linkJobs(unlinked)
  found.jobs.push(...linked)
  if (triggers.length === 0) found.unresolved.push(unknown('triggers', 'no `on`'))
  const permissions = permissionsOf(workflow.permissions)
  found.workflows.push({
    name,
    line: on?.line ?? tree.line,
    jobs: linked.map((job) => job.name),
    approvals: [],
    triggers: unique(triggers.map((one) => one.name)),
    dangerousTriggers: dangerousOf(triggers),
    permissions: unique([...(permissions ?? []), ...linked.flatMap((job) => job.permissions)]),
    contexts: [],
    environments: unique(linked.flatMap(({ environments }) => environments)),
    unresolved: uniqueUnresolved([
      ...linked.flatMap(({ unresolved }) => unresolved),
      ...triggers.flatMap(({ name: event }) =>
        isStrange(event) ? [unknown('dangerousTriggers', event)] : [],
      ),
    ]),
  })
  return factsOf('github', 'workflow', found)
}
