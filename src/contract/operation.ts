import type { z } from 'zod'
import type { Permission } from './permissions.ts'

export type Method = 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'

/** The kinds of object that a permission can be asked on; the path names the object as `:<kind>Id`. */
export type ResourceKind =
  | 'organization'
  | 'person'
  | 'team'
  | 'role'
  | 'grant'
  | 'request'
  | 'review'
  | 'segment'
  | 'project'
  | 'context'
  | 'secret'
  | 'policy'
  | 'decision'
  | 'audit'
  | 'issuer'
  | 'trustRule'
  | 'lease'
  | 'finding'
  | 'vault'
  | 'session'
  | 'apiToken'

type Shape = z.ZodObject

/**
 * What an operation declares, once. Route, validation, the permission asked, the browser's typed call, its query key
 * and the OpenAPI document are derived from it.
 */
export interface OperationSpec {
  readonly method: Method
  /** Below `/api/v1`; `:name` segments are ids unless `params` says otherwise. */
  readonly path: string
  readonly summary: string
  /**
   * The permission asked; or, written out: `signed-in` (any person or token with a live session), `authenticated` (a
   * verified token whose session has not begun yet), `public` (nobody need be known), `workload` (a pipeline run, by the
   * CI's token in `subject_token`), `lease` (whoever holds a lease, in `Authorization` or `lease`).
   */
  readonly may: Permission | 'signed-in' | 'authenticated' | 'public' | 'workload' | 'lease'
  /**
   * What the permission is asked on. A kind: the object that the path's `:<kind>Id` names, loaded by the door (404 when
   * it may not be viewed). `organization`: everything; the default of what changes something. `any`: held anywhere;
   * the default of GET, and then the handler must narrow by `scope.reach` or `scope.demand`, which the door checks.
   */
  readonly on?: ResourceKind | 'any'
  /**
   * Open also to a pipeline run that sends its CI's token as `Authorization: Bearer`. No permission is asked of it: the
   * handler must name its project (`scope.actAs`), which the door checks, and go no further than that.
   */
  readonly orWorkload?: true
  readonly params?: Shape
  readonly query?: Shape
  readonly body?: Shape
  readonly returns: z.ZodType
  /** Needs an authentication no older than five minutes (RFC 9470). */
  readonly stepUp?: true
  /** Must carry `If-Match` with the object's version: 428 without, 412 when stale. */
  readonly ifMatch?: true
  /** The answer holds something shown once; it is never stored for idempotent replay. */
  readonly revealsOnce?: true
  /** The input holds a secret's value: no browser may keep it anywhere, not even for a moment. */
  readonly secretInput?: true
  /** A read that leaves an event of its own: each time (exports), or folded per person and minute (the audit trail). */
  readonly audits?: 'each' | 'per-minute'
  /** A POST that changes nothing (a preview, a check): runs in a read-only transaction, leaves no event when permitted. */
  readonly readOnly?: true
  /** Takes `application/x-www-form-urlencoded` as well as JSON; a name given several times is a list (RFC 8693 §2.1). */
  readonly form?: true
  /** How the answer reads with `Accept: text/plain`, in which a refusal is then told as well. */
  readonly terminal?: (answer: never) => string
  /**
   * Does something slow or remote: that runs in the first of two transactions, which only reads and asks what must hold, or
   * between them; the second carries out. The handler is then a `PreparingHandler`.
   */
  readonly prepares?: true
  /** Takes its body also as plain text or YAML, which is then the field `text`: for `curl --data-binary @file`. */
  readonly text?: true
  /** Answers with server-sent events, each data line one `returns`. */
  readonly stream?: true
  /** Answers a file of this media type instead of JSON, sent while it is read; `returns` is then a string. */
  readonly media?: string
}

export type Operations = Readonly<Record<string, OperationSpec>>

/** Declares a noun's operations; keeps every literal type. */
export function noun<const O extends Operations>(operations: O): O {
  return operations
}

type PathParams<P extends string> = P extends `${string}:${infer Rest}`
  ? Rest extends `${infer Name}/${infer Tail}`
    ? Name | PathParams<Tail>
    : Rest
  : never

type Out<S> = S extends z.ZodType ? z.output<S> : unknown
type In<S> = S extends z.ZodType ? z.input<S> : unknown
type ParamsOf<O extends OperationSpec> = O['params'] extends z.ZodType
  ? z.output<O['params']>
  : { [K in PathParams<O['path']>]: string }
type Flat<T> = { [K in keyof T]: T[K] } & {}

/** What a handler is given: path parameters, query and body, parsed and laid flat. */
export type Input<O extends OperationSpec> = Flat<ParamsOf<O> & Out<O['query']> & Out<O['body']>>
/** What a caller gives: the same before defaults are filled in. */
export type CallInput<O extends OperationSpec> = Flat<ParamsOf<O> & In<O['query']> & In<O['body']>>
export type Output<O extends OperationSpec> = z.output<O['returns']>
/** What a handler may answer: the output before transforms and defaults. */
export type Answer<O extends OperationSpec> = z.input<O['returns']>
