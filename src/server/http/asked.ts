import type { Readable } from 'node:stream'
import type { OperationId } from '../../contract/index.ts'
import { printableJson } from '../../contract/printable.ts'
import type { OperationSpec } from '../../contract/operation.ts'
import { Nothing } from '../../contract/page.ts'
import type { FileBody } from './download.ts'
import { etagOf } from './if-match.ts'
import { problem } from './problem.ts'
import type { RequestFacts } from './scope.ts'

/** One request as it came, before anything of it is believed. */
export interface Asked {
  readonly spec: OperationSpec
  readonly id: OperationId
  readonly request: RequestFacts
  readonly headers: Readonly<{ [name: string]: readonly string[] | undefined }>
  readonly params: Readonly<{ [name: string]: string }>
  readonly query: Readonly<{ [name: string]: unknown }>
  readonly body: Buffer | undefined
}

export interface Answered {
  readonly status: number
  readonly body?: string
  /** What is read and sent when everything is committed, instead of a body. */
  readonly file?: FileBody
  readonly headers: Readonly<{ [name: string]: string }>
}

/** Whether the answer is read in a terminal: `Accept: text/plain`, where the operation knows how it reads there. */
export const inTerminal = ({ spec, headers }: Pick<Asked, 'spec' | 'headers'>) =>
  spec.terminal !== undefined && /^\s*text\/plain\b/i.test(headers['accept']?.[0] ?? '')

/** An answer as it is sent: whole, or a file that is read while it is taken. */
export interface Sent extends Omit<Answered, 'body'> {
  readonly body?: string | Readable
}

/** Whether an operation may write. */
export const changes = (spec: OperationSpec) => spec.method !== 'GET' && !spec.readOnly

/** Whether runs ask for it and nobody else: by their CI's token, or by a lease. */
export const ofRuns = ({ may }: OperationSpec) => may === 'workload' || may === 'lease'

/** The answer to a repeated request: the one that was given the first time. */
export function replayed(
  spec: OperationSpec,
  { status, answer }: { status: number; answer: string | null },
): Answered {
  if (answer === null || spec.revealsOnce) {
    throw problem(
      'already_delivered',
      'This was done, and what it showed once is not kept. Make another if you did not receive it.',
    )
  }
  const etag = answer ? etagOf(JSON.parse(answer)) : undefined
  const headers = {
    'content-type': 'application/json',
    'idempotent-replayed': 'true',
    ...(etag && { etag }),
  }
  return { status, ...(answer && { body: answer }), headers }
}

/** What is no text has no letters to be encoded. */
const isBytes = (media: string) => /\/(zip|pdf)$/.test(media)

/** The answer to the wire: parsed by what the operation declares, so that nothing else can leave. */
export function answerOf(asked: Asked, result: unknown): Answered {
  const { spec, id } = asked
  if (spec.media) {
    const given = result as { body: FileBody; filename: string; media?: string }
    const { body, filename, media = spec.media } = given
    const headers = {
      'content-type': isBytes(media) ? media : `${media}; charset=utf-8`,
      'content-disposition': `attachment; filename="${filename}"`,
    }
    return { status: 200, file: body, headers }
  }
  if (spec.returns === Nothing) return { status: 204, headers: {} }
  // Parsed on its way out: a column that should not leave cannot.
  const answer: unknown = spec.returns.parse(result)
  if (spec.terminal && inTerminal(asked)) {
    const body = spec.terminal(answer as never)
    return { status: 200, body, headers: { 'content-type': 'text/plain; charset=utf-8' } }
  }
  const etag = etagOf(answer)
  return {
    status: id.endsWith('.create') ? 201 : 200,
    body: printableJson(answer),
    headers: { 'content-type': 'application/json', ...(etag && { etag }) },
  }
}
