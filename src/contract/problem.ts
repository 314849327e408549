import { z } from 'zod'

/** Every code an answer can carry, with its HTTP status: stable, for programs (RFC 9457 `type` is `/problems/<code>`). */
export const problemStatus = {
  bad_request: 400,
  invalid_json: 400,
  invalid_input: 400,
  invalid_cursor: 400,
  invalid_proof: 401,
  /** RFC 9449 §9: ask again with the nonce of the `DPoP-Nonce` header. */
  use_dpop_nonce: 401,
  replayed_proof: 401,
  unauthenticated: 401,
  invalid_token: 401,
  session_revoked: 401,
  session_expired: 401,
  session_required: 401,
  step_up_required: 401,
  invalid_subject_token: 400,
  invalid_target: 400,
  replayed_token: 403,
  use_denied: 403,
  lease_spent: 403,
  forbidden: 403,
  not_found: 404,
  method_not_allowed: 405,
  request_timeout: 408,
  conflict: 409,
  name_taken: 409,
  last_administrator: 409,
  in_use: 409,
  built_in: 409,
  limit_reached: 409,
  already_decided: 409,
  already_delivered: 409,
  request_in_flight: 409,
  stale: 412,
  too_large: 413,
  unsupported_media_type: 415,
  invalid_policy: 422,
  invalid_config: 422,
  tests_failing: 422,
  reason_required: 422,
  idempotency_mismatch: 422,
  version_required: 428,
  too_many_requests: 429,
  headers_too_large: 431,
  integrity_fault: 500,
  internal: 500,
  unavailable: 503,
} as const
export type ProblemCode = keyof typeof problemStatus

const ProblemField = z.strictObject({ path: z.string(), message: z.string() })

/** One clause that stood in the way of a pipeline run. */
export const FailedClause = z.strictObject({
  layer: z.string(),
  clause: z.string(),
  expected: z.string().optional(),
  actual: z.string().optional(),
  /** The smallest change that would make it hold. */
  change: z.string().optional(),
})
export type FailedClause = z.infer<typeof FailedClause>

/** The one shape of an error: RFC 9457 `application/problem+json`. */
export const Problem = z.strictObject({
  type: z.string(),
  code: z.enum(Object.keys(problemStatus) as [ProblemCode, ...ProblemCode[]]),
  status: z.int(),
  /** A sentence for a person, with the remedy. */
  title: z.string(),
  /** What was wrong, field by field, for a form. */
  fields: z.array(ProblemField).optional(),
  /** What was missing when access was refused. */
  permission: z.string().optional(),
  /** The object as it is now, where a lost race (412) shows both versions. */
  current: z.unknown().optional(),
  /** Every clause that failed, in the order of the layers. */
  failed: z.array(FailedClause).optional(),
  /** The page that explains the decision. */
  decision: z.string().optional(),
  /** RFC 6749 §5.2, at the endpoints that speak OAuth. */
  error: z.string().optional(),
  error_description: z.string().optional(),
  requestId: z.string(),
})
export type Problem = z.infer<typeof Problem>
