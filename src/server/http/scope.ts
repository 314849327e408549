import type { AnswerOf, Contract, InputOf, Noun, OperationId } from '../../contract/index.ts'
import type { Outcome } from '../../contract/decisions.ts'
import type { ResourceKind } from '../../contract/operation.ts'
import type { Permission } from '../../contract/permissions.ts'
import type { Config } from '../config.ts'
import type { Db } from '../db/connect.ts'
import type { Transaction } from '../db/transaction.ts'
import type { DecideFor } from '../decision/lock-out.ts'
import type { TokenThen } from '../db/tables/decisions.ts'
import type { Actor, Decision, Reach, Resource } from '../decision/types.ts'
import type { Identity, LeaseShown, Workload } from './authenticate/identity.ts'
import type { AfterCommit, Refusal } from './outcome.ts'
import type { RunFacts } from '../decision/run-facts.ts'
import type { FileBody } from './download.ts'

/** What an event says of the object it is about. */
interface Subject {
  readonly kind: ResourceKind | (string & {})
  readonly id: string
  readonly name: string
}

/** What a handler adds to the event that the door writes for it. Never a secret: secrets stand as their `sp_tok_…`. */
export interface Record {
  readonly resource?: Subject
  readonly before?: unknown
  readonly after?: unknown
  readonly detail?: unknown
  /** What was decided beyond the permission; recorded in its place, under the id given. */
  readonly decision?: {
    readonly id: string
    readonly decision: Decision
    readonly facts: Readonly<{ [name: string]: unknown }>
    readonly latencyUs?: number
    readonly resource: Resource
  }
  /** Where the event belongs besides, for facets. */
  readonly project?: string
  readonly context?: string
}

export interface RequestFacts {
  readonly id: string
  readonly ip: string
  readonly userAgent: string
  readonly method: string
  readonly path: string
}

/** The one thing that travels on the server: made by the door for one request, gone with its transaction. */
export interface Scope {
  /** The open transaction: read-only for a GET. The first argument of every store function. */
  readonly db: Db
  /** The same, where what is asked and left for its end is prepared, and what is kept in memory goes by its epochs. */
  readonly transaction: Transaction
  readonly actor: Actor
  /** The verified token behind the request; absent for API tokens and public operations. */
  readonly identity?: Identity
  /** The CI's verified token; present where `may` is `workload`. */
  readonly workload?: Workload
  /** Present where `may` is `lease`. */
  readonly leaseShown?: LeaseShown
  readonly now: Date
  readonly request: RequestFacts
  readonly config: Config
  /** What the path's `:<kind>Id` named: loaded, and decided on, by the door. */
  readonly resource?: Resource
  /** From `If-Match`; present where the operation declares `ifMatch`. */
  readonly expectedVersion?: number
  decide(action: Permission, resource: Resource, facts?: Facts): Decision
  /** Throws the 403 that names what is missing, unless the action is permitted on the resource. */
  demand(action: Permission, resource: Resource): Decision
  /** Where the permission is held, for narrowing a list in SQL. */
  reach(action: Permission): Reach
  /** What the actor may do with the object: for its `allowed`. */
  allowed(resource: Resource): Permission[]
  /** Enriches the event of this operation; the last call wins field by field. */
  record(record: Record): void
  /** Names the actor better than the credential alone could: a workload by its project. */
  actAs(actor: Actor): void
  /** Records a decision that the handler made, with the event of this request, however it ends; answers its id. */
  decided(made: Decided): string
  /** Writes a further event in the same transaction: of another object that changed, or that was kept from it. */
  also(action: string, record: Record, how?: { outcome: Outcome; sentence: string }): void
  /** What others would be answered under the policies that are in force now: for rules about who is left. */
  decideForOthers(): Promise<DecideFor>
}

/** A decision about a pipeline run, as it is recorded. */
export interface Decided {
  readonly resource: Resource
  readonly decision: Decision
  readonly run: RunFacts
  /** What the CI's token said of whose run it is. */
  readonly token?: TokenThen
  readonly projectId?: string
  readonly contextId?: string
  readonly latencyUs: number
  /** Permitted, and not carried out: another context of the same request was refused. */
  readonly failed?: boolean
}

/** Facts that policies and restrictions read beside the resource's attributes. */
type Facts = Readonly<{ [name: string]: unknown }>

/** What a streaming operation is given instead of an open transaction. */
export interface StreamScope extends Omit<
  Scope,
  'transaction' | 'record' | 'also' | 'actAs' | 'decided'
> {
  readonly signal: AbortSignal
  /** `Last-Event-ID` of a client that comes back. */
  readonly lastEventId?: string
}

/** One server-sent event: `id` is what the client resumes from; without data it says only that. */
export interface StreamItem<T> {
  readonly id?: string
  readonly data?: T
}

type Handler<I extends OperationId> = (scope: Scope, input: InputOf<I>) => Promise<AnswerOf<I>>
/** What pipelines ask may be refused with consequences, and is answered once it is on record. */
type PipelineHandler<I extends OperationId> = (
  scope: Scope,
  input: InputOf<I>,
) => Promise<AnswerOf<I> | Refusal | AfterCommit<AnswerOf<I>>>
type StreamHandler<I extends OperationId> = (
  scope: StreamScope,
  input: InputOf<I>,
) => AsyncIterable<StreamItem<AnswerOf<I>>>
type MediaHandler<I extends OperationId> = (
  scope: Scope,
  input: InputOf<I>,
) => Promise<{ body: FileBody; filename: string; media?: string }>

/**
 * Asked in a first, read-only transaction; what it answers runs outside of any; what that answers carries the operation
 * out in the second. Refusals are thrown wherever they are known.
 */
type PreparingHandler<I extends OperationId> = (
  scope: Scope,
  input: InputOf<I>,
) => Promise<() => Promise<(scope: Scope) => Promise<AnswerOf<I>>>>

type HandlerOf<N extends Noun, V extends string> = Contract[N] extends { [K in V]: infer O }
  ? O extends { prepares: true }
    ? PreparingHandler<`${N}.${V}` & OperationId>
    : O extends { stream: true }
      ? StreamHandler<`${N}.${V}` & OperationId>
      : O extends { media: string }
        ? MediaHandler<`${N}.${V}` & OperationId>
        : O extends { may: 'workload' | 'lease' }
          ? PipelineHandler<`${N}.${V}` & OperationId>
          : Handler<`${N}.${V}` & OperationId>
  : never

/** The typed hole a feature fills: a handler for every operation of its noun, or it does not compile. */
export type Handlers<N extends Noun> = {
  readonly [V in keyof Contract[N] & string]: HandlerOf<N, V>
}
