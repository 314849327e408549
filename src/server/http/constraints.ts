import { isSilence } from '../db/connect.ts'
import { problem, type ProblemError } from './problem.ts'

/**
 * Named database constraints and the answer that a violation becomes. The database has the last word in a race between
 * two requests, so the name of what it refused is the name of the problem.
 */
const known: Readonly<Record<string, () => ProblemError>> = {
  context_name_key: () => taken('context', 'name'),
  policy_name_key: () => taken('policy', 'name'),
  policy_test_name_key: () => taken('test', 'name'),
  policy_approval_open_key: () =>
    problem('conflict', 'Enforcement of this policy has been asked for already.'),
  policy_approval_second_person_check: () =>
    problem('conflict', 'Nobody approves what they asked for themselves.'),
  audit_view_name_key: () => taken('saved search', 'name'),
  secret_name_key: () => taken('secret', 'name'),
  access_grant_live_key: () =>
    problem(
      'conflict',
      'They hold this role in this scope already, without an end. Change that grant instead.',
    ),
  access_request_open_key: () =>
    problem('conflict', 'You have asked for this already. Withdraw that request first.'),
  use_exception_open_key: () =>
    problem('conflict', 'This is asked for already, and waits for an answer.'),
  use_exception_second_person_check: () =>
    problem('forbidden', 'Nobody decides on their own exception.'),
  access_request_grant_key: () => problem('already_decided', 'It was approved already.'),
  request_step_second_person_check: () =>
    problem('forbidden', 'Nobody decides on their own request.'),
  request_step_approved_key: () => problem('conflict', 'You have approved it already.'),
  review_answer_second_person_check: () => problem('forbidden', 'Nobody reviews their own access.'),
  access_grant_scope_check: () =>
    problem('in_use', 'Live or scheduled grants are held on it. Revoke them first.'),
  access_grant_role_fkey: () =>
    problem('conflict', 'The role was deleted at this moment. Choose another.'),
  api_token_role_fkey: () =>
    problem('conflict', 'The role was deleted at this moment. Choose another.'),
  access_grant_role_check: () =>
    problem('in_use', 'Live or scheduled grants are made of this role. Revoke them first.'),
  project_external_key: () => taken('project', 'externalId'),
  project_slug_key: () => taken('project', 'slug'),
  issuer_name_key: () => taken('issuer', 'name'),
  vault_server_name_key: () => taken('vault', 'name'),
  trust_rule_name_key: () => taken('rule', 'name'),
  role_name_key: () => taken('role', 'name'),
  segment_name_key: () => taken('segment', 'name'),
  segment_range_key: () => {
    const message = 'A range was given to another segment at this moment. Reload and look again.'
    return problem('conflict', message, { fields: [{ path: 'cidrs', message }] })
  },
  team_name_key: () => taken('team', 'name'),
  team_slug_key: () => taken('team', 'name'),
  person_email_key: () => problem('conflict', 'Somebody else has this e-mail already.'),
  restriction_same_key: () => problem('conflict', 'The context has this restriction already.'),
}

function taken(kind: string, path: string): ProblemError {
  const message = `There is a ${kind} of this name already.`
  return problem('name_taken', message, { fields: [{ path, message }] })
}

interface DatabaseError {
  readonly code?: string
  readonly constraint?: string
  readonly message?: string
}

/** SQLSTATE classes that mean "not now": connection loss, resources, operator, lock and statement time-outs, our ZT001. */
const unavailable = /^(08|53|57|55P03|25006|ZT)/

/** Whether the record itself refused an event: then nothing may be answered but that (P2), and an operator must know. */
export function isRecordFault(error: unknown): boolean {
  const { code, table, message } = (error ?? {}) as DatabaseError & { readonly table?: string }
  return (
    typeof code === 'string' &&
    (code === 'ZT001' || table === 'audit_queue' || /\baudit_queue\b/.test(message ?? ''))
  )
}

/** What the driver says, without a code, when it gets no connection or loses one. */
const unreachable =
  /^(timeout exceeded when trying to connect|Connection terminated|Client has encountered a connection error|Client was closed)/

/** The problem that a database error stands for, or `undefined` when it is a defect of ours. */
export function problemOf(error: unknown): ProblemError | undefined {
  const { code, constraint, message } = (error ?? {}) as DatabaseError
  if (isSilence(error) || unreachable.test(message ?? '')) {
    // Lost while it was committing, a change may have been made: only who asked knows what to look for.
    const sentence =
      'The database does not answer. Look whether this was done, or ask again with the same Idempotency-Key.'
    return problem('unavailable', sentence, { headers: { 'retry-after': '2' } })
  }
  if (typeof code !== 'string') return undefined
  if (isRecordFault(error)) {
    return problem(
      'unavailable',
      'The audit trail cannot take this now, so nothing was done and nothing is told. Try again.',
      { headers: { 'retry-after': '2' } },
    )
  }
  // Where names collide by case in any alphabet, a second index says so (0014).
  const made = constraint ? known[constraint.replace('_name_fold_key', '_name_key')] : undefined
  if (made) return made()
  // PostgreSQL reads addresses more strictly than any pattern: bits right of the mask are refused.
  if (code === '22P02' && /\bcidr\b/.test(message ?? '')) {
    const given = /"([^"]+)"/.exec(message ?? '')?.[1]
    const sentence = given
      ? `“${given}” has bits right of its mask, or is no range of addresses.`
      : 'An address range has bits right of its mask, or is none.'
    return problem('invalid_input', sentence, { fields: [{ path: 'cidrs', message: sentence }] })
  }
  // NUL, which no text of PostgreSQL can hold: what no schema names a fault of is the sender's all the same.
  if (code === '22021' || code === '22P05') {
    return problem(
      'invalid_input',
      'A text holds the character NUL, which can be neither kept nor found.',
    )
  }
  if (code === '23505') {
    return problem(
      'conflict',
      'Somebody else made the same at the same moment. Reload and look again.',
    )
  }
  if (code === '23503') {
    return problem('in_use', 'Something still refers to it. Remove these references first.')
  }
  if (code === '40001' || code === '40P01') {
    return problem('unavailable', 'Two changes met. Nothing was changed; try again.', {
      headers: { 'retry-after': '1' },
    })
  }
  if (unavailable.test(code) || code === 'ECONNREFUSED' || code === 'ECONNRESET') return notNow()
  return undefined
}

const notNow = () =>
  problem('unavailable', 'The database cannot take this now. Nothing was changed; try again.', {
    headers: { 'retry-after': '2' },
  })
