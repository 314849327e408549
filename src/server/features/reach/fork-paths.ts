import type { AnswerOf } from '../../../contract/index.ts'
import { reachRows } from '../../../contract/reach-limits.ts'
import { refuses } from '../../../contract/refuses.ts'
import type { PolicyJudge } from '../../decision/policy-judge.ts'
import { runOf } from '../../decision/run-of.ts'
import type { Actor, Reach } from '../../decision/types.ts'
import type { Scope } from '../../http/scope.ts'
import { contextsInUse } from '../contexts/service.ts'
import { runProjects } from '../projects/service.ts'
import { forkPathRows, untoldRows, type ForkPathRow, type UntoldRow } from './store.ts'

type Answer = AnswerOf<'reach.forkPaths'>
type Path = Answer['paths'][number]
type Edge = Answer['edges'][number]

const anybody: Actor = { kind: 'workload', id: 'fork', name: 'a fork', teams: [], grants: [] }

/**
 * What a pull request from anywhere leads to. Trust rules or configs, restrictions and flows make the paths; then the
 * enforced policies are asked about such a run, so that what one of them alone holds back is told apart from what nothing
 * does. Of whose configs nothing is known, that is told: it is never none.
 */
export async function findForkPaths(scope: Scope, judge: PolicyJudge): Promise<Answer> {
  const { db, now } = scope
  const reaches = {
    rules: scope.reach('trustRule:view'),
    configs: scope.reach('pipeline:view'),
    contexts: scope.reach('context:view'),
  }
  const rows = await forkPathRows(db, reaches, reachRows + 1)
  const untold = await untoldRows(db, reaches, reachRows + 1)
  const shown = rows.slice(0, reachRows)
  const contexts = new Map(
    shown.length > 0 ? (await contextsInUse(db)).map((each) => [each.id, each]) : [],
  )
  const projects = new Map(
    shown.length > 0 ? (await runProjects(db)).map((each) => [each.id, each]) : [],
  )
  const heldBy = (row: ForkPathRow): Path['heldBy'] => {
    const [context, project] = [contexts.get(row.id), projects.get(row.projectId)]
    if (!context || !project) return null
    const { runnerClass, trigger } = row
    // Such a trigger runs on the default branch, and the token says nothing of a fork: that is what makes it dangerous.
    const given =
      row.checkId === null
        ? { fromFork: true, trigger: 'pull_request' }
        : { fromFork: false, trigger: trigger ?? '', branch: project.defaultBranch }
    const run = runOf(project, { ...given, ...(runnerClass !== null && { runnerClass }) }, now)
    const asked = { actor: anybody, resource: context.resource, facts: {}, run }
    const said = judge.judge('enforce', { ...asked, action: 'context:use' })
    const [policy] = refuses(said) ? said.because : []
    return policy ? { id: policy.id, name: policy.name } : null
  }
  const paths = shown.map((row): Path => ({
    rule: row.ruleId === null ? null : { id: row.ruleId, name: row.ruleName ?? '' },
    config: jobOf(row),
    project: { id: row.projectId, name: row.projectName },
    from: { id: row.fromId, name: row.fromName, tier: row.fromTier },
    flow: row.flow,
    context: { id: row.id, name: row.name },
    segment: { id: row.segmentId, name: row.segmentName, tier: row.tier },
    secrets: row.secrets,
    expressions: [...row.expressions],
    heldBy: heldBy(row),
  }))
  const open = paths.filter(({ heldBy }) => heldBy === null)
  const ordered = paths.toSorted((one, other) => Number(!!one.heldBy) - Number(!!other.heldBy))
  return {
    paths: ordered,
    more: rows.length > shown.length,
    edges: edgesOf(open.length > 0 ? open : paths),
    notKnown: untold.slice(0, reachRows).map((row) => ({
      project: { id: row.id, name: row.name },
      config: jobOf(row),
    })),
    moreNotKnown: untold.length > reachRows,
    configsSeen: holdsAnywhere(reaches.configs),
  }
}

const holdsAnywhere = ({ everywhere, segments, projects }: Reach) =>
  everywhere || segments.length > 0 || projects.length > 0

function jobOf(row: ForkPathRow | UntoldRow): Path['config'] {
  const { checkId, checkedAt, file, line, workflow, job, jobs, trigger } = row
  if (checkId === null || checkedAt === null) return null
  return {
    check: checkId,
    checkedAt: checkedAt.toISOString(),
    file: file ?? '',
    line: line ?? 0,
    workflow: workflow ?? '',
    job: job ?? '',
    jobs: jobs ?? 0,
    trigger: trigger ?? '',
  }
}

/** What each removal would break, the most first; of equals the one that is nearest to the fork. */
function edgesOf(paths: readonly Path[]): Edge[] {
  const edges = new Map<string, Edge>()
  const count = (kind: Edge['kind'], id: string, name: string, key = id) => {
    const known = edges.get(`${kind} ${key}`)
    if (known) known.breaks++
    else edges.set(`${kind} ${key}`, { kind, id, name, breaks: 1, of: paths.length })
  }
  for (const { rule, config, flow, from, segment, context } of paths) {
    if (rule) count('trustRule', rule.id, rule.name)
    if (config) {
      const { check, file, line, workflow, trigger } = config
      count('config', check, `${trigger} of ${file}:${line}`, `${check} ${workflow}`)
    }
    if (flow) count('flow', from.id, `${from.name} → ${segment.name}`, `${from.id} ${segment.id}`)
    count('restriction', context.id, context.name)
  }
  const near = ['trustRule', 'config', 'flow', 'restriction']
  return [...edges.values()]
    .toSorted(
      (one, other) =>
        other.breaks - one.breaks || near.indexOf(one.kind) - near.indexOf(other.kind),
    )
    .slice(0, 20)
}
