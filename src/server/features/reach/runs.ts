import type { AnswerOf, InputOf } from '../../../contract/index.ts'
import type { Scope } from '../../http/scope.ts'
import { placeOf, radiusOf, since, type Radius, type Reached } from './answer.ts'
import {
  reachedByRuns,
  rulesOfClass,
  rulesOfProject,
  runnerClasses,
  type RunReached,
} from './store.ts'

type Step = Reached['ways'][number][number]

/** Trust rule → what admits the project → the flow, where the context lies in another segment. */
const wayOf = (
  row: RunReached,
  { rule, restrictions, from }: RunReached['ways'][number],
): Step[] => [
  { kind: 'trustRule', ...rule },
  {
    kind: 'restriction',
    id: row.id,
    name: restrictions.join(' and ') || 'an expression alone',
  },
  ...(from
    ? [{ kind: 'flow' as const, id: from.id, name: `${from.name} → ${row.segmentName}` }]
    : []),
]

const reachedOf = (row: RunReached): Reached => ({
  context: { id: row.id, name: row.name },
  segment: placeOf(row),
  secrets: row.secrets,
  may: row.ways.length > 0 ? ['context:use'] : [],
  ways: row.ways.slice(0, 10).map((way) => wayOf(row, way)),
  used: row.used,
  lastUsedAt: row.lastUsedAt,
})

async function radius(scope: Scope, rules: ReturnType<typeof rulesOfProject>): Promise<Radius> {
  const contexts = scope.reach('context:view')
  const rows = await reachedByRuns(scope.db, rules, contexts, since(scope.now))
  return radiusOf(rows.map(reachedOf))
}

export const ofProject = (
  scope: Scope,
  { projectId }: InputOf<'reach.ofProject'>,
): Promise<Radius> => radius(scope, rulesOfProject(projectId))

/** A class that no segment and no rule within sight names is told as one that nothing is known of. */
export async function ofRunnerClass(
  scope: Scope,
  { runnerClass }: InputOf<'reach.ofRunnerClass'>,
): Promise<AnswerOf<'reach.ofRunnerClass'>> {
  const classes = await runnerClasses(scope.db, scope.reach('segment:view'))
  const known = classes.some(({ name }) => name === runnerClass)
  return {
    classes,
    reach: runnerClass && known ? await radius(scope, rulesOfClass(runnerClass)) : null,
  }
}
