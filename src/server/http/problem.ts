import { problemStatus, type Problem, type ProblemCode } from '../../contract/problem.ts'

export interface ProblemDetails {
  readonly fields?: readonly { path: string; message: string }[]
  readonly permission?: string
  readonly current?: unknown
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
    const { fields, permission, current } = this.details
    return {
      type: `/problems/${this.code}`,
      code: this.code,
      status: this.status,
      title: this.message,
      ...(fields && { fields: [...fields] }),
      ...(permission && { permission }),
      ...(current !== undefined && { current }),
      requestId,
    }
  }
}

/** Makes the error to throw: a stable code and a sentence that says what to do. */
export function problem(code: ProblemCode, title: string, details?: ProblemDetails): ProblemError {
  return new ProblemError(code, title, details)
}
