import { apiTokens } from './api-tokens.ts'
import { audit, auditViews } from './audit.ts'
import { compliance } from './compliance.ts'
import { contexts } from './contexts.ts'
import { decisions } from './decisions.ts'
import { exports } from './exports.ts'
import { federation } from './federation.ts'
import { findings } from './findings.ts'
import { grants } from './grants.ts'
import { inbox } from './inbox.ts'
import { issuers } from './issuers.ts'
import { leases } from './leases.ts'
import { me } from './me.ts'
import { overview } from './overview.ts'
import { people } from './people.ts'
import { pipelines } from './pipelines.ts'
import { policies } from './policies.ts'
import { policyTests } from './policy-tests.ts'
import { projects } from './projects.ts'
import { reach } from './reach.ts'
import { replays } from './replays.ts'
import { exceptions } from './exceptions.ts'
import { requests } from './requests.ts'
import { reviews } from './reviews.ts'
import { risk } from './risk.ts'
import { roles } from './roles.ts'
import { scores } from './scores.ts'
import { search } from './search.ts'
import { segments } from './segments.ts'
import { sessions } from './sessions.ts'
import { system } from './system.ts'
import { teams } from './teams.ts'
import { trustRules } from './trust-rules.ts'
import { vaults } from './vaults.ts'
import type { Answer, CallInput, Input, OperationSpec, Output } from './operation.ts'

/** Every noun, once. */
const contract = {
  apiTokens,
  audit,
  auditViews,
  compliance,
  contexts,
  decisions,
  exports,
  federation,
  findings,
  grants,
  inbox,
  issuers,
  leases,
  me,
  overview,
  people,
  pipelines,
  policies,
  policyTests,
  projects,
  reach,
  replays,
  requests,
  exceptions,
  reviews,
  risk,
  roles,
  scores,
  search,
  segments,
  sessions,
  system,
  teams,
  trustRules,
  vaults,
}

export type Contract = typeof contract
export type Noun = keyof Contract

/** `contexts.create`: the contract key, the OpenAPI operationId, the query key and the audit event's action. */
export type OperationId = {
  [N in Noun]: `${N}.${Extract<keyof Contract[N], string>}`
}[Noun]

export type OperationOf<I extends OperationId> = I extends `${infer N}.${infer V}`
  ? N extends Noun
    ? V extends keyof Contract[N]
      ? Contract[N][V] extends OperationSpec
        ? Contract[N][V]
        : never
      : never
    : never
  : never

export type InputOf<I extends OperationId> = Input<OperationOf<I>>
export type CallOf<I extends OperationId> = CallInput<OperationOf<I>>
export type OutputOf<I extends OperationId> = Output<OperationOf<I>>
export type AnswerOf<I extends OperationId> = Answer<OperationOf<I>>

/** Every operation with its id, in the contract's order. */
export function operations(): { id: OperationId; noun: Noun; spec: OperationSpec }[] {
  return Object.entries(contract as Record<string, Record<string, OperationSpec>>).flatMap(
    ([noun, specs]) =>
      Object.entries(specs).map(([verb, spec]) => ({
        id: `${noun}.${verb}` as OperationId,
        noun: noun as Noun,
        spec,
      })),
  )
}

/** Finds an operation's declaration by its id. */
export function operationOf<I extends OperationId>(id: I): OperationOf<I> {
  const [noun = '', verb = ''] = id.split('.')
  const found = (contract as Record<string, Record<string, OperationSpec>>)[noun]?.[verb]
  if (!found) throw new Error(`no operation ${id}`)
  return found as OperationOf<I>
}
