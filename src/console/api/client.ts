import {
  infiniteQueryOptions,
  queryOptions,
  useMutation,
  useQueryClient,
} from '@tanstack/react-query'
import type { CallShape } from '../../contract/call-shapes.ts'
import type { CallOf, OperationId, OutputOf } from '../../contract/index.ts'
import { ApiError, problemFrom } from './problem.ts'
import { rest } from './rest.ts'
import { shapeOf } from './shapes.ts'

/** How requests travel: `fetch` with the session's token, and what asks for a recent sign-in (RFC 9470). Set at the start, by `auth`. */
export interface Carrier {
  fetch(path: string, init: RequestInit): Promise<Response>
  /** Resolves when the person has confirmed who they are; rejects when they chose not to. */
  confirm(asked: Asked): Promise<void>
}

/** A call that waits for its person: enough to make it again, or nothing where it may not be kept. */
export interface Asked {
  readonly id: OperationId
  readonly input?: unknown
  readonly version?: number
  readonly idempotencyKey?: string
}

let carrier: Carrier = {
  fetch: (path, init) => fetch(path, init),
  confirm: () => Promise.reject(new Error('Nobody can be asked to confirm.')),
}

export function carryCallsBy(next: Carrier): void {
  carrier = next
}

export interface CallOptions {
  /** The version that is changed, for operations that declare `ifMatch`. */
  readonly version?: number
  readonly signal?: AbortSignal
  readonly idempotencyKey?: string
  /** Where a stream is taken up again. */
  readonly lastEventId?: string
}

type Fields = Record<string, unknown>

/** Path, search and body of a call: each field goes where the operation declares it. */
function requestOf(shape: CallShape, input: Fields): { path: string; body?: string } {
  const rest = { ...input }
  const take = (name: string) => {
    const value = rest[name]
    delete rest[name]
    return value
  }
  const path = shape.path.replaceAll(/:(\w+)/g, (_, name: string) =>
    encodeURIComponent(String(take(name))),
  )
  const search = new URLSearchParams()
  for (const name of Object.keys(shape.query)) {
    const value = take(name)
    if (typeof value === 'string' && value !== '') search.set(name, value)
    else if (typeof value === 'number' || typeof value === 'boolean') search.set(name, `${value}`)
  }
  const query = search.size > 0 ? `?${search.toString()}` : ''
  return { path: `/api/v1${path}${query}`, ...(shape.body && { body: JSON.stringify(rest) }) }
}

/** The typed call of an operation. Throws an `ApiError` for every refusal. */
export async function call<I extends OperationId>(
  id: I,
  input: CallOf<I>,
  options: CallOptions = {},
): Promise<OutputOf<I>> {
  return answerOf(await respond(id, input, 'application/json', options))
}

/** The answer as it comes over the wire, for what is not JSON: files and streams. */
export async function respond<I extends OperationId>(
  id: I,
  input: CallOf<I>,
  accept: string,
  options: CallOptions = {},
): Promise<Response> {
  const shape = shapeOf(id)
  const { path, body } = requestOf(shape, input)
  const init: RequestInit = {
    method: shape.method,
    headers: {
      accept,
      ...(body !== undefined && { 'content-type': 'application/json' }),
      ...(options.version !== undefined && { 'if-match': `"${options.version}"` }),
      ...(options.idempotencyKey && { 'idempotency-key': options.idempotencyKey }),
      ...(options.lastEventId !== undefined && { 'last-event-id': options.lastEventId }),
    },
    ...(body !== undefined && { body }),
    ...(options.signal && { signal: options.signal }),
  }
  const response = await carried(path, init)
  if (response.ok) return response
  const refused = await problemFrom(response)
  if (refused.code !== 'step_up_required') throw new ApiError(refused)
  // What was asked is finished after the person has confirmed, once; nothing typed is lost.
  const { version, idempotencyKey } = options
  await carrier.confirm({
    id,
    ...(shape.kept && {
      input,
      ...(version !== undefined && { version }),
      ...(idempotencyKey && { idempotencyKey }),
    }),
  })
  const again = await carried(path, init)
  if (!again.ok) throw new ApiError(await problemFrom(again))
  return again
}

/** What came too fast comes again when it may: nothing of it was done (429, RFC 6585 section 4). */
async function carried(path: string, init: RequestInit): Promise<Response> {
  for (let again = 0; ; again++) {
    const response = await carrier.fetch(path, init)
    const seconds = Number(response.headers.get('retry-after'))
    const soon = response.status === 429 && seconds > 0 && seconds <= longestWaitSeconds
    if (!soon || again === mostAgain) return response
    await response.body?.cancel()
    // What is no longer wanted by then is told by `fetch`.
    await rest(seconds * 1000, init.signal)
  }
}
const longestWaitSeconds = 5
const mostAgain = 5

async function answerOf<T>(response: Response): Promise<T> {
  return (response.status === 204 ? undefined : await response.json()) as T
}

/** Query key and fetcher, made together: `useQuery(query('contexts.view', { contextId }))`. */
export function query<I extends OperationId>(id: I, input: CallOf<I>) {
  return queryOptions<OutputOf<I>>({
    queryKey: [...id.split('.'), input],
    queryFn: ({ signal }) => call(id, input, { signal }),
  })
}

type Paged = { items: unknown[]; next?: string | undefined }

/** A list page by page, by its cursor. */
export function pages<I extends OperationId>(id: I, input: CallOf<I>) {
  return infiniteQueryOptions({
    queryKey: [...id.split('.'), 'pages', input],
    initialPageParam: undefined as string | undefined,
    queryFn: ({ signal, pageParam }) =>
      call(id, { ...input, ...(pageParam && { cursor: pageParam }) }, { signal }),
    getNextPageParam: (last) => (last as Paged).next,
  })
}

/** What a change is given: the operation's input, and the version that it changes where that is asked. */
export interface Change<I extends OperationId> {
  readonly input: CallOf<I>
  readonly version?: number
}

/** A change that makes everything known of its noun stale. */
export function useChange<I extends OperationId>(id: I) {
  const client = useQueryClient()
  return useMutation<OutputOf<I>, Error, Change<I>>({
    mutationKey: [id],
    mutationFn: ({ input, version }) =>
      call(id, input, {
        ...(version !== undefined && { version }),
        ...(shapeOf(id).method === 'POST' && { idempotencyKey: crypto.randomUUID() }),
      }),
    onSuccess: () => client.invalidateQueries({ queryKey: [id.split('.')[0]] }),
  })
}
