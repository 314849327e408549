import type { JobFact, Unresolved } from '../../contract/pipeline-facts.ts'
import { unique, unknown } from './facts-of.ts'

/** A job before what stands before it is followed. `needs` are names in the same workflow. */
export interface Unlinked {
  readonly job: JobFact
  readonly needs: readonly Need[]
}
export interface Need {
  readonly name: string
  /** It must have succeeded, so that an approval in it was given. */
  readonly success: boolean
}

interface Reached {
  readonly requires: Set<string>
  readonly approvals: Set<string>
  readonly unresolved: Unresolved[]
}

/**
 * Follows what each job of a workflow waits for. An approval guards a job only over needs that must succeed. Several
 * jobs may share a name (a matrix): all of them are waited for.
 */
export function linkJobs(jobs: readonly Unlinked[]): JobFact[] {
  const byName = Map.groupBy(jobs, ({ job }) => job.name)
  const done = new Map<Unlinked, Reached>()

  const reach = (one: Unlinked): Reached => {
    const known = done.get(one)
    if (known) return known
    const reached: Reached = { requires: new Set(), approvals: new Set(), unresolved: [] }
    done.set(one, reached)
    for (const { name, success } of one.needs) {
      const before = byName.get(name)
      if (!before) {
        reached.unresolved.push(unknown('requires', name))
        continue
      }
      reached.requires.add(name)
      for (const each of before) {
        const further = reach(each)
        for (const required of further.requires) reached.requires.add(required)
        if (!success) continue
        if (each.job.kind === 'approval') reached.approvals.add(name)
        for (const approval of further.approvals) reached.approvals.add(approval)
      }
    }
    return reached
  }

  for (const one of inOrder(jobs, byName)) reach(one)
  return jobs.map((one) => {
    const { requires, approvals, unresolved } = reach(one)
    return {
      ...one.job,
      requires: [...requires],
      approvals: unique([...approvals]),
      unresolved: [...one.job.unresolved, ...unresolved],
    }
  })
}

/** Those waited for first, so that a chain of thousands is not followed by a stack of thousands. */
function inOrder(jobs: readonly Unlinked[], byName: ReadonlyMap<string, readonly Unlinked[]>) {
  const seen = new Set<Unlinked>()
  const order: Unlinked[] = []
  for (const first of jobs) {
    const stack: (readonly [Unlinked, leave: boolean])[] = [[first, false]]
    for (let top = stack.pop(); top; top = stack.pop()) {
      const [one, leave] = top
      if (leave) order.push(one)
      if (leave || seen.has(one)) continue
      seen.add(one)
      stack.push([one, true])
      for (const { name } of one.needs) {
        for (const before of byName.get(name) ?? []) {
          if (!seen.has(before)) stack.push([before, false])
        }
      }
    }
  }
  return order
}
