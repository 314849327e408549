import {
  problemStatus,
  type FailedClause,
  type Problem,
  type ProblemCode,
} from '../../contract/problem.ts'

export interface ProblemDetails {
  readonly fields?: readonly { path: string; message: string }[]
  readonly permission?: string
  readonly current?: unknown
  /** Every clause that stood in the way of a pipeline run. */
  readonly failed?: readonly FailedClause[]
  /** The page that explains the decision. */
  readonly decision?: string
  /** RFC 6749 §5.2: what an OAuth client reads. */
  readonly error?: string
  /** Response headers, such as `WWW-Authenticate` or `Retry-After`. */
  readonly headers?: Readonly<Record<string, string>>
}

/** An error that is an answer: thrown anywhere below the door, sent as RFC 9457 `application/problem+json`. */
export class ProblemError extends Error {
  readonly code: ProblemCode
  readonly details: ProblemDetails

  constructor(code: ProblemCode, title: string, details: ProblemDetails = {}) {
    super(title)
    this.name = 'ProblemError'
    this.code = code
    this.details = details
  }

  get status(): number {
    return problemStatus[this.code]
  }

  toProblem(requestId: string): Problem {
    const { fields, permission, current, failed, decision, error } = this.details
    return {
      type: `/problems/${this.code}`,
      code: this.code,
      status: this.status,
      title: this.message,
      ...(fields && { fields: [...fields] }),
      ...(permission && { permission }),
      ...(current !== undefined && { current }),
      ...(failed && { failed: [...failed] }),
      ...(decision && { decision }),
      ...(error && { error, error_description: this.message }),
      requestId,
    }
  }
}

/** Makes the error to throw: a stable code and a sentence that says what to do. */
export function problem(code: ProblemCode, title: string, details?: ProblemDetails): ProblemError {
  return new ProblemError(code, title, details)
}

/** The 404 of an address that nothing has. */
export const nothingHere = (): ProblemError =>
  problem('not_found', 'There is nothing at this address.')

/** A field that cannot be as it is given; `message` says what it must be: `must lie in the future`. */
export const invalidField = (path: string, message: string): ProblemError =>
  problem('invalid_input', `\`${path}\` ${message}.`, { fields: [{ path, message }] })
