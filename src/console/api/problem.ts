import type { Problem } from '../../contract/problem.ts'

/** A refusal of the API, as RFC 9457 says it; thrown by every call. */
export class ApiError extends Error {
  readonly problem: Problem
  constructor(problem: Problem) {
    super(problem.title)
    this.name = 'ApiError'
    this.problem = problem
  }
}

/** The problem in an answer that is no success; an answer that is not ours (a proxy's) is told as unavailable. */
export async function problemFrom(response: Response): Promise<Problem> {
  const told: unknown = await response.json().catch(() => undefined)
  if (isProblem(told)) return told
  return {
    type: '/problems/unavailable',
    code: 'unavailable',
    status: response.status,
    title: `The server answered ${response.status} without saying why. Try again in a moment.`,
    requestId: response.headers.get('x-request-id') ?? 'unknown',
  }
}

/** What our server sends as a problem; a proxy's page has neither. */
const isProblem = (told: unknown): told is Problem =>
  typeof told === 'object' &&
  told !== null &&
  typeof Reflect.get(told, 'code') === 'string' &&
  typeof Reflect.get(told, 'title') === 'string'

/** The object as it is now, where somebody else changed it first (412); in the shape of the operation's answer. */
// oxlint-disable-next-line typescript/no-unnecessary-type-parameters -- the caller knows which operation was refused
export function currentOf<T extends object>(error: unknown): T | undefined {
  if (!(error instanceof ApiError) || error.problem.code !== 'stale') return undefined
  const { current } = error.problem
  return typeof current === 'object' && current !== null ? (current as T) : undefined
}

/** What a form shows of an error: a line per field, or the sentence itself. */
export function formErrors(error: unknown): { path?: string; message: string }[] {
  if (!error) return []
  if (!(error instanceof ApiError)) {
    const message =
      error instanceof Error && !(error instanceof TypeError)
        ? error.message
        : 'The server could not be reached. Check the connection and try again.'
    return [{ message }]
  }
  const { fields, title } = error.problem
  return fields && fields.length > 0 ? fields : [{ message: title }]
}

/** The same, without a lost race: that is told by both versions, in a dialog of its own. */
export const errorsButRace = (error: unknown) => (currentOf(error) ? [] : formErrors(error))
