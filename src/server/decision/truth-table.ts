import type { Clause } from '../../contract/truth-table.ts'
import { noApprovalClause } from './decide-use.ts'
import { exceptionFor } from './exceptions.ts'
import { expressionParts, type ExpressionPart } from './expression.ts'
import type { PolicyInForce, PolicyJudge, PolicyQuestion } from './policy-judge.ts'
import type { Restriction, RunFacts, SegmentFacts, UseQuestion } from './run-facts.ts'
import type { Actor } from './types.ts'
import { whereabouts, within, type Zones } from './zones.ts'

/**
 * Every clause of every layer with its truth, in the order of the layers. What the outcome is, `decideUse` says: this
 * only shows what it was made of, and `truth-table.test.ts` holds the two to one another.
 */
export function truthTable(judge: PolicyJudge, actor: Actor, question: UseQuestion): Clause[] {
  const { run, restrictions, segment } = question
  return [
    {
      layer: 'identity',
      depth: 0,
      clause: question.identity?.clause ?? 'A verified workload identity asks',
      value: (question.identity?.verdict ?? 'permitted') === 'permitted' ? 'true' : 'false',
    },
    {
      layer: 'grant',
      depth: 0,
      clause: 'Workloads hold no grants: restrictions admit them',
      value: 'not_asked',
    },
    ...restrictionClauses(restrictions, run),
    ...(segment ? segmentClauses(segment, run, question.zones) : [outsideOfSegments]),
    ...policyClauses(judge, actor, question),
    {
      layer: 'approval',
      depth: 0,
      clause: question.exceptions?.length
        ? 'An exception admits the project’s runs on this branch or tag'
        : noApprovalClause,
      value: exceptionFor(question.exceptions, run) ? 'true' : 'not_asked',
    },
  ]
}

const outsideOfSegments: Clause = {
  layer: 'segment',
  depth: 0,
  clause: 'The context lies in no segment',
  value: 'not_asked',
}
const truth = (holds: boolean) => (holds ? 'true' : 'false')
const places = ['project', 'team', 'segment'] as const

function restrictionClauses(restrictions: readonly Restriction[], run: RunFacts): Clause[] {
  const layer = 'restriction'
  if (restrictions.length === 0) {
    return [
      {
        layer,
        depth: 0,
        clause: 'The context has a restriction',
        value: 'false',
        expected: 'at least one restriction',
        actual: 'none, so the context is closed',
      },
    ]
  }
  return [
    ...places.flatMap((kind) => placeClauses(kind, restrictions, run)),
    ...restrictions.flatMap((restriction) =>
      restriction.kind === 'expression' ? expressionClauses(restriction, run) : [],
    ),
  ]
}

function placeClauses(
  kind: (typeof places)[number],
  restrictions: readonly Restriction[],
  run: RunFacts,
): Clause[] {
  const ofKind = restrictions.filter((restriction) => restriction.kind === kind)
  if (ofKind.length === 0) return []
  const place = kind === 'project' ? run.project : run.project?.[kind]
  const actual = place ? `${kind} “${place.name}”` : `no known ${kind}`
  const value = (holds: boolean) => (place ? truth(holds) : 'unknown')
  const meets = ({ target }: Restriction) => target !== undefined && target.id === place?.id
  const clauseOf = (each: Restriction): Clause => ({
    layer: 'restriction',
    depth: 1,
    clause: `${kind} is “${each.target?.name ?? 'unknown'}”`,
    value: value(meets(each)),
    actual,
    ...(each.target && { because: { kind, ...each.target } }),
  })
  return [
    {
      layer: 'restriction',
      depth: 0,
      clause: `The run's ${kind} is one of those that the context admits`,
      value: value(ofKind.some(meets)),
      actual,
    },
    ...ofKind.map(clauseOf),
  ]
}

/** A run that does not have a value that is read makes the whole false, though some part of it may be true. */
function expressionClauses({ id, expression = '' }: Restriction, run: RunFacts): Clause[] {
  const because = { kind: 'restriction', id, name: expression.slice(0, 80) }
  const clauseOf = ({ from, to, depth, value, found }: ExpressionPart): Clause => ({
    layer: 'restriction',
    depth,
    clause: expression.slice(from, to),
    value,
    ...(found !== '' && { actual: found }),
    ...(depth === 0 && { because }),
  })
  return expressionParts(expression, run.variables ?? {}).map(clauseOf)
}

/** One thing is asked, that the run may reach the segment; by which of the ways it does stands below it. */
function segmentClauses(segment: SegmentFacts, run: RunFacts, zones: Zones | undefined): Clause[] {
  const { inside, from, led, address, runnerClass } = whereabouts(segment, run, zones)
  const { id, name, cidrs, runnerClasses } = segment
  const because = { kind: 'segment', id, name }
  const anywhere = cidrs.length === 0 && runnerClasses.length === 0
  const place = run.project?.segment
  const known =
    !!from ||
    (anywhere
      ? !!place
      : (cidrs.length === 0 || !!run.ip) && (runnerClasses.length === 0 || !!run.runnerClass))
  const clauses: Clause[] = []
  const add = (depth: number, clause: string, known: boolean, holds: boolean, actual: string) =>
    clauses.push({
      layer: 'segment',
      depth,
      clause,
      value: holds ? 'true' : known ? 'false' : 'unknown',
      actual,
      ...(depth === 0 && { because }),
    })
  const stands = inside ? `in segment “${name}”` : from ? `in segment “${from.name}”` : 'elsewhere'
  add(0, `The run may reach segment “${name}”`, known, inside || led, stands)
  if (anywhere) {
    const actual = place ? `a project of segment “${place.name}”` : 'a project of no known segment'
    add(1, `The project is of segment “${name}”`, !!place, inside, actual)
  }
  const at = run.ip ?? 'no known address'
  if (cidrs.length > 0) {
    add(1, `The run comes from an address of segment “${name}”`, !!run.ip, address, at)
    for (const cidr of cidrs) add(2, `address in ${cidr}`, !!run.ip, within([cidr], run.ip), at)
  }
  const on = run.runnerClass ?? 'no known runner class'
  if (runnerClasses.length > 0) {
    const known = run.runnerClass !== undefined
    add(1, `The run is on a runner class of segment “${name}”`, known, runnerClass, on)
    for (const each of runnerClasses)
      add(2, `runner class ${each}`, known, each === run.runnerClass, on)
  }
  if (from) {
    const clause = `The flow from segment “${from.name}” to “${name}” is allowed`
    add(1, clause, true, led, led ? 'it is allowed' : 'no such flow')
  }
  return clauses
}

function policyClauses(judge: PolicyJudge, actor: Actor, { context, run }: UseQuestion): Clause[] {
  const action = 'context:use'
  const asked: PolicyQuestion = { actor, action, resource: context, facts: {}, run }
  const clauses = (['enforce', 'evaluate'] as const).flatMap((mode) => {
    const { verdict, because, reasons } = judge.judge(mode, asked)
    const spoke = new Set(because.map(({ id }) => id))
    const clauseOf = ({ id, name }: PolicyInForce): Clause => {
      const said = spoke.has(id)
      return {
        layer: 'policy',
        depth: 0,
        clause: `“${name}” does not forbid it`,
        // Where one could not be evaluated, of the others it is not told what they say.
        value: verdict === 'error' ? (said ? 'error' : 'unknown') : truth(!said),
        ...(said && { actual: reasons.join('; ') || 'it forbids it' }),
        mode,
        because: { kind: 'policy', id, name },
      }
    }
    return judge.inForce(mode, action).map(clauseOf)
  })
  if (clauses.length > 0) return clauses
  return [
    { layer: 'policy', depth: 0, clause: 'No policy applies to the action', value: 'not_asked' },
  ]
}
