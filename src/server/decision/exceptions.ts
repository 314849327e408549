import type { Layer } from '../../contract/decisions.ts'
import { askRestrictions } from './restrictions.ts'
import type { RunFacts, UseException, UseQuestion } from './run-facts.ts'

/**
 * The approved exception that a run may go by: of its project, on exactly its branch or tag, while it lasts. Code of a
 * fork is nobody's branch, and a rerun with SSH is no run that anybody has looked at: they go by none.
 */
export function exceptionFor(
  exceptions: readonly UseException[] | undefined,
  run: RunFacts,
): UseException | undefined {
  if (run.fromFork || run.sshRerun || !run.project) return undefined
  const { project, branch, tag, now } = run
  return exceptions?.find(
    (one) =>
      one.projectId === project.id &&
      one.branch === branch &&
      one.tag === tag &&
      (branch !== undefined || tag !== undefined) &&
      one.from <= now &&
      now < one.until,
  )
}

/** By what its restrictions admit a run: themselves, an exception (its id), or nothing. What cannot be told no exception lifts. */
export function admittedBy({
  restrictions,
  exceptions,
  run,
}: Pick<UseQuestion, 'restrictions' | 'exceptions' | 'run'>): string | undefined {
  const verdicts = askRestrictions(restrictions, run).map(({ verdict }) => verdict)
  if (verdicts.every((verdict) => verdict === 'permitted')) return 'restrictions'
  return verdicts.includes('error') ? undefined : exceptionFor(exceptions, run)?.id
}

const told = (one: UseException) => ({ kind: 'exception', id: one.id, name: `for ${refOf(one)}` })
const refOf = ({ branch, tag }: UseException) => (branch ? `branch ${branch}` : `tag ${tag ?? ''}`)

/** What a restriction refused and an exception admits; what could not be told stays an error. */
export const liftedBy = (exception: UseException, layers: readonly Layer[]): Layer[] =>
  layers.map((layer) => {
    if (layer.verdict !== 'denied') return layer
    const { change: _, ...asked } = layer
    return Object.assign(asked, {
      verdict: 'permitted' as const,
      clause: `${layer.clause}, or an exception admits it`,
      because: [...layer.because, told(exception)],
    })
  })

export const approvedLayer = (exception: UseException): Layer => ({
  layer: 'approval',
  verdict: 'permitted',
  clause: `Until ${exception.until.toISOString()} an exception admits the project’s runs on ${refOf(exception)}, which ${exception.askedBy} asked for and ${exception.approvedBy} approved`,
  because: [told(exception)],
})

/** Who stands behind it. */
export const exceptionSentence = (who: string, what: string, one: UseException) =>
  `Permitted: the restrictions of ${what} do not admit ${who}, and until ${one.until.toISOString()} an exception does, which ${one.askedBy} asked for and ${one.approvedBy} approved.`
