import type { Layer } from '../../contract/decisions.ts'
import { evaluateExpression, type ExpressionProblem } from './expression.ts'
import type { Restriction, RunFacts } from './run-facts.ts'

const places = ['project', 'team', 'segment'] as const

/**
 * Whom a context admits. Types combine with AND; inside project, team and segment OR; expressions AND. No restriction
 * means closed, and what is not known of the run denies. Nobody is exempt.
 */
export function askRestrictions(restrictions: readonly Restriction[], run: RunFacts): Layer[] {
  if (restrictions.length === 0) {
    return [
      {
        layer: 'restriction',
        verdict: 'denied',
        clause: 'The context has a restriction that admits the run',
        expected: 'at least one restriction',
        actual: 'none, so the context is closed',
        change: `Restrict the context to ${run.project ? `project “${run.project.name}”` : 'the project'}.`,
        because: [],
      },
    ]
  }
  const layers: Layer[] = []
  for (const kind of places) {
    const ofKind = restrictions.filter((restriction) => restriction.kind === kind)
    if (ofKind.length > 0) layers.push(askPlaces(kind, ofKind, run))
  }
  for (const restriction of restrictions) {
    if (restriction.kind === 'expression') layers.push(askExpression(restriction, run))
  }
  // A kind of restriction that this version does not know denies: it was put there to keep somebody out.
  for (const { id, kind } of restrictions) {
    if (kind === 'expression' || places.some((known) => known === kind)) continue
    layers.push({
      layer: 'restriction',
      verdict: 'error',
      clause: 'Every restriction is understood',
      expected: 'a project, team, segment or expression',
      actual: kind,
      because: [{ kind: 'restriction', id, name: kind }],
    })
  }
  return layers
}

function askPlaces(
  kind: (typeof places)[number],
  restrictions: readonly Restriction[],
  run: RunFacts,
): Layer {
  const actual = kind === 'project' ? run.project : run.project?.[kind]
  const met = restrictions.filter(({ target }) => target !== undefined && target.id === actual?.id)
  const names = restrictions.map(({ target }) => `“${target?.name ?? 'unknown'}”`)
  const shown = names.length > 5 ? [...names.slice(0, 5), `${names.length - 5} more`] : names
  const holds = met.length > 0
  return {
    layer: 'restriction',
    verdict: holds ? 'permitted' : 'denied',
    clause: `The run's ${kind} is one of those that the context admits`,
    ...(!holds && {
      expected: `${kind} ${shown.join(' or ')}`,
      actual: actual ? `${kind} “${actual.name}”` : `no known ${kind}`,
      change: actual
        ? `Let a restriction of the context admit ${kind} “${actual.name}”.`
        : `Place the project in a ${kind} that the context admits.`,
    }),
    because: (holds ? met : restrictions).map(({ id, target }) => ({
      kind: 'restriction',
      id,
      name: target?.name ?? kind,
    })),
  }
}

/** Also where a text has such a word: the whole expression is then said, which is never wrong. */
const alternatives = /\b(?:or|not)\b/

function askExpression({ id, expression }: Restriction, run: RunFacts): Layer {
  const text = expression ?? ''
  const answer = evaluateExpression(text, run.variables ?? {})
  const { holds, problem } = answer
  // The comparisons that were not true; where any of several would do, or all were true (under `not`), the expression itself.
  const failed = answer.trace.filter(({ value }) => value !== true)
  const all = !alternatives.test(text)
  const wanted = (all && failed.map(({ from, to }) => text.slice(from, to)).join(' and ')) || text
  const asked = failed.length > 0 ? failed : answer.trace
  const found = [...new Set(asked.map((each) => each.found))].join('; ')
  return {
    layer: 'restriction',
    verdict: holds ? 'permitted' : problem?.kind === 'type' ? 'error' : 'denied',
    clause: `Expression ${text}`,
    ...(!holds && {
      expected: wanted,
      actual: problem?.message ?? (found || 'false'),
      change: problem
        ? changeOf(text, problem)
        : `Run it where ${wanted} holds, or change the expression.`,
    }),
    because: [{ kind: 'restriction', id, name: text.length > 80 ? `${text.slice(0, 79)}…` : text }],
  }
}

function changeOf(text: string, { kind, from, to }: ExpressionProblem): string {
  if (kind !== 'unknown') return 'Change the expression, which cannot be evaluated.'
  const name = text.slice(from, to)
  return `The CI’s token says nothing of ${name} for this run: change the expression, or how the run is started.`
}
