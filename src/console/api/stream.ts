import type { CallOf, OperationId, OutputOf } from '../../contract/index.ts'
import { respond } from './client.ts'

/**
 * Follows an operation that answers with server-sent events. By fetch, not EventSource, which cannot carry the session's
 * proof. Ends when the server closes; the caller takes up again with the last id.
 */
export async function* follow<I extends OperationId>(
  id: I,
  input: CallOf<I>,
  options: { signal: AbortSignal; lastEventId?: string },
): AsyncGenerator<{ id: string; data: OutputOf<I> }> {
  const response = await respond(id, input, 'text/event-stream', options)
  const reader = response.body?.pipeThrough(new TextDecoderStream()).getReader()
  if (!reader) return
  let rest = ''
  for (;;) {
    const { done, value } = await reader.read()
    if (done) return
    const blocks = `${rest}${value}`.replaceAll('\r\n', '\n').split('\n\n')
    rest = blocks.pop() ?? ''
    for (const block of blocks) {
      const field = (name: string) =>
        block
          .split('\n')
          .filter((line) => line.startsWith(`${name}:`))
          .map((line) => line.slice(name.length + 1).trimStart())
          .join('\n')
      const data = field('data')
      // A block without data is a heartbeat.
      if (data) yield { id: field('id'), data: JSON.parse(data) as OutputOf<I> }
    }
  }
}
