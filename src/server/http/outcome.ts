import type { ProblemError } from './problem.ts'

/**
 * A refusal that has consequences: the handler *answers* it instead of throwing it, so that what it wrote is committed with
 * the refusal's event. (A lease shown twice is refused, counted, and ends its siblings.)
 */
export class Refusal {
  readonly problem: ProblemError
  constructor(problem: ProblemError) {
    this.problem = problem
  }
}

/**
 * The rest of an answer, to be made once the transaction has committed: the event of a disclosure is durable before
 * anything is opened or fetched (P2), and nothing slow or remote runs inside a transaction.
 */
export class AfterCommit<T> {
  readonly work: () => Promise<T>
  constructor(work: () => Promise<T>) {
    this.work = work
  }
}
